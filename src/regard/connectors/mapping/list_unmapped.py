"""What a mapping does not read of a record: kept beside its fields, shown in the editor, never dropped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from regard.connectors.mapping.mask_steps import mask_step
from regard.connectors.mapping.read_paths import is_blank

_INDEX = re.compile(r"\[[^\]]*\]")
_DEEPEST = 6
_MOST = 300
_LONGEST_TEXT = 4_000


def unmapped_places(root: Mapping[str, Any], read: Iterable[str]) -> list[str]:
    """The places of filled values that none of the paths reads, lists of objects as a whole, in order."""
    return [place for place, _ in _unread(root, read)]


def shown_unmapped_places(root: Mapping[str, Any], read: Iterable[str]) -> list[str]:
    """The same for people and for keeping: keys that look like values are `*`, each place once."""
    return list(dict.fromkeys(shown for _, shown in _unread(root, read)))


def _unread(root: Mapping[str, Any], read: Iterable[str]) -> list[tuple[str, str]]:
    covered = {_bare(place) for place in read}
    return [
        (place, shown)
        for place, shown in _leaves(root, "", "", 1)
        if not any(place == one or place.startswith((f"{one}.",)) for one in _prefixes(place) & covered)
        and not _is_parent(place, covered)
    ]


def unmapped_values(root: Mapping[str, Any], places: Iterable[str]) -> dict[str, Any]:
    """The values at those places: scalars and lists of scalars as they are, anything else as JSON text."""
    values: dict[str, Any] = {}
    for place in places:
        if len(values) >= _MOST:
            break
        values[place[:200]] = _kept(_at(root, place))
    return values


def _bare(place: str) -> str:
    return _INDEX.sub("", place).replace('"', "").removeprefix("$.")


def _prefixes(place: str) -> set[str]:
    parts = place.split(".")
    return {".".join(parts[:end]) for end in range(1, len(parts) + 1)}


def _is_parent(place: str, covered: set[str]) -> bool:
    """A list of objects of which something is read counts as read."""
    return any(one.startswith(f"{place}.") for one in covered)


def _leaves(
    value: Mapping[str, Any], prefix: str, shown_prefix: str, depth: int
) -> Iterator[tuple[str, str]]:
    for key, one in value.items():
        place, shown = f"{prefix}{key}", f"{shown_prefix}{mask_step(str(key))}"
        if isinstance(one, Mapping) and depth < _DEEPEST:
            yield from _leaves(one, f"{place}.", f"{shown}.", depth + 1)
        elif not is_blank(one):
            yield place, shown


def _at(root: Mapping[str, Any], place: str) -> Any:  # noqa: ANN401 - any JSON value
    value: Any = root
    rest = place
    while isinstance(value, Mapping) and rest:
        if rest in value:
            return value[rest]
        key = next((key for key in value if rest.startswith(f"{key}.")), None)
        if key is None:
            return None
        value, rest = value[key], rest[len(key) + 1 :]
    return value


def _kept(value: object) -> object:
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list) and all(isinstance(one, str | int | float | bool) for one in value):
        return value[:100]
    return json.dumps(value, ensure_ascii=False, sort_keys=True)[:_LONGEST_TEXT]
