"""Reads texts, ids, times and field values out of JSON, naming the place of what is wrong."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from regard.connectors.name_origin import ItemRefusedError
from regard.events.record_events import FieldValue

LONGEST_ID = 500
LONGEST_STREAM = 100
# Ids that Regard derives itself begin with this.
RESERVED = "~"

_EARLIEST = datetime(1800, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# Seconds, milliseconds, microseconds and nanoseconds since 1970 lie this far apart for any time of our age.
_UNITS = ((1e11, 1), (1e14, 1e3), (1e17, 1e6), (float("inf"), 1e9))


def plain_text(value: object) -> str | None:
    """A text, number or truth value as text; None for anything else, and for null."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return None


def read_id(value: object, place: str, longest: int = LONGEST_ID) -> str:
    """An id as text; numbers are taken as their digits. Raises when it is missing or unusable."""
    if value is None or value == "":
        raise ItemRefusedError("missing", f"“{place}” is missing; every item needs one")
    text = None if isinstance(value, bool | float) else plain_text(value)
    if text is None:
        raise ItemRefusedError(
            "wrong_type", f"“{place}” must be a text or a whole number, not {name_type(value)}"
        )
    text = text.strip()
    if not text:
        raise ItemRefusedError("missing", f"“{place}” is blank; every item needs one")
    if len(text) > longest:
        raise ItemRefusedError(
            "too_long",
            f"“{place}” has {len(text)} characters; at most {longest} can be kept, so send a shorter id",
        )
    return text


def read_event_id(value: object, place: str = "event_id") -> str | None:
    """The source's own id of an event, or None when it gives none."""
    if value is None or value == "":
        return None
    text = read_id(value, place)
    if text.startswith(RESERVED):
        raise ItemRefusedError("reserved", f"“{place}” must not begin with “{RESERVED}”; leave the sign out")
    return text


def read_time(value: object, place: str) -> datetime | None:
    """An instant from ISO 8601 or from seconds, milliseconds … since 1970; times without zone are UTC.

    None for null and empty text. Raises for anything else that is no time between 1800 and 2200.
    """
    if value is None or value == "":
        return None
    at = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        at = _from_epoch(float(value))
    elif isinstance(value, str):
        at = _from_text(value.strip())
    if at is None or not _EARLIEST <= at < _LATEST:
        raise ItemRefusedError(
            "not_a_time",
            f"“{place}” is not a time that can be kept;"
            " write it like 2026-03-04T15:06:07Z or as seconds since 1970",
        )
    return at


def shift_time(at: datetime, by: timedelta) -> datetime:
    """The time moved by a clock's error, or unmoved when that leads out of the calendar."""
    try:
        moved = at + by
    except OverflowError:
        return at
    return moved if _EARLIEST <= moved < _LATEST else at


def field_value(value: object, place: str) -> FieldValue | None:
    """The value of an unclassified field: text, texts, flat object of texts, or JSON text of deeper ones."""
    if value is None:
        return None
    text = plain_text(value)
    if text is not None:
        return text
    if isinstance(value, list):
        texts = [plain_text(one) for one in value]
        if None not in texts:
            return [one for one in texts if one is not None]
    if isinstance(value, dict):
        flat = {str(name): plain_text(one) for name, one in value.items()}
        if None not in flat.values():
            return {name: one for name, one in flat.items() if one is not None}
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    raise ItemRefusedError("wrong_type", f"“{place}” holds {name_type(value)}, which cannot be kept")


def name_type(value: object) -> str:
    """What a person would call the type of a JSON value."""
    names: tuple[tuple[Any, str], ...] = (
        (bool, "true or false"), (str, "a text"), (int | float, "a number"), (list, "a list"),
        (dict, "an object"),
    )  # fmt: skip
    return next((name for kind, name in names if isinstance(value, kind)), "null")


def _from_epoch(number: float) -> datetime | None:
    scale = next(scale for limit, scale in _UNITS if abs(number) < limit or limit == float("inf"))
    try:
        return _EPOCH + timedelta(seconds=number / scale)
    except (OverflowError, ValueError):
        return None


def _from_text(text: str) -> datetime | None:
    if _NUMBER.fullmatch(text) and len(text) not in {4, 6, 8}:
        return _from_epoch(float(text))
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
