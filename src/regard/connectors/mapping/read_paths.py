"""Paths into a JSON record.

Such as `a.b`, `a[0]`, `a[*].b`, `a[type=mobile].number`, `"a.b".c`; `$` is the record, `@` the element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from regard.connectors.read_values import plain_text

_PART = re.compile(
    r"""(?:"(?P<quoted>[^"]+)"|(?P<key>[^.\[\]"]+))|\[(?P<index>-?\d+|\*)\]|\[(?P<name>[^=\]]+)=(?P<wanted>[^\]]*)\]"""
)

Step = str | int | tuple[str, str]
Path = tuple[Step, ...]
EVERY = -(10**9)
"""The step `[*]`."""


class PathError(Exception):
    """A path that cannot be read; the message says which and how to write one."""


@lru_cache(maxsize=10_000)
def parse_path(text: str) -> Path:
    """The steps of a path; raises `PathError`."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        if text[at] == "." and steps:
            at += 1
        match = _PART.match(text, at)
        if match is None:
            raise PathError(f"“{text[:80]}” is no path; write it like address.city or phones[0].number")
        at = match.end()
        if match["index"] is not None:
            steps.append(EVERY if match["index"] == "*" else int(match["index"]))
        elif match["name"] is not None:
            steps.append((match["name"], match["wanted"]))
        else:
            steps.append(match["quoted"] or match["key"])
    if not steps:
        raise PathError("a path is empty; write it like address.city")
    return tuple(steps)


def read_path(text: str, element: object, root: object) -> list[Any]:
    """The values at a path, empty ones (null, blank text) left out."""
    path = parse_path(text)
    value = element
    if path[0] == "$":
        value, path = root, path[1:]
    elif path[0] == "@":
        path = path[1:]
    return [one for one in _follow(value, path) if not is_blank(one)]


def is_blank(value: object) -> bool:
    """Whether a value says nothing."""
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _follow(value: object, path: Path) -> Iterator[Any]:
    if not path:
        yield value
        return
    for one in _step(value, path[0]):
        yield from _follow(one, path[1:])


def _step(value: object, step: Step) -> Sequence[Any]:
    """The values one step further."""
    if isinstance(step, str):
        return [value.get(step)] if isinstance(value, Mapping) else []
    if not isinstance(value, list):
        # A list of one is often written as the one itself.
        return [value] if step in (0, EVERY) and value is not None else []
    if isinstance(step, tuple):
        name, wanted = step
        return [one for one in value if isinstance(one, Mapping) and plain_text(one.get(name)) == wanted]
    if step == EVERY:
        return value
    return [value[step]] if -len(value) <= step < len(value) else []
