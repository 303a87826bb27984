"""Person names: titles and suffixes apart, turned the right way round, nicknames known, in Latin."""

from functools import lru_cache
from typing import NamedTuple

from regard.identity.fold_text import NOTHING, clean, fold, name_token, says_nothing
from regard.identity.read_name_sets import GENERATIONS, LATE_GENERATIONS, name_words
from regard.identity.split_names import (
    KOREAN_FAMILIES,
    capitals_first,
    family_start,
    korean_name,
    name_tokens,
    strip_titles,
    take_asides,
    take_generation,
)

_SAID_GENERATIONS = {
    "i": "i", "1st": "i", "v": "v", "5th": "v", "vi": "vi", "2": "ii", "3": "iii", "4": "iv", "1": "i",
    "dj": "jr", "da": "sr", "son": "jr", "father": "sr", "second": "ii", "third": "iii", "fourth": "iv",
}  # fmt: skip
_NEVER_NAMES = frozenset({"jr", "jnr", "sr", "snr", "ii", "iii", "2nd", "3rd"})
"""Suffixes that are part of nobody's name, wherever they stand."""
_SERVANT = frozenset({"abd", "abdul", "abdel", "abdal", "abdoul", "abdol"})
_ARTICLES = frozenset({"al", "el", "ul", "ur", "er", "as", "ar"})
_DOUBLE = 2


class PersonName(NamedTuple):
    """Parts as compared; '' = not known. ``roots`` are the names a nickname may stand for.

    ``family_parts``: the words a family name of several words is made of, particles left out, and a former
    name ('née Meyer'); empty for a family name of one word.
    """

    given: str = ""
    middle: str = ""
    family: str = ""
    generation: str = ""
    roots: tuple[str, ...] = ()
    family_parts: tuple[str, ...] = ()


class _Given(NamedTuple):
    head: str = ""
    others: str = ""
    generation: str = ""
    roots: tuple[str, ...] = ()
    known: bool = False


class _Family(NamedTuple):
    whole: str = ""
    parts: tuple[str, ...] = ()
    generation: str = ""
    known: bool = False


_NO_GIVEN, _NO_FAMILY = _Given(), _Family()


def parse_name(given: str, middle: str, family: str, full: str, generation: str) -> PersonName:
    """One person's name from whatever the source has, raw; separate columns win over the full text."""
    first = _given_column(given) if given else _NO_GIVEN
    last = _family_column(family) if family else _NO_FAMILY
    if full and not (first.head and last.whole):
        other_first, other_last = _split_full(clean(full))
        first = first if first.head else other_first
        last = last if last.whole else other_last
    said = (
        (generation_of(generation) if generation else "")
        or last.generation
        or first.generation
        or (written_generation(full) if full else "")
    )
    if not (first.known or last.known):
        return PersonName(generation=said)
    others = first.others
    if middle and (more := _middle_column(middle)):
        others = f"{others} {more}" if others and others != more else more
    return PersonName(first.head, others, last.whole, said, first.roots, last.parts)


def name_roots(given: str) -> tuple[str, ...]:
    """The given names ``given`` (as compared) may be a form of, likeliest first; itself if none."""
    return name_words().roots.get(given, (given,) if given else ())


def is_known_name(given: str) -> bool:
    """Is ``given`` (as compared) a given name or a form of one that the lists of names know?"""
    words = name_words()
    return given in words.roots or given in words.plain


def generation_of(text: str) -> str:
    """'Junior', 'jr.' -> 'jr'; '' when the text names no generation."""
    word = fold(text).replace(".", "").replace(" ", "")
    return GENERATIONS.get(word) or LATE_GENERATIONS.get(word) or _SAID_GENERATIONS.get(word, "")


@lru_cache(maxsize=32_768)
def written_generation(full: str) -> str:
    """The generation a whole name tells in its middle or at its end: 'Karl Jr. Brandt' -> 'jr'."""
    words = name_tokens(full)
    tail = take_generation(words, least=_DOUBLE)[1]
    return tail or next((GENERATIONS[word] for word in words[1:] if word in _NEVER_NAMES), "")


@lru_cache(maxsize=32_768)
def _given_column(text: str) -> _Given:
    body, asides, _ = take_asides(clean(text))
    tokens, generation = take_generation(strip_titles(name_tokens(body)), least=1)
    return _given([] if name_words().junk.issuperset(tokens) else tokens, generation, asides)


@lru_cache(maxsize=65_536)
def _family_column(text: str) -> _Family:
    body, asides, former = take_asides(KOREAN_FAMILIES.get(text) or clean(text))
    if ", " in body and (found := _split_full(body))[1].whole and found[0].head == "":
        return found[1]
    tokens, generation = take_generation(strip_titles(name_tokens(body)), least=1)
    return _family([] if name_words().junk.issuperset(tokens) else tokens, generation, [*former, *asides])


