"""Ids and times of records that programs hand over."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Path = Sequence[str]


def name_record(record: Mapping[str, Any], keys: Sequence[Path]) -> str:
    """The values of the keys joined by `|`; without keys, or with an empty one, a hash of the content."""
    parts = [_dig(record, key) for key in keys]
    if parts and all(part not in (None, "") and not isinstance(part, dict | list) for part in parts):
        return "|".join(str(part).lower() if isinstance(part, bool) else str(part) for part in parts)
    content = json.dumps(record, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def time_record(record: Mapping[str, Any], path: Path, zone: str) -> datetime | None:
    """The time at a path: ISO 8601, or seconds or milliseconds of the epoch; None when there is none."""
    value = _dig(record, path) if path else None
    if isinstance(value, bool) or value in (None, ""):
        return None
    try:
        if isinstance(value, int | float) or re.fullmatch(r"\d{9,13}", str(value)):
            number = float(value)
            return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        moment = datetime.fromisoformat(str(value).strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _dig(value: Any, path: Path) -> Any:  # noqa: ANN401
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
