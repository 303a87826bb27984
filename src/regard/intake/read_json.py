"""Strict JSON at the door (RFC 8259): what several readers would understand differently is refused.

Refused with the place: NaN and Infinity, broken UTF-8, lone surrogates, NUL, duplicate keys, nesting
beyond 64. Whole numbers beyond 2^53 become texts of their digits, because readers that keep numbers as
floats (browsers, `jsonb` clients) would change them silently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from regard.intake.inflate_bodies import BodyUnreadableError

DEEPEST = 64
_SAFE_INTEGER = 2**53
_decode = msgspec.json.Decoder(strict=True).decode
_BOM = b"\xef\xbb\xbf"
_BYTE = re.compile(r"\(byte (\d+)\)")
# Unless one of these occurs, every key of the text stands directly before its colon.
_APART = (b" :", b"\n:", b"\t:", b"\r:")


class JsonRefusedError(BodyUnreadableError):
    """The text is not JSON as the door takes it."""

    code = "bad_json"


def read_json(text: bytes) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The value of a JSON text; raises `JsonRefusedError` with place and remedy."""
    try:
        value = _decode(text)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError as error:
        raise JsonRefusedError(_describe_broken_utf8(text, error)) from None
    except (msgspec.DecodeError, ValueError) as error:
        raise JsonRefusedError(_describe_fault(text, error)) from None
    has_escaped_nul = b"\\u0000" in text
    keys = _walk(value, 1) if isinstance(value, dict | list) else 0
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        value = str(value)
    # As many `":` as keys kept means that no key was lost to a twin; texts may only raise the count.
    if text.count(b'":') != keys or any(sign in text for sign in _APART):
        _refuse_duplicate_keys(text)
    if has_escaped_nul:
        _refuse_nul(value)
    return value


def _walk(value: dict[str, Any] | list[Any], depth: int) -> int:
    """Check the nesting, turn big integers into texts, and count the keys."""
    if depth > DEEPEST:
        raise _too_deep()
    keys = 0
    places: Any = enumerate(value)
    if type(value) is dict:
        keys = len(value)
        places = value.items()
    big: list[Any] = []
    for place, one in places:
        kind = type(one)
        if kind is str:
            continue
        if kind is dict or kind is list:
            keys += _walk(one, depth + 1)
        elif kind is int and not -_SAFE_INTEGER <= one <= _SAFE_INTEGER:
            big.append(place)
    holder: Any = value
    for place in big:
        holder[place] = _digits(holder[place])
    return keys


def _digits(number: int) -> str:
    try:
        return str(number)
    except ValueError:
        raise JsonRefusedError("a whole number has more than 4,300 digits; send it as a text") from None


def _too_deep() -> JsonRefusedError:
    return JsonRefusedError(f"the JSON is nested deeper than {DEEPEST} levels; send it flatter")


def _refuse_duplicate_keys(text: bytes) -> None:
    def check(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise JsonRefusedError(f"the key “{twice[:60]}” stands twice in one object; send it once")

    json.loads(text, object_pairs_hook=check)


def _refuse_nul(value: object) -> None:
    for path, text in _texts(value, "$"):
        if "\0" in text:
            raise JsonRefusedError(f"the text at {path} holds the character NUL (U+0000); remove it")


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield f"{path} (a key)", name
            yield from _texts(one, f"{path}.{name[:60]}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _texts(one, f"{path}[{index}]")


def _describe_broken_utf8(text: bytes, error: UnicodeDecodeError) -> str:
    try:
        text.decode()
        offset = error.start
    except UnicodeDecodeError as again:
        offset = again.start
    return f"byte {offset} is not valid UTF-8; send the text as UTF-8"


def _describe_fault(text: bytes, error: Exception) -> str:
    if not text.strip():
        return "the body is empty; send a JSON object or list"
    if text.startswith(_BOM):
        return "the JSON begins with a byte order mark; send it without"
    for word in (b"NaN", b"Infinity"):
        if word in text and (path := _lenient_path(text, word.decode())):
            return f"{path} is {word.decode()}, which is no JSON; send null or leave it out"
    if (path := _lenient_path(text, None)) is not None:
        return f"the text at {path} holds half a surrogate pair; send whole characters"
    place = _BYTE.search(str(error))
    where = f"at byte {place[1]}" if place else "before its end"
    return f"the body is not valid JSON: {_say(str(error))} ({where}); correct it and send it again"


def _say(error: str) -> str:
    said = _BYTE.sub("", error.removeprefix("JSON is malformed: ")).strip()
    return said or "it cannot be read"


def _lenient_path(text: bytes, constant: str | None) -> str | None:
    """Where a lenient reader finds the constant (or, with None, a lone surrogate)."""
    try:
        value = json.loads(text, parse_constant=_Constant)
        return next((path for path, found in _oddities(value, "$") if found == constant), None)
    except (ValueError, RecursionError):
        return None


class _Constant:
    """Stands for NaN, Infinity or -Infinity where a lenient reader met it."""

    def __init__(self, word: str) -> None:
        self.word = word.lstrip("-")


def _oddities(value: object, path: str) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, _Constant):
        yield path, value.word
    elif isinstance(value, dict):
        for name, one in value.items():
            if _has_surrogate(name):
                yield f"{path} (a key)", None
            yield from _oddities(one, f"{path}.{name[:60]}" if not _has_surrogate(name) else path)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _oddities(one, f"{path}[{index}]")
    elif isinstance(value, str) and _has_surrogate(value):
        yield path, None


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
