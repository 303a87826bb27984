"""Turns one JSON object into the cells of a row: strict, no number rounded, nested names joined with dots."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from regard.connectors.files.describe_table import Cell, Cells

_DEEPEST = 64
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=str)


class NotARowError(ValueError):
    """The text is not one strict JSON object; `code` and the message say why, `column` where."""

    def __init__(self, code: str, problem: str, column: str | None = None) -> None:
        super().__init__(problem)
        self.code = code
        self.column = column


def decode_strictly(raw: bytes) -> Any:  # noqa: ANN401  # JSON is anything
    """The value of a JSON text; numbers with a fraction stay text as written. Raises `NotARowError`.

    Refused: NaN and Infinity, nesting beyond 64, repeated keys, lone surrogates, broken UTF-8.
    """
    try:
        value = _decoder.decode(raw)
    except UnicodeDecodeError as problem:
        raise NotARowError(
            "broken_bytes", f"the line is not UTF-8 (byte {problem.start + 1}); write it anew"
        ) from None
    except RecursionError:
        raise NotARowError(
            "too_deep", f"the line is nested deeper than {_DEEPEST} levels; flatten it"
        ) from None
    except (msgspec.DecodeError, ValueError) as problem:
        raise NotARowError("not_json", f"the line is not valid JSON ({problem}); correct it") from None
    strings = _count_strings(value, 0)
    if 2 * strings != raw.count(b'"') - raw.count(b'\\"'):
        _refuse_repeated_keys(raw)
    return value


def flatten(value: object, most: int) -> Cells:
    """The cells of a decoded object; raises `NotARowError` when it is none or has more than `most` cells."""
    if not isinstance(value, dict):
        raise NotARowError("not_an_object", "the line is not a JSON object {…}; write one object a line")
    cells: Cells = {}
    _collect(cells, "", value, most)
    return cells


def _collect(cells: Cells, prefix: str, value: dict[str, Any], most: int) -> None:
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict):
            _collect(cells, f"{name}.", item, most)
            continue
        cell = _to_cell(item)
        if "\0" in name or "\0" in "".join(cell):
            raise NotARowError(
                "nul", "the value holds a NUL character; remove it", name.replace("\0", "\ufffd")
            )
        cells[name] = cell
    if len(cells) > most:
        raise NotARowError("too_many_fields", f"the line has more than {most:,} fields; split it")


def _to_cell(item: object) -> Cell:
    if item is None:
        return ""
    if isinstance(item, str):
        return item
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, list):
        if all(isinstance(part, str | int) and not isinstance(part, bool) for part in item):
            return [_number_text(part) for part in item]
        return msgspec.json.encode(item).decode()
    return _number_text(item)


def _number_text(item: object) -> str:
    try:
        return str(item)
    except ValueError:
        raise NotARowError(
            "number_too_long", "a number has more digits than can be kept; write it as text"
        ) from None


def _count_strings(value: object, depth: int) -> int:
    """Keys and texts in a value; raises for what is too deep, because later walks recurse as well.

    Texts made of numbers with a fraction are counted too, which only costs the slower second look.
    """
    if depth > _DEEPEST:
        raise NotARowError("too_deep", f"the line is nested deeper than {_DEEPEST} levels; flatten it")
    if isinstance(value, str):
        return 1
    if isinstance(value, dict):
        return len(value) + sum(_count_strings(item, depth + 1) for item in value.values())
    if isinstance(value, list):
        return sum(_count_strings(item, depth + 1) for item in value)
    return 0


def _refuse_repeated_keys(raw: bytes) -> None:
    def check(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise NotARowError("repeated_key", "the key comes twice in one object; keep one", key)
            seen.add(key)

    json.loads(raw, object_pairs_hook=check, parse_int=str, parse_float=str)
