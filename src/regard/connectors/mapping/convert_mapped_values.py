"""Reads the values that a mapping names out of a record, as the fields want them."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

import nh3

from regard.connectors.files.convert_values import (
    RejectedValueError,
    filled_text,
    read_currency,
    read_state,
    read_status,
    tidy_id,
)
from regard.connectors.files.load_fields import FieldKind, ImportField
from regard.connectors.files.parse_amounts import parse_amount
from regard.connectors.files.parse_dates import parse_day, parse_instant
from regard.connectors.mapping.describe_stream_mapping import Place, Value
from regard.connectors.mapping.read_paths import read_path
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import plain_text, read_time
from regard.kit.money import exponent

# Microsoft's JSON date, as Xero writes it: milliseconds since 1970 and the offset it was said in.
_JSON_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
# A plus sign that a form decoded into a space; national numbers begin with 0 and are not meant.
_LOST_PLUS = re.compile(r"^ (?=[1-9]\d{7,14}$)")
_BREAKS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\f\v]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where paths are read: the element, the whole record, and the zone of times without one."""

    element: object
    root: Mapping[str, Any]
    zone: tzinfo


def read_values(place: Place, scene: Scene) -> list[Any]:
    """All filled values at a place, in order."""
    if isinstance(place, Value):
        return _read_value(place, scene)
    paths = [place] if isinstance(place, str) else place
    return [value for path in paths for value in read_path(path, scene.element, scene.root)]


def first_text(place: Place, scene: Scene) -> str | None:
    """The first filled value as text; None when there is none."""
    return next((text for value in read_values(place, scene) if (text := as_text(value))), None)


def as_text(value: object) -> str:
    """A value as text: lists joined with a comma, objects not at all."""
    if isinstance(value, list):
        return ", ".join(filter(None, (as_text(one) for one in value)))
    return (plain_text(value) or "").strip()


def read_instant_at(place: Place, scene: Scene, what: str) -> str | None:
    """A time in UTC, ISO 8601; None when no place is filled. Raises `RejectedValueError`."""
    values = read_values(place, scene)
    return to_instant(values[0], scene.zone, what) if values else None


def to_instant(value: object, zone: tzinfo, what: str) -> str | None:
    """A time in UTC, ISO 8601, from any of the ways that systems write one."""
    text = as_text(value)
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
    form = place.form if isinstance(place, Value) else "text"
    for value in values:
        text = filled_text(_repair(field.kind, value), field.kind)
        if text is not None:
            return _convert(field, text, scene, currency if form == "minor_units" else None)
    return None


def to_major(text: str, currency: str, what: str) -> str:
    """Major units of an amount in minor units, as exact text."""
    try:
        return str(Decimal(text).scaleb(-exponent(currency)))
    except InvalidOperation:
        raise RejectedValueError(
            what, "not_an_amount", f"“{what}” holds no whole number of minor units; correct its mapping"
        ) from None


def html_to_text(text: str) -> str:
    """The words of an HTML text, one line a paragraph, without scripts and styles."""
    bare = nh3.clean(_BREAKS.sub("\n", text), tags=set(), clean_content_tags={"script", "style"})
    words = html.unescape(bare)
    lines = (_SPACES.sub(" ", line).strip() for line in words.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _read_value(value: Value, scene: Scene) -> list[Any]:
    if value.const is not None:
        return [value.const]
    if value.template is not None:
        text = _fill(value.template, scene)
        return [_shape(value, text)] if text else []
    paths = [value.path] if isinstance(value.path, str) else value.path
    found = [one for path in paths for one in read_path(path, scene.element, scene.root)]
    if value.form == "count":
        return [str(sum(len(one) if isinstance(one, list) else 1 for one in found))]
    shaped = [_shape(value, one) for one in found]
    return [one for one in shaped if one is not None and one != ""]


def _fill(template: str, scene: Scene) -> str:
    filled = False
    parts: list[str] = []
    for part in re.split(r"(\{[^}]*\})", template):
        if not part.startswith("{"):
            parts.append(part)
            continue
        text = as_text(next(iter(read_path(part[1:-1], scene.element, scene.root)), None))
        filled = filled or bool(text)
        parts.append(text)
    return " ".join("".join(parts).split()) if filled else ""


def _shape(value: Value, raw: Any) -> Any:  # noqa: ANN401 - any JSON value
    if value.words:
        word = as_text(raw)
        raw = value.words.get(word, value.words.get(word.lower(), value.words.get("*", word)))
    text = as_text(raw)
    if value.form == "html":
        raw = html_to_text(text)
    elif value.form == "lower":
        raw = text.lower()
    elif value.form == "day":
        raw = text[:10] if re.match(r"\d{4}-\d\d-\d\d", text) else text
    elif value.form in ("negative", "absolute"):
        bare = text.lstrip("+-")
        raw = f"-{bare}" if value.form == "negative" and bare else bare
    elif value.form == "milliseconds" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        raw = str(Decimal(text) / 1000)
    return f"{value.prefix}{as_text(raw)}" if value.prefix and as_text(raw) else raw


def _repair(kind: FieldKind, value: object) -> str:
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
        return read_currency(text, name)
    if field.kind == "state":
        return read_state(text, name)
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


def _number(text: str, name: str) -> str:
    amount = parse_amount(text, ".")
    if amount is None:
        raise RejectedValueError(
            name, "not_a_number", f"“{name}” is not a number; correct its mapping, or leave the field out"
        )
    return amount.number


