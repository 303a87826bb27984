"""Person names: titles and suffixes apart, turned the right way round, nicknames known, in Latin."""

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

from regard.identity.fold_text import fold, name_token

_GENERATIONS = {
    "jr": "jr", "junior": "jr", "jun": "jr", "jnr": "jr", "sr": "sr", "senior": "sr", "sen": "sr",
    "snr": "sr",
    "i": "i", "ii": "ii", "iii": "iii", "iv": "iv", "2nd": "ii", "3rd": "iii", "4th": "iv",
}  # fmt: skip
_SURNAMES_TOO = frozenset({"ma", "ba", "med"})


class PersonName(NamedTuple):
    """Parts as compared; '' = not known. ``roots`` are the names a nickname may stand for."""

    given: str = ""
    middle: str = ""
    family: str = ""
    generation: str = ""
    roots: tuple[str, ...] = ()
    family_parts: tuple[str, ...] = ()


class _NameWords(NamedTuple):
    titles: frozenset[str]
    degrees: frozenset[str]
    particles: frozenset[str]
    junk: frozenset[str]
    roots: Mapping[str, tuple[str, ...]]


@cache
def _name_words() -> _NameWords:
    raw: dict[str, Any] = tomllib.loads(
        resources.files("regard.identity").joinpath("name_sets.toml").read_text(encoding="utf-8")
    )
    roots: dict[str, set[str]] = {}
    for line in raw["nicknames"]:
        forms = [name_token(fold(word)) for word in line.split()]
        for form in forms:
            roots.setdefault(form, set()).add(forms[0])
    return _NameWords(
        frozenset(raw["titles"]),
        frozenset(raw["degrees"]),
        frozenset(raw["particles"]),
        frozenset(raw["junk"]),
        {form: tuple(sorted(found)) for form, found in roots.items()},
    )


def name_roots(given: str) -> tuple[str, ...]:
    """The given names ``given`` (as compared) may be a form of; itself when it is no known form."""
    return _name_words().roots.get(given, (given,) if given else ())


def generation_of(text: str) -> str:
    """'Junior', 'jr.' -> 'jr'; '' when the text names no generation."""
    return _GENERATIONS.get(fold(text).replace(".", "").replace(" ", ""), "")


def _tokens(text: str) -> list[str]:
    folded = fold(text).replace(".", " ").replace("-", " ").replace("/", " ")
    found = ("".join(c for c in word if c.isalnum() or c == "'") for word in folded.split())
    return [word for word in (token.strip("'") for token in found) if word]


def _strip_titles(tokens: list[str]) -> list[str]:
    known = _name_words()
    start = 0
    while start < len(tokens) - 1 and tokens[start] in known.titles:
        start += 1
    end = len(tokens)
    while end - start > 1 and tokens[end - 1] in known.degrees and tokens[end - 1] not in _SURNAMES_TOO:
        end -= 1
    return tokens[start:end]


def _take_generation(tokens: list[str]) -> tuple[list[str], str]:
    if len(tokens) > 1 and tokens[-1] in _GENERATIONS and tokens[-1] != "i":
        return tokens[:-1], _GENERATIONS[tokens[-1]]
    return tokens, ""


def _split_full(text: str) -> tuple[list[str], list[str], str]:
    """(given tokens, family tokens, generation) of a name written as one text."""
    known = _name_words()
    before, comma, after = text.partition(",")
    if comma and after.strip():
        tail = _tokens(after)
        if len(tail) == 1 and tail[0] in _GENERATIONS:
            given, family, _ = _split_full(before)
            return given, family, _GENERATIONS[tail[0]]
        if not all(token in known.degrees for token in tail):
            tail, generation = _take_generation(_strip_titles(tail))
            head, other = _take_generation(_strip_titles(_tokens(before)))
            return tail, head, generation or other
        text = before
    tokens, generation = _take_generation(_strip_titles(_tokens(text)))
    if len(tokens) <= 1:
        return tokens, [], generation
    cut = len(tokens) - 1
    while cut > 1 and tokens[cut - 1] in known.particles:
        cut -= 1
    return tokens[:cut], tokens[cut:], generation


@lru_cache(maxsize=65_536)
def parse_name(given: str, middle: str, family: str, full: str, generation: str) -> PersonName:
    """One person's name from whatever the source has; separate columns win over the full text."""
    if given or family:
        first, found_a = _take_generation(_strip_titles(_tokens(given)))
        last, found_b = _take_generation(_strip_titles(_tokens(family)))
        found = found_b or found_a
    else:
        first, last, found = _split_full(full)
    if all(token in _name_words().junk for token in [*first, *last]):
        return PersonName(generation=generation_of(generation) or found)
    others = [*first[1:], *_tokens(middle)]
    head = name_token(first[0]) if first else ""
    parts = tuple(name_token(token) for token in last)
    particles = _name_words().particles
    return PersonName(
        given=head,
        middle=" ".join(name_token(token) for token in others),
        family="".join(parts),
        generation=generation_of(generation) or found,
        roots=name_roots(head),
        family_parts=tuple(part for part in parts if part not in particles) if len(parts) > 1 else (),
    )
