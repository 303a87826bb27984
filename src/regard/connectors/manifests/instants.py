"""Points in time and spans as manifests write them: format strings with extra placeholders, ISO 8601 spans.

Beyond `strptime`: `%s` seconds of the epoch, `%s_as_float` with a fraction, `%ms` milliseconds,
`%epoch_microseconds` microseconds, `%_ms` three digits of milliseconds. Times without a zone are UTC, as the
manifest language has it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS = {"%s": 1_000_000, "%s_as_float": 1_000_000, "%ms": 1_000, "%epoch_microseconds": 1}
_SPAN = re.compile(
    r"(-)?P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_DAYS_OF = (365.0, 30.0, 7.0, 1.0)
_SECONDS_OF = (3600.0, 60.0, 1.0)
_LONGEST_TEXT = 100


def read_instant(value: Any, formats: Sequence[str]) -> datetime | None:  # noqa: ANN401 - a JSON value
    """The aware UTC time that a value states in one of the formats, else in ISO 8601; None when in none."""
    for one in formats:
        instant = _read_in_format(value, one)
        if instant is not None:
            return instant
    return _read_loosely(value)


def write_instant(instant: datetime, form: str) -> str:
    """The time, in UTC, in a format."""
    moment = instant.astimezone(UTC)
    micros = (moment - _EPOCH) // timedelta(microseconds=1)
    if form == "%s_as_float":
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"
    if form in _TICKS:
        return str(micros // _TICKS[form])
    thousandths = f"{moment.microsecond // 1000:03d}"
    return moment.strftime(form.replace("%_ms", thousandths).replace("%s", str(micros // 1_000_000)))


def read_span(text: str) -> timedelta:
    """An ISO 8601 duration; a year counts 365 days, a month 30. Raises `ValueError`."""
    match = _SPAN.fullmatch(text.strip())
    if match is None or not any(match.groups()[1:]) or len(text) > _LONGEST_TEXT:
        raise ValueError(f"“{text[:_LONGEST_TEXT]}” is no duration such as P1D or PT1H")
    numbers = [float(part or 0) for part in match.groups()[1:]]
    days = sum(count * worth for count, worth in zip(numbers[:4], _DAYS_OF, strict=True))
    seconds = sum(count * worth for count, worth in zip(numbers[4:], _SECONDS_OF, strict=True))
    try:
        span = timedelta(days=days, seconds=seconds)
    except OverflowError:
        raise ValueError(f"“{text}” is longer than any time") from None
    return -span if match[1] else span


def _read_in_format(value: Any, form: str) -> datetime | None:  # noqa: ANN401
    if isinstance(value, bool):
        return None
    ticks = _TICKS.get(form)
    try:
        if ticks is not None:
            # Whole numbers stay exact; only a fraction goes through a float.
            whole = re.fullmatch(r"-?\d{1,18}", str(value))
            number = int(value) if whole else float(value)
            return _EPOCH + timedelta(microseconds=round(number * ticks))
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
            return None
        moment = datetime.strptime(value, form.replace("%_ms", "%f"))  # noqa: DTZ007 - its zone follows
    except (ValueError, OverflowError, TypeError):
        return None
    return _as_utc(moment)


def _read_loosely(value: Any) -> datetime | None:  # noqa: ANN401
    if isinstance(value, datetime):
        return _as_utc(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _read_in_format(value, "%s")
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT:
        return None
    if re.fullmatch(r"\d{9,11}(\.\d+)?", value):
        return _read_in_format(value, "%s")
    try:
        return _as_utc(datetime.fromisoformat(value.strip()))
    except (ValueError, OverflowError):
        return None


def _as_utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)
