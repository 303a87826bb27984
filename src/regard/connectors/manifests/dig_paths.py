"""Values at a path inside JSON: `*` stands for every member, `**` for every depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any

_DEEPEST = 60


def dig(value: Any, path: Sequence[str]) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The value at a plain path; None when there is none. A negative number counts from the end."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list):
            value = _at(value, step)
        else:
            return None
    return value


def dig_all(value: Any, path: Sequence[str]) -> Iterator[Any]:  # noqa: ANN401
    """Every value that a path with stars leads to."""
    if not path:
        yield value
        return
    step, rest = path[0], path[1:]
    if step == "**":
        yield from dig_all(value, rest)
        for below in _members(value):
            yield from dig_all(below, path)
    elif step == "*":
        for below in _members(value):
            yield from dig_all(below, rest)
    elif isinstance(value, Mapping) and step in value:
        yield from dig_all(value[step], rest)
    elif isinstance(value, list) and (found := _at(value, step)) is not None:
        yield from dig_all(found, rest)


def put(record: MutableMapping[str, Any], path: Sequence[str], value: Any) -> None:  # noqa: ANN401
    """Set the value at a path, making the objects on the way."""
    place: Any = record
    for step in path[:-1]:
        if isinstance(place, list):
            place = _at(place, step)
            continue
        if not isinstance(place, MutableMapping):
            return
        inside = place.get(step)
        if not isinstance(inside, MutableMapping | list):
            inside = place[step] = {}
        place = inside
    if isinstance(place, MutableMapping):
        place[path[-1]] = value
    elif isinstance(place, list) and _at(place, path[-1]) is not None:
        place[int(path[-1])] = value


def holders(value: Any, path: Sequence[str], depth: int = 0) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
    """Every (container, key) that a path with stars leads to; containers may be changed afterwards."""
    if not path or depth > _DEEPEST:
        return
    step, rest = path[0], path[1:]
    if step == "**":
        for key, below in _pairs(value):
            if not rest:
                yield value, key
            yield from holders(below, path, depth + 1)
        if rest:
            yield from holders(value, rest, depth + 1)
        return
    for key, below in _pairs(value):
        if step in {"*", str(key)}:
            if rest:
                yield from holders(below, rest, depth + 1)
            else:
                yield value, key


def split_key(record: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401
    """The value of a key, or of a path written with slashes or points."""
    if key in record:
        return record[key]
    for between in ("/", "."):
        if between in key:
            found = dig(record, [part for part in key.split(between) if part])
            if found is not None:
                return found
    return None


def _at(values: list[Any], step: str) -> Any:  # noqa: ANN401
    try:
        return values[int(step)]
    except (ValueError, IndexError):
        return None


def _members(value: Any) -> list[Any]:  # noqa: ANN401
    return [below for _, below in _pairs(value)]


def _pairs(value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401
    if isinstance(value, Mapping):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
