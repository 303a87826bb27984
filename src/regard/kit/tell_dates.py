"""How days and moments are written in sentences for people: the one spelling of all screens."""

from __future__ import annotations

from datetime import date, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def tell_day(day: date) -> str:
    """`2 Nov 2026`, whatever the language of the machine."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def tell_moment(at: datetime) -> str:
    """`2 Nov 2026 14:03 UTC`; `at` is in UTC, as all instants of Regard are."""
    return f"{tell_day(at)} {at:%H:%M} UTC"


def tell_stated_day(text: str) -> str:
    """A day that a source wrote in ISO form as `2 Nov 2026`; any other text as it stands."""
    try:
        return tell_day(date.fromisoformat(text))
    except ValueError:
        return text
