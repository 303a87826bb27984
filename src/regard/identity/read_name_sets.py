"""The words about names this room ships: titles, degrees, particles, nicknames."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from regard.identity.fold_text import fold, name_token


class NameWords(NamedTuple):
    """Folded words by what they do in a name; ``roots``: form as compared -> the names it may stand for;
    ``plain``: given names, as compared, without other forms.

    ``special``: words that are no name everywhere: titles, degrees, markers of a former name, generations.
    """

    titles: frozenset[str]
    title_tails: frozenset[str]
    degrees: frozenset[str]
    particles: frozenset[str]
    patronymic: frozenset[str]
    former: frozenset[str]
    junk: frozenset[str]
    iberian: frozenset[str]
    special: frozenset[str]
    plain: frozenset[str]
    roots: Mapping[str, tuple[str, ...]]


_LISTS = ("titles", "title_tails", "degrees", "particles", "patronymic", "former", "junk", "iberian")
GENERATIONS = {
    "jr": "jr", "junior": "jr", "jun": "jr", "jnr": "jr", "sr": "sr", "senior": "sr", "sen": "sr", "snr":
    "sr",
    "ii": "ii", "iii": "iii", "iv": "iv", "2nd": "ii", "3rd": "iii", "4th": "iv",
    "mlodszy": "jr", "starszy": "sr", "mladsi": "jr", "starsi": "sr", "mladshii": "jr", "starshii": "sr",
}  # fmt: skip
LATE_GENERATIONS = {
    "filho": "jr",
    "hijo": "jr",
    "fils": "jr",
    "neto": "neto",
    "sobrinho": "sobrinho",
    "pere": "sr",
}
"""Suffixes that are family names too: they count only behind a given and a family name."""


@cache
def name_words() -> NameWords:
    """The file, read once."""
    raw: dict[str, Any] = tomllib.loads(
        resources.files("regard.identity").joinpath("name_sets.toml").read_text(encoding="utf-8")
    )
    sets: dict[str, set[str]] = {}
    for line in raw["nicknames"]:
        forms = [name_token(fold(word)) for word in line.split()]
        sets.setdefault(forms[0], set()).update(forms)
    roots: dict[str, list[str]] = {}
    # The name with most forms first: it is the commoner reading of a short form such as 'Jan'.
    for root in sorted(sets, key=lambda root: (-len(sets[root]), root)):
        for form in sets[root]:
            roots.setdefault(form, []).append(root)
    lists = {name: frozenset(map(fold, raw[name])) for name in _LISTS}
    special = frozenset({*GENERATIONS, *LATE_GENERATIONS, "d", "der"}).union(
        lists["titles"], lists["degrees"], lists["former"]
    )
    return NameWords(
        **lists,
        special=special,
        plain=frozenset(name_token(fold(word)) for word in raw["plain"]),
        roots={form: tuple(found) for form, found in roots.items()},
    )
