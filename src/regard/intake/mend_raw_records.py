"""Makes of a raw record what can be kept: exact where it can be, with the reason where it cannot. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from regard.connectors.connector_contract import RawRecord
from regard.intake.translate_raw_records import raw_text

_DEEPEST = 200


def storable(record: RawRecord) -> RawRecord:
    """The record without what no database keeps: NUL, and halves of characters.

    What cannot be kept at all is taken out, and `problem` says where it stood and what to do.
    """
    faults: list[str] = []
    updated_at = _storable_time(record.updated_at, faults)
    stream = _storable_name(record.stream, "stream", faults)
    external_id = _storable_name(record.external_id, "id", faults)
    body = record.body if _is_plain(record) else _mended_object(record.body or {}, "", 0, faults)
    if not faults and body is record.body:
        return record
    problem = record.problem
    if faults:
        problem = problem or f"{'; '.join(faults[:5])}. Correct it in the source, or here and try it again."
    return RawRecord(stream, external_id, body, updated_at, problem)


def _is_plain(record: RawRecord) -> bool:
    try:
        return "\\u0000" not in raw_text(record)
    except (UnicodeEncodeError, TypeError, ValueError, OverflowError, RecursionError):
        return False


def _storable_time(stated: datetime | None, faults: list[str]) -> datetime | None:
    if stated is None:
        return None
    try:
        if stated.tzinfo is not None:
            stated.astimezone(UTC)
            return stated
        faults.append("the time of its last change has no zone")
    except (OverflowError, ValueError):
        faults.append("the time of its last change lies beyond the calendar")
    return None


def _storable_name(name: str, what: str, faults: list[str]) -> str:
    mended = name.encode("utf-8", "backslashreplace").decode()
    if mended != name:
        faults.append(f"its {what} holds half a character")
    return mended


def _mended(value: Any, place: str, depth: int, faults: list[str]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if depth > _DEEPEST:
        faults.append(f"“{_shown(place)}” lies too deep")
        return None
    if isinstance(value, Mapping):
        return _mended_object(value, place, depth, faults)
    if isinstance(value, list | tuple):
        return [_mended(one, place, depth + 1, faults) for one in value]
    if _is_json(value):
        return value
    faults.append(f"“{_shown(place)}” holds a value that is neither text, number, list nor object")
    return None


def _mended_object(value: Mapping[Any, Any], place: str, depth: int, faults: list[str]) -> dict[str, Any]:
    return {
        _mended(str(key), place, depth, faults): _mended(
            one, f"{place}.{key}" if place else str(key), depth + 1, faults
        )
        for key, one in value.items()
    }


def _is_json(value: object) -> bool:
    try:
        msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _shown(place: str) -> str:
    return place[:100].encode("utf-8", "replace").decode().replace("\0", "")