@lru_cache(maxsize=32_768)
def _middle_column(text: str) -> str:
    if says_nothing(text):
        return ""
    tokens = name_tokens(clean(text))
    return " ".join(name_token(token) for token in tokens if token not in name_words().patronymic)


def _given(tokens: list[str], generation: str, asides: list[str]) -> _Given:
    if len(tokens) == 1 and not asides:
        found = _given_word(tokens[0])
        return found if not generation else found._replace(generation=generation)
    return _given_words(tokens, generation, asides)


@lru_cache(maxsize=32_768)
def _given_word(token: str) -> _Given:
    return _given_words([token], "", [])


def _given_words(tokens: list[str], generation: str, asides: list[str]) -> _Given:
    if not tokens:
        return _Given(generation=generation)
    if tokens[0] in _SERVANT and len(tokens) > 1:
        rest = tokens[2:] if tokens[1] in _ARTICLES and len(tokens) > _DOUBLE else tokens[1:]
        tokens = ["abdul" + rest[0], *rest[1:]]
    head = name_token(tokens[0])
    roots = name_roots(head)
    for aside in asides:
        roots += tuple(root for root in name_roots(name_token(aside)) if root not in roots)
    kept = (token for token in tokens[1:] if token not in name_words().patronymic)
    others = " ".join(name_token(token) for token in kept if token not in _NEVER_NAMES)
    return _Given(head, others, generation, roots, known=True)


def _family(tokens: list[str], generation: str, former: list[str]) -> _Family:
    if len(tokens) == 1 and not former:
        found = _family_word(tokens[0])
        return found if not generation else found._replace(generation=generation)
    return _family_words(tokens, generation, former)


@lru_cache(maxsize=65_536)
def _family_word(token: str) -> _Family:
    return _family_words([token], "", [])


def _family_words(tokens: list[str], generation: str, former: list[str]) -> _Family:
    if not tokens:
        return _Family(generation=generation)
    parts = tuple(name_token(token) for token in tokens)
    found: tuple[str, ...] = ()
    if len(parts) > 1 or former:
        kept = [part for part in parts if part not in name_words().particles] + [
            name_token(word) for word in former
        ]
        found = tuple(dict.fromkeys(kept)) if len(parts) > 1 or len(set(kept)) > 1 else ()
    return _Family("".join(parts), found, generation, known=True)


def _split_full(text: str) -> tuple[_Given, _Family]:
    """Given and family name of a name written as one text, cleaned."""
    if not text.isascii() and (korean := korean_name(text)):
        return _given([korean[0]], "", []), _family([korean[1]], "", [])
    if text.replace(" ", "").isalpha() and not (text[:2].isupper() and not text.isupper()):
        folded = fold(text)
        tokens = folded.split()
        known = name_words()
        if known.junk.issuperset(tokens):
            return _NO_GIVEN, _NO_FAMILY
        # The usual two or three words with nothing special about them.
        if len(tokens) > 1 and folded not in NOTHING and known.special.isdisjoint(tokens):
            cut = family_start(tokens, known)
            return _given(tokens[:cut], "", []), _family(tokens[cut:], "", [])
    return _split_written(text)


def _split_written(text: str) -> tuple[_Given, _Family]:
    text, asides, former = take_asides(text)
    before, comma, after = text.partition(",")
    if comma and after.strip(" ,"):
        tail = name_tokens(after)
        if len(tail) == 1 and tail[0] in GENERATIONS:
            given, family = _split_full(before.strip())
            return given, family._replace(generation=GENERATIONS[tail[0]])
        if tail and not all(token in name_words().degrees for token in tail):
            if name_words().junk.issuperset(tail + name_tokens(before)):
                return _NO_GIVEN, _NO_FAMILY
            tail, generation = take_generation(strip_titles(tail), least=_DOUBLE)
            head, other = take_generation(strip_titles(name_tokens(before)), least=1)
            return _given(tail, generation, asides), _family(head, other or generation, former)
        text = before
    all_tokens = name_tokens(text)
    if name_words().junk.issuperset(all_tokens):
        return _NO_GIVEN, _NO_FAMILY
    bare = strip_titles(all_tokens)
    tokens, generation = take_generation(bare, least=_DOUBLE)
    if len(tokens) == 1:
        if all_tokens[0] != tokens[0]:  # 'Mr Smith'
            return _NO_GIVEN, _family(tokens, generation, former)
        return _given(tokens, generation, asides), _Family(generation=generation)
    if front := capitals_first(text, tokens):
        return _given(tokens[front:], generation, asides), _family(tokens[:front], generation, former)
    cut = family_start(tokens, name_words())
    return _given(tokens[:cut], generation, asides), _family(tokens[cut:], generation, former)
