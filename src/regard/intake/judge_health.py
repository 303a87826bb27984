"""Judges how each source is doing: off, failing, late or well, with the sentence a person needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from regard.db.pool import Connection
from regard.intake.keep_connections import QUERIES

State = Literal["well", "late", "failing", "off", "waiting"]
# A polled source without a budget of its own is late after ten polls, and never before a quarter of an hour.
_POLLS, _LEAST_SECONDS = 10, 900.0


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is doing; `since` is when it was last well, `budget_seconds` how old its news may be."""

    source: str
    title: str
    state: State
    sentence: str
    since: datetime | None
    budget_seconds: float | None
    retry_at: datetime | None
    shown: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """A field that came (`new`) or went (`vanished`) at the source."""

    source: str
    stream: str
    place: str
    change: str
    at: datetime
    sentence: str


async def read_health(connection: Connection, now: datetime) -> list[Health]:
    """All sources, by title."""
    return [judge_health(row, now) for row in await connection.fetch(QUERIES["read_health"])]


async def read_drift(connection: Connection, source: str | None, now: datetime) -> list[Drift]:
    """What changed in the form of a source's records, or of all."""
    rows = await connection.fetch(QUERIES["read_drift"], source, now)
    return [_drift(row) for row in rows]


def judge_health(row: asyncpg.Record, now: datetime) -> Health:
    """The state of one source from its row of `read_health`."""
    last = max((at for at in (row["last_received_at"], row["read_at"]) if at is not None), default=None)
    budget = _budget(row)
    state, sentence = _state(row, last, budget, now)
    shown = row["shown"] is not False
    warnings = tuple(row["warnings"] or ())
    return Health(row["slug"], row["title"], state, sentence, last, budget, row["retry_at"], shown, warnings)


def _budget(row: asyncpg.Record) -> float | None:
    if row["freshness_seconds"]:
        return float(row["freshness_seconds"])
    if row["expected_every"]:
        return float(row["expected_every"])
    if row["read_at"] is not None and row["poll_seconds"]:
        return max(_LEAST_SECONDS, _POLLS * float(row["poll_seconds"]))
    return None


def _state(
    row: asyncpg.Record, last: datetime | None, budget: float | None, now: datetime
) -> tuple[State, str]:
    if row["enabled"] is False:
        return "off", "Switched off; nothing is read and nothing is taken."
    if row["trouble"]:
        return "failing", row["trouble"]
    if row["failing"]:
        return "failing", row["stream_trouble"]
    if last is None:
        return "waiting", "Nothing has come yet."
    if budget is not None and (now - last).total_seconds() > budget:
        return "late", f"No news since {last:%d %b %Y %H:%M} UTC; news is expected every {_span(budget)}."
    return "well", f"Last news {last:%d %b %Y %H:%M} UTC."


def _span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _drift(row: asyncpg.Record) -> Drift:
    vanished = row["change"] == "vanished"
    at = row["last_at"] if vanished else row["first_at"]
    when = f"{at:%d %b %Y %H:%M} UTC"
    sentence = f"New field “{row['place']}” since {when}; map it, or leave it beside the others."
    if vanished:
        sentence = f"Field “{row['place']}” vanished: last seen {when}."
    return Drift(row["source"], row["stream"], row["place"], row["change"], at, sentence)
