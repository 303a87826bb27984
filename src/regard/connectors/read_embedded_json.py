"""Reads JSON that stands inside a text of another JSON, as strictly as the door reads the outer one."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from regard.connectors.name_origin import ItemRefusedError

DEEPEST = 32
_SAFE_INTEGER = 2**53


def read_embedded_json(text: str, place: str) -> dict[str, Any]:
    """The object in a text; whole numbers beyond 2^53 as texts. Raises `ItemRefusedError`."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=_keep_digits)
    except (ValueError, RecursionError):
        raise ItemRefusedError("bad_json", f"“{place}” holds no valid JSON") from None
    if not isinstance(value, dict):
        raise ItemRefusedError("wrong_type", f"“{place}” must hold a JSON object")
    _check(value, place, 1)
    return value


def read_base64_json(text: str, place: str) -> dict[str, Any]:
    """The object in base64 of either alphabet, padded or not. Raises `ItemRefusedError`."""
    plain = text.strip().replace("-", "+").replace("_", "/").replace(" ", "+").rstrip("=")
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        raise ItemRefusedError("bad_base64", f"“{place}” holds no base64 of a UTF-8 text") from None
    return read_embedded_json(decoded, place)


def _refuse_constant(word: str) -> None:
    raise ValueError(word)


def _keep_digits(digits: str) -> int | str:
    number = int(digits)
    return number if -_SAFE_INTEGER <= number <= _SAFE_INTEGER else digits


def _check(value: object, place: str, depth: int) -> None:
    if depth > DEEPEST:
        raise ItemRefusedError(
            "too_deep", f"“{place}” is nested deeper than {DEEPEST} levels; send it flatter"
        )
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ItemRefusedError("bad_text", f"“{place}” holds a character that no text can hold")
    elif isinstance(value, dict):
        for name, one in value.items():
            _check(name, place, depth)
            _check(one, place, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _check(one, place, depth + 1)
