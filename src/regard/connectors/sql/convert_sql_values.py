"""Turns the values that database drivers give into JSON, and keeps cursors' values with their type. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import UUID

_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
_LONGEST_ID = 500


def json_value(value: object) -> object:
    """A driver's value in JSON: decimals as text, bytes as base64, times ISO 8601 (naive ones stay so)."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    return _other_value(value)


def _other_value(value: object) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, Mapping):
        return {str(name): json_value(one) for name, one in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(str(one) for one in value)
    if isinstance(value, Sequence):
        return [json_value(one) for one in value]
    return str(value)


def _duration(value: timedelta) -> str:
    """MySQL's TIME is a duration, of which most are times of a day."""
    seconds = int(value.total_seconds())
    if value.microseconds or not 0 <= seconds < 86_400:
        return f"PT{value.total_seconds():f}S"
    return (datetime(1970, 1, 1, tzinfo=UTC) + value).strftime("%H:%M:%S")


def identify_sql_row(key: Sequence[str], row: Mapping[str, Any]) -> str:
    """The external id of a row: its key, several values joined by `|`, or a digest of the whole row."""
    values = {name: json_value(row[name]) for name in (key or row)}
    texts = [one if isinstance(one, str) else json.dumps(one) for one in values.values()]
    if len(texts) == 1 and key:
        joined = texts[0]
    else:
        joined = "|".join(one.replace("\\", "\\\\").replace("|", "\\|") for one in texts)
    if key and len(joined) <= _LONGEST_ID:
        return joined
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:40]


def instant_of(value: object, zone: tzinfo, *, utc: bool = False) -> datetime | None:
    """The instant that a column of changes states; None when it holds no time.

    A time without zone is in `zone`, or in UTC where the column is known to be.
    """
    if isinstance(value, str) and _ISO_TIME.match(value.strip()):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), zone)
    if not isinstance(value, datetime):
        return None
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC if utc else zone)
    return value.astimezone(UTC)


def dump_value(value: object) -> dict[str, str]:
    """A value with its type, for a cursor."""
    if isinstance(value, bool):
        return {"type": "bool", "value": str(int(value))}
    for name, kind in _KINDS.items():
        if isinstance(value, kind):
            return {"type": name, "value": _WRITERS.get(name, str)(value)}
    return {"type": "str", "value": str(value)}


def load_value(kept: Mapping[str, str]) -> Any:  # noqa: ANN401 - of the type that was kept
    """The value as the driver gave it."""
    return _READERS[kept["type"]](kept["value"])


# datetime is a date too, so it comes first.
_KINDS: dict[str, type] = {
    "int": int, "float": float, "decimal": Decimal, "datetime": datetime, "date": date, "time": time,
    "uuid": UUID, "bytes": bytes,
}  # fmt: skip
_WRITERS: dict[str, Any] = {
    "datetime": lambda value: value.isoformat(),
    "date": lambda value: value.isoformat(),
    "time": lambda value: value.isoformat(),
    "float": repr,
    "bytes": lambda value: base64.b64encode(value).decode("ascii"),
}
_READERS: dict[str, Any] = {
    "bool": lambda text: text == "1",
    "int": int, "float": float, "decimal": Decimal, "datetime": datetime.fromisoformat,
    "date": date.fromisoformat, "time": time.fromisoformat, "uuid": UUID, "bytes": base64.b64decode,
    "str": str,
}  # fmt: skip
