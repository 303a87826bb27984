"""Turns PostgreSQL's text form of a value into JSON by the name of its type. Pure.

Sessions that read must have DateStyle ISO, TimeZone UTC, IntervalStyle iso_8601 and bytea_output hex: the
text form depends on them.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from decimal import Decimal
from math import isfinite

SESSION = {
    "client_encoding": "UTF8",
    "DateStyle": "ISO",
    "TimeZone": "UTC",
    "IntervalStyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "3",
}

# The types that come with PostgreSQL and mean something in JSON; all others stay text.
BUILT_IN_TYPES = {
    16: "bool", 17: "bytea", 20: "int8", 21: "int2", 23: "int4", 26: "oid", 114: "json", 700: "float4",
    701: "float8", 1042: "bpchar", 1114: "timestamp", 1184: "timestamptz", 1700: "numeric", 3802: "jsonb",
    199: "_json", 1000: "_bool", 1001: "_bytea", 1002: "_char", 1003: "_name", 1005: "_int2", 1007: "_int4",
    1009: "_text", 1014: "_bpchar", 1015: "_varchar", 1016: "_int8", 1021: "_float4", 1022: "_float8",
    1028: "_oid", 1041: "_inet", 1115: "_timestamp", 1182: "_date", 1183: "_time", 1185: "_timestamptz",
    1231: "_numeric", 2951: "_uuid", 3807: "_jsonb",
}  # fmt: skip

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d)?)?")
_BOUNDS = re.compile(r"^(?:\[[-\d]+:[-\d]+\])+=")


def convert_text(type_name: str, text: str) -> object:
    """The JSON value. Whole numbers are exact, `numeric` stays text, bytes become base64, times ISO 8601.

    Arrays have the name of their type with `_` before it. What is not understood stays as it is written.
    """
    if type_name.startswith("_") and text.lstrip("[-:=0123456789]").startswith("{"):
        return _Array(_BOUNDS.sub("", text), type_name[1:]).read()
    convert = _CONVERTERS.get(type_name)
    if convert is None:
        return text
    try:
        return convert(text)
    except (ValueError, ArithmeticError):
        return text


def _moment(text: str) -> str:
    match = _MOMENT.fullmatch(text)
    if match is None:  # infinity, before Christ, beyond the year 9999
        return text
    day, time, zone = match.groups()
    if zone is not None and len(zone) == 3:
        zone += ":00"
    return f"{day}T{time}{zone or ''}"


def _float(text: str) -> float | str:
    value = float(text)
    return value if isfinite(value) else text


def _exact_float(text: str) -> float | str:
    """A fraction as a number when that says the same, else as its digits."""
    value = float(text)
    return value if isfinite(value) and Decimal(repr(value)) == Decimal(text) else text


def _json(text: str) -> object:
    return json.loads(text, parse_float=_exact_float, parse_constant=str)


def _bytes(text: str) -> str:
    if not text.startswith("\\x"):
        return text
    return base64.b64encode(bytes.fromhex(text[2:])).decode("ascii")


_CONVERTERS: dict[str, Callable[[str], object]] = {
    "bool": lambda text: {"t": True, "f": False}.get(text, text),
    "bpchar": str.rstrip,
    "bytea": _bytes,
    "float4": _float,
    "float8": _float,
    "int2": int,
    "int4": int,
    "int8": int,
    "json": _json,
    "jsonb": _json,
    "oid": int,
    "timestamp": _moment,
    "timestamptz": _moment,
}


class _Array:
    """Reads `{1,NULL,"a \\"quoted\\" text",{..}}`."""

    def __init__(self, text: str, element: str) -> None:
        self._text = text
        self._element = element
        self._separator = ";" if element == "box" else ","
        self._at = 0

    def read(self) -> list[object]:
        self._at += 1
        items: list[object] = []
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign == "}":
                self._at += 1
                break
            if sign == self._separator:
                self._at += 1
            elif sign == "{":
                items.append(self.read())
            elif sign == '"':
                items.append(convert_text(self._element, self._quoted()))
            else:
                items.append(self._bare())
        return items

    def _quoted(self) -> str:
        parts: list[str] = []
        self._at += 1
        while self._at < len(self._text) and (sign := self._text[self._at]) != '"':
            if sign == "\\":
                self._at += 1
                sign = self._text[self._at]
            parts.append(sign)
            self._at += 1
        self._at += 1
        return "".join(parts)

    def _bare(self) -> object:
        begin = self._at
        while self._at < len(self._text) and self._text[self._at] not in (self._separator, "}"):
            self._at += 1
        text = self._text[begin : self._at]
        return None if text == "NULL" else convert_text(self._element, text)
