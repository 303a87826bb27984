"""How far a reading of changes looks back, and why no change from the future moves it on. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from math import ceil
from typing import Any

from regard.connectors.connector_contract import SettingsRefusedError
from regard.connectors.sql.convert_sql_values import instant_of

_SECONDS = 60.0
_NUMBERS = 1_000
_ISO_SECONDS = 19


def look_back(high: object, overlap: float | None) -> Any:  # noqa: ANN401 - of the cursor's own type
    """Where to read from, given the latest change: rows may have been committed late, with an older one."""
    seconds = _SECONDS if overlap is None else overlap
    if isinstance(high, datetime):
        return high - timedelta(seconds=seconds)
    if isinstance(high, date):
        return high - timedelta(days=max(1, ceil(seconds / 86_400)))
    if isinstance(high, str):
        at = datetime.fromisoformat(high[:_ISO_SECONDS]) - timedelta(seconds=seconds)
        return _written_like(at, high)
    if isinstance(high, int | float | Decimal):
        numbers = _NUMBERS if overlap is None else int(overlap)
        return high - numbers
    raise SettingsRefusedError(
        "A column of changes holds neither times nor numbers; choose another one, or leave it out, so that"
        " everything is compared."
    )


def believable(high: object, now: datetime, zone: tzinfo, *, utc: bool = False) -> Any:  # noqa: ANN401
    """The latest change, or now when it lies in the future.

    One row with a wrong year would otherwise hide all changes until then.
    """
    at = instant_of(high, zone, utc=utc)
    if at is None or at <= now:
        return high
    local = now.astimezone(zone)
    if isinstance(high, datetime):
        here = now if utc else local
        return here.replace(tzinfo=None) if high.tzinfo is None else now
    if isinstance(high, date):
        return local.date()
    return _written_like(local, high) if isinstance(high, str) else high


def refuse_text(value: object, stream: str, cursor: str | None) -> None:
    """Raise when a column of changes holds text that is no time: its order is not that of what it says."""
    if isinstance(value, bytes) or (isinstance(value, str) and instant_of(value, UTC) is None):
        raise SettingsRefusedError(
            f"The column “{cursor}” of “{stream}” holds text. Say under “What that column holds” whether"
            " it is a time or a number; as text '99' would come after '230'."
        )


def _written_like(at: datetime, text: str) -> str:
    return at.strftime(f"%Y-%m-%d{text[10]}%H:%M:%S")
