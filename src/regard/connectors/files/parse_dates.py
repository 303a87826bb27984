"""Reads dates and times as people and programs write them, in six languages.

Known: ISO 8601, yyyymmdd, yyyy/m/d, d.m.yyyy, d/m/yyyy or m/d/yyyy (as decided for the whole column), day and
month in words (English, German, Polish, French, Spanish, Portuguese), RFC 5322 dates, seconds … microseconds
since 1970, and day numbers of spreadsheet programs (days since 1899-12-30, ECMA-376 part 1 §18.17.4.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal

DateOrder = Literal["auto", "day_first", "month_first", "excel"]

_EARLIEST, _LATEST = 1800, 2200
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # a spreadsheet's days have no zone
_TIME = (
    r"(?:[ T,]+(?:(?:um|at|o|a las|às) )?(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?\s*(?P<half>[ap]\.?m\.?)?(?: ?uhr)?"
    r"\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?)?"
    r"(?:\s*\([a-z]+\))?"
)
_NUMERIC = re.compile(
    r"(?P<one>\d{1,4})(?P<sep>[./-])\s?(?P<two>\d{1,2})(?P=sep)\s?(?P<three>\d{1,4})\.?" + _TIME,
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?")
_NUMBER = re.compile(r"-?\d{9,19}(?:\.\d{1,6})?")
_SERIAL = re.compile(r"\d{1,6}(?:[.,]\d+)?")
_DAY_MONTH = re.compile(
    r"(?:[a-z]+\.?,? +)?(?P<day>\d{1,2})(?:st|nd|rd|th|er|o|\.)?[ ./-]*(?:de |of |d')?"
    r"(?P<month>[a-z]+)\.?,?[ ./-]*"
    r"(?:de |del )?(?P<year>\d{4}|\d{2})\.?" + _TIME,
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    r"(?:[a-z]+\.?,? +)?(?P<month>[a-z]+)\.? +(?P<day>\d{1,2})(?:st|nd|rd|th)?,? +(?P<year>\d{4})" + _TIME,
    re.IGNORECASE,
)
_MONTHS = (
    "january jan januar janner styczen stycznia sty janvier janv enero ene janeiro",
    "february feb februar luty lutego lut fevrier fevr febrero fevereiro fev",
    "march mar marz maerz mrz marzec marca mars marzo marco",
    "april apr kwiecien kwietnia kwi avril avr abril abr",
    "may mai maj maja mayo maio",
    "june jun juni czerwiec czerwca cze juin junio junho",
    "july jul juli lipiec lipca lip juillet juil julio julho",
    "august aug sierpien sierpnia sie aout agosto ago",
    "september sep sept wrzesien wrzesnia wrz septembre septiembre setembro set",
    "october oct oktober okt pazdziernik pazdziernika paz octobre octubre outubro out",
    "november nov listopad listopada lis novembre noviembre novembro",
    "december dec dezember dez grudzien grudnia gru decembre diciembre dic dezembro",
)
_MONTH_NUMBERS = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words.split()}
_UNITS = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))


def parse_instant(text: str, order: DateOrder, zone: tzinfo) -> datetime | None:
    """The instant in UTC, a time without zone being one of `zone`; None when the text is no date."""
    parsed = _parse(text.strip(), order)
    if parsed is None or not _EARLIEST <= parsed.year < _LATEST:
        return None
    return (parsed.replace(tzinfo=zone) if parsed.tzinfo is None else parsed).astimezone(UTC)


def parse_day(text: str, order: DateOrder) -> date | None:
    """The calendar day as written, whatever the zone; None when the text is no date."""
    parsed = _parse(text.strip(), order)
    return parsed.date() if parsed is not None and _EARLIEST <= parsed.year < _LATEST else None


def decide_order(texts: Iterable[str], *, month_first: bool = False) -> tuple[DateOrder, bool]:
    """How the numbers of a column's dates are ordered, decided over all of them, and whether that is a guess.

    `month_first` is what to believe when every date could be read both ways.
    """
    day_first = month_second = ambiguous = serials = others = 0
    for text in texts:
        stripped = text.strip()
        match = _NUMERIC.fullmatch(stripped)
        if match is None or len(match["one"]) > 2:
            serials += _SERIAL.fullmatch(stripped) is not None
            others += match is not None
            continue
        one, two = int(match["one"]), int(match["two"])
        day_first += one > 12 >= two
        month_second += two > 12 >= one
        ambiguous += one <= 12 and two <= 12 and one != two
    if serials and not (day_first or month_second or ambiguous or others):
        return "excel", False
    if day_first or month_second:
        return ("month_first" if month_second > day_first else "day_first"), False
    if ambiguous:
        return ("month_first" if month_first else "day_first"), True
    return "auto", False


def looks_like_date(text: str) -> bool:
    """Whether a text is a date beyond doubt: bare numbers are none."""
    stripped = text.strip()
    if stripped.isdigit() and not (len(stripped) == 8 and stripped[:2] in ("19", "20")):
        return False
    return _NUMBER.fullmatch(stripped) is None and any(
        parse_day(stripped, order) is not None for order in ("day_first", "month_first")
    )


def _parse(text: str, order: DateOrder) -> datetime | None:
    if len(text) >= 10 and text[4] == "-" and text[7] == "-":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    try:
        if order == "excel" and _SERIAL.fullmatch(text):
            days = float(text.replace(",", "."))
            return (_EXCEL_DAY_ZERO + timedelta(seconds=round(days * 86_400))) if days >= 1 else None
        return _parse_numbers(text, order) or _parse_words(text)
    except (ValueError, OverflowError):
        return None


def _parse_numbers(text: str, order: DateOrder) -> datetime | None:
    if match := _NUMERIC.fullmatch(text):
        one, two, three = match["one"], match["two"], match["three"]
        if len(one) == 4:
            return _build(match, int(one), int(two), int(three))
        if len(one) > 2 or len(three) not in (2, 4):
            return None
        day, month = (two, one) if order == "month_first" else (one, two)
        return _build(match, _full_year(three), int(month), int(day))
    if match := _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second = (int(part) for part in match.groups(default="0"))
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # the zone is the mapping's
    if _NUMBER.fullmatch(text):
        whole = abs(int(text.split(".", maxsplit=1)[0]))
        scale = next(scale for limit, scale in _UNITS if whole < limit)
        return datetime.fromtimestamp(float(text) / scale, UTC)
    return None


def _parse_words(text: str) -> datetime | None:
    plain = _without_accents(text)
    match = _DAY_MONTH.fullmatch(plain) or _MONTH_DAY.fullmatch(plain)
    month = _MONTH_NUMBERS.get(match["month"].lower()) if match else None
    if match is None or month is None:
        return None
    return _build(match, _full_year(match["year"]), month, int(match["day"]))


def _build(match: re.Match[str], year: int, month: int, day: int) -> datetime | None:
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    if half := match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    microsecond = int((match["fraction"] or "0").ljust(6, "0")[:6])
    return datetime(year, month, day, hour, minute, second, microsecond, _zone(match["zone"]))


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _full_year(text: str) -> int:
    """Two digits mean 1969–2068, as in POSIX strptime."""
    year = int(text)
    if len(text) > 2:
        return year
    return year + (1900 if year >= 69 else 2000)


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("ł", "l")
