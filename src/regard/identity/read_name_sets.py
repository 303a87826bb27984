"""The words about names this room ships: titles, degrees, particles, nicknames."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from regard.identity.fold_text import fold, name_token


class NameWords(NamedTuple):
    """Folded words by what they do in a name; ``roots``: form as compared -> the names it may stand for."""

    titles: frozenset[str]
    title_tails: frozenset[str]
    degrees: frozenset[str]
    particles: frozenset[str]
    patronymic: frozenset[str]
    former: frozenset[str]
    junk: frozenset[str]
    iberian: frozenset[str]
    roots: Mapping[str, tuple[str, ...]]


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
    plain = {name: frozenset(map(fold, raw[name])) for name in NameWords._fields if name != "roots"}
    return NameWords(**plain, roots={form: tuple(found) for form, found in roots.items()})
