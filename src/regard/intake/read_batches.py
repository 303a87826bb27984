"""Takes a pushed body apart into its items, so that one bad item spoils no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from regard.intake.inflate_bodies import BodyTooLargeError
from regard.intake.read_json import JsonRefusedError, read_json

# Possessive, and a text without end runs to the end: a hostile body is passed over once.
_STRUCTURE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"(?:[ \t\r\n]*+:)?|\\?\Z)|[\[\]{},]', re.DOTALL)


# A batch of real events has about 300,000 of them in 4 MB; looking at more would keep others waiting.
_MOST_SIGNS = 400_000


@dataclass(frozen=True, slots=True)
class Piece:
    """One item of a batch: its value, or its text and why it cannot be read."""

    value: Any = None
    text: bytes | None = None
    fault: JsonRefusedError | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The items of a body and the members that stood around their list."""

    pieces: list[Piece]
    envelope: dict[str, Any]


def read_batch(text: bytes, key: str, most: int) -> Batch:
    """The items of `{key: [..]}`, of a bare list, or the one object; the whole text must be sound JSON.

    Raises `JsonRefusedError`, or `BodyTooLargeError` for more than `most` items.
    """
    value = read_json(text)
    envelope: dict[str, Any] = {}
    if isinstance(value, dict) and set(value) == {key}:
        value = value[key]
        if not isinstance(value, list):
            raise JsonRefusedError(f"“{key}” must be a list of items")
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise JsonRefusedError(f"the body must be an item, a list of items, or an object with “{key}”")
    _check_count(len(value), most)
    return Batch([Piece(one) for one in value], envelope)


def read_batch_leniently(text: bytes, key: str, most: int) -> Batch:
    """The items of `{key: [..], ..}`; items that are no sound JSON come as pieces with their fault.

    Raises `JsonRefusedError` when the body around the items is unsound, `BodyTooLargeError` like above.
    """
    try:
        value = read_json(text)
    except JsonRefusedError as fault:
        return _take_apart(text, key, most, fault)
    if not isinstance(value, dict) or not isinstance(value.get(key), list):
        raise JsonRefusedError(f"the body must be an object with the list “{key}”")
    items = value.pop(key)
    _check_count(len(items), most)
    return Batch([Piece(one) for one in items], value)


def _take_apart(text: bytes, key: str, most: int, fault: JsonRefusedError) -> Batch:
    found = _find_items(text, key.encode())
    if found is None:
        raise fault
    spans, start, end = found
    envelope = read_json(text[:start] + text[end:])
    if not isinstance(envelope, dict):
        raise fault
    envelope.pop(key, None)
    _check_count(len(spans), most)
    return Batch([_read_piece(text[begin:stop].strip()) for begin, stop in spans], envelope)


def _read_piece(text: bytes) -> Piece:
    try:
        return Piece(read_json(text))
    except JsonRefusedError as fault:
        return Piece(text=text, fault=fault)


def _check_count(count: int, most: int) -> None:
    if count > most:
        raise BodyTooLargeError(
            f"The body holds {count:,} items, more than {most:,}; nothing of it was kept."
            " Send smaller batches."
        )


def _find_items(text: bytes, key: bytes) -> tuple[list[tuple[int, int]], int, int] | None:
    """Where the items of the member `key` of the outermost object lie, told by brackets alone.

    Also where the inside of their list begins and ends. None when brackets do not match or there is
    no such list.
    """
    tokens = islice(_STRUCTURE.finditer(text), _MOST_SIGNS)
    start = _find_list(tokens, b'"%s"' % key)
    if start is None:
        return None
    spans: list[tuple[int, int]] = []
    depth, begin = 0, start
    for match in tokens:
        token = match[0]
        if token in b"[{":
            depth += 1
        elif token in b"]}" and depth:
            depth -= 1
        elif depth == 0 and token in b",]":
            if text[begin : match.start()].strip():
                spans.append((begin, match.start()))
            begin = match.end()
            if token == b"]":
                return spans, start, match.start()
    return None


def _find_list(tokens: Iterator[re.Match[bytes]], name: bytes) -> int | None:
    depth, last = 0, b""
    for match in tokens:
        token = match[0]
        if depth == 1 and token == b"[" and last == name:
            return match.end()
        if token in b"[{":
            depth += 1
        elif token in b"]}":
            depth -= 1
        last = token[:-1].rstrip() if token.endswith(b":") else b""
    return None
