"""Reads the values that a mapping names out of a record, as the fields want them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from regard.connectors.files.convert_values import (
    RejectedValueError,
    filled_text,
    read_currency,
    read_state,
    read_status,
    tidy_id,
)
from regard.connectors.files.load_fields import FieldKind, ImportField
from regard.connectors.files.parse_amounts import DecimalSign, parse_amount
from regard.connectors.files.parse_dates import parse_day, parse_instant
from regard.connectors.mapping.describe_stream_mapping import Place
from regard.connectors.mapping.read_places import Scene, as_text, in_minor_units, read_values
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import read_time
from regard.kit.money import exponent

# Microsoft's JSON date, as Xero writes it: milliseconds since 1970 and the offset it was said in.
_JSON_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
# A plus sign that a form decoded into a space; national numbers begin with 0 and are not meant.
_LOST_PLUS = re.compile(r"^ (?=[1-9]\d{7,14}$)")
_NO_FIGURES = re.compile(r"[^\d.,]+")
_THOUSAND = 3
_BARE_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_instant_at(place: Place, scene: Scene, what: str) -> str | None:
    """A time in UTC, ISO 8601; None when no place is filled. Raises `RejectedValueError`."""
    values = read_values(place, scene)
    return to_instant(values[0], scene.zone, what) if values else None


def read_due(place: Place, scene: Scene) -> str | None:
    """When something is due: an instant; a bare day stays that day whatever the zone."""
    values = read_values(place, scene)
    if values and _BARE_DAY.fullmatch(text := as_text(values[0])):
        return to_instant(text, UTC, "due_at")
    return to_instant(values[0], scene.zone, "due_at") if values else None


def to_instant(value: object, zone: tzinfo, what: str) -> str | None:
    """A time in UTC, ISO 8601, from any of the ways that systems write one."""
    text = _parts_of_day(value) if isinstance(value, Mapping) else as_text(value)
    if not text or text.startswith(("0000-00-00", "0001-01-01")):
        return None
    if match := _JSON_DATE.fullmatch(text):
        return (_EPOCH + timedelta(milliseconds=int(match[1]))).isoformat()
    at = parse_instant(text, "auto", zone)
    if at is None:
        try:
            at = read_time(value, what)
        except ItemRefusedError:
            at = None
    if at is None:
        raise RejectedValueError(
            what, "not_a_time", f"“{what}” is not a time; map another place, or none, for it"
        )
    return at.isoformat()


def read_field(
    field: ImportField, place: Place, scene: Scene, currency: str | None
) -> str | list[str] | None:
    """The value of a field that Regard knows; raises `RejectedValueError`."""
    values = read_values(place, scene)
    if field.multiple:
        found = [one for value in values for one in _many(field.kind, value)]
        return list(dict.fromkeys(found)) or None
    for value in values:
        text = filled_text(_repair(field.kind, value), field.kind)
        if text is not None:
            return _convert(field, text, scene, currency if in_minor_units(place) else None)
    return None


def to_major(text: str, currency: str, what: str) -> str:
    """Major units of an amount in minor units, as exact text."""
    try:
        return str(Decimal(text).scaleb(-exponent(currency)))
    except InvalidOperation:
        raise RejectedValueError(
            what, "not_an_amount", f"“{what}” holds no whole number of minor units; correct its mapping"
        ) from None


def read_mapped_currency(text: str, what: str) -> str:
    """An ISO 4217 code; the refusal names the place alone, for whoever reads it may not see the value."""
    try:
        return read_currency(text, what)
    except RejectedValueError as error:
        raise RejectedValueError(
            what, error.code, f"“{what}” is not a currency such as EUR; map another place, or none, for it"
        ) from None


def _read_mapped_state(text: str, what: str) -> str:
    try:
        return read_state(text, what)
    except RejectedValueError as error:
        raise RejectedValueError(
            what, error.code, f"“{what}” says neither yes nor no; map a place that says granted or denied"
        ) from None


def _parts_of_day(value: Mapping[str, Any]) -> str:
    """ISO 8601 of a time that comes in parts, as in the JSON of Tryton; nothing when it is something else."""
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    try:
        year, month, day, *clock = (int(value[name]) if name in value else 0 for name in parts)
        hour, minute, second, micro = clock
        at = datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001  # the zone is the mapping's
    except (TypeError, ValueError):
        return ""
    return at.isoformat()


def _repair(kind: FieldKind, value: object) -> str:
    if isinstance(value, Mapping):
        return _parts_of_day(value)
    if kind == "phone" and isinstance(value, str):
        return _LOST_PLUS.sub("+", value)
    if kind == "instant" or isinstance(value, str):
        return value if isinstance(value, str) else as_text(value)
    return as_text(value)


def _many(kind: FieldKind, value: object) -> list[str]:
    texts = [_repair(kind, one) for one in (value if isinstance(value, list) else [value])]
    return [text for one in texts if (text := filled_text(one, kind))]


def _convert(field: ImportField, text: str, scene: Scene, minor_of: str | None) -> str | None:
    name = field.id
    if field.kind == "day":
        return _day(text, name, scene)
    if field.kind == "instant":
        return to_instant(text, scene.zone, name)
    if field.kind == "amount":
        return to_major(text, minor_of, name) if minor_of else _number(text, name)
    if field.kind == "number":
        return _number(text, name)
    if field.kind == "currency":
        return read_mapped_currency(text, name)
    if field.kind == "state":
        return _read_mapped_state(text, name)
    if name == "status":
        return read_status(text)
    return tidy_id(text) if name in ("order", "ticket", "sku") else text


def _day(text: str, name: str, scene: Scene) -> str | None:
    if text.startswith("0000-00-00"):
        return None
    if _JSON_DATE.fullmatch(text):
        at = to_instant(text, scene.zone, name)
        return at[:10] if at else None
    day = parse_day(text, "auto")
    if day is None:
        # What should have been a day is kept as it is: it may still tell two people apart for a reader.
        return text
    return day.isoformat()


def decimal_sign(text: str) -> DecimalSign:
    """The sign before the fraction of a number: a comma behind a dot, or one that cannot part thousands."""
    head, comma, tail = _NO_FIGURES.sub("", text).rpartition(",")
    if not comma or "." in tail or "," in head:
        return "."
    return "," if "." in head or len(tail) != _THOUSAND or head in ("", "0") else "."


def _number(text: str, name: str) -> str:
    amount = parse_amount(text, decimal_sign(text))
    if amount is None:
        raise RejectedValueError(
            name, "not_a_number", f"“{name}” is not a number; correct its mapping, or leave the field out"
        )
    return amount.number
