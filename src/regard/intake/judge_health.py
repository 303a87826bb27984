"""Judges how each source is doing: off, failing, late or well, with the sentence a person needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import asyncpg

from regard.db.pool import Connection
from regard.intake.hold_vanished_fields import Hold, keep_mapped, keep_settled, list_holds
from regard.intake.keep_connections import QUERIES
from regard.kit.tell_dates import tell_moment

State = Literal["well", "late", "failing", "off", "waiting"]
# A polled source without a budget of its own is late after ten polls, and never before a quarter of an hour.
_POLLS, _LEAST_SECONDS = 10, 900.0
_REMEMBERED = timedelta(days=1)


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


@dataclass(frozen=True, slots=True)
class Form:
    """What is known of the form of a source's records: streams of which some wait, fields that are gone."""

    holds: tuple[Hold, ...] = ()
    gone: tuple[Drift, ...] = ()


async def read_health(connection: Connection, now: datetime) -> list[Health]:
    """All sources, by title."""
    forms = await _read_forms(connection, now)
    rows = await connection.fetch(QUERIES["read_health"])
    return [judge_health(row, forms.get(row["slug"], Form()), now) for row in rows]


async def read_drift(connection: Connection, source: str | None, now: datetime) -> list[Drift]:
    """What changed in the form of a source's records, or of all; a new field until somebody settled it."""
    found = [_drift(row) for row in await connection.fetch(QUERIES["read_drift"], source, now)]
    new = {(one.source, one.stream, one.place) for one in found if one.change == "new"}
    settled = await keep_settled(connection, new) if new else set()
    return [
        one for one in found if one.change != "new" or (one.source, one.stream, one.place) not in settled
    ]


async def _read_forms(connection: Connection, now: datetime) -> dict[str, Form]:
    holds = await list_holds(connection)
    waited = {(one.source, one.stream, place) for one in holds for place in one.places}
    vanished = [one for one in await read_drift(connection, None, now) if one.change == "vanished"]
    places = {(one.source, one.stream, one.place) for one in vanished}
    mapped = await keep_mapped(connection, places - waited) if places - waited else set()
    gone = [one for one in vanished if (one.source, one.stream, one.place) in mapped]
    return {
        source: Form(
            tuple(one for one in holds if one.source == source),
            tuple(one for one in gone if one.source == source),
        )
        for source in {*(one.source for one in holds), *(one.source for one in gone)}
    }


def judge_health(row: asyncpg.Record, form: Form, now: datetime) -> Health:
    """The state of one source from its row of `read_health` and the form of its records."""
    last = max((at for at in (row["last_received_at"], row["read_at"]) if at is not None), default=None)
    budget = _budget(row)
    state, sentence = _state(row, form, last, budget, now)
    again = row["opened_again_at"] if row["trouble"] else row["retry_at"]
    shown = row["shown"] is not False
    warnings = (*(row["warnings"] or ()), *_warnings(row, form, state, now))
    return Health(row["slug"], row["title"], state, sentence, last, budget, again, shown, warnings)


def _budget(row: asyncpg.Record) -> float | None:
    if row["freshness_seconds"]:
        return float(row["freshness_seconds"])
    if row["expected_every"]:
        return float(row["expected_every"])
    if row["read_at"] is not None and row["poll_seconds"]:
        return max(_LEAST_SECONDS, _POLLS * float(row["poll_seconds"]))
    return None


def _state(
    row: asyncpg.Record, form: Form, last: datetime | None, budget: float | None, now: datetime
) -> tuple[State, str]:
    if row["enabled"] is False:
        return "off", "Switched off; nothing is read and nothing is taken."
    trouble = _trouble(row, form, now)
    if trouble is not None:
        return "failing", trouble
    if last is None:
        return "waiting", "Nothing has come yet."
    if row["unmapped"] and not row["mapped"]:
        return "waiting", _unmapped(row)
    if budget is not None and (now - last).total_seconds() > budget:
        return "late", f"No news since {tell_moment(last)}; news is expected every {_span(budget)}."
    return "well", f"Last news {tell_moment(last)}."


def _trouble(row: asyncpg.Record, form: Form, now: datetime) -> str | None:
    """The worst that a person should know; None without any."""
    if row["trouble"]:
        return str(row["trouble"]) + _again(row["opened_again_at"], now)
    if row["failing"]:
        return str(row["stream_trouble"]) + _again(row["retry_at"], now)
    if _refused_since(row, now) and (
        row["push_proved_at"] is None or row["refused_at"] > row["push_proved_at"]
    ):
        return _refusals(row)
    if form.holds:
        return form.holds[0].sentence
    if form.gone:
        one = form.gone[0]
        return f"{one.stream}: {one.sentence} Map the field that took its place, or go on without it."
    return None


def _again(at: datetime | None, now: datetime) -> str:
    if at is None or at <= now:
        return ""
    return f" Regard tries again at {f'{at:%H:%M} UTC' if at.date() == now.date() else tell_moment(at)}."


def _refused_since(row: asyncpg.Record, now: datetime) -> bool:
    """Whether pushes were turned away within the last day; older ones are history."""
    return row["refused_at"] is not None and now - row["refused_at"] < _REMEMBERED


def _refusals(row: asyncpg.Record) -> str:
    at = tell_moment(row['refused_at'])
    return f"Pushes are turned away, the last one {at} ({row['refused']} in all): {row['refusal']}"


def _unmapped(row: asyncpg.Record) -> str:
    streams = row["unmapped"]
    names = ", ".join(streams[:3]) + (" …" if len(streams) > 3 else "")
    many, them = (f"{len(streams)} streams wait", "them") if len(streams) > 1 else ("1 stream waits", "it")
    return f"{many} for a mapping ({names}); nothing of {them} reaches customers."


def _warnings(row: asyncpg.Record, form: Form, state: State, now: datetime) -> Iterator[str]:
    if state == "off":
        return
    if row["unmapped"] and (row["mapped"] or state != "waiting"):
        yield _unmapped(row)
    proved = row["push_proved_at"]
    if _refused_since(row, now) and proved is not None and row["refused_at"] <= proved:
        yield f"{_refusals(row)} Pushes that came since were taken."
    if row["repeated_at"] is not None and now - row["repeated_at"] < _REMEMBERED:
        came = "1 push came" if row["repeated"] == 1 else f"{row['repeated']} pushes came"
        yield (
            f"{came} that had come before, the last {tell_moment(row['repeated_at'])}; nothing changed"
            " by that. Many of them mean that the sender hears our answers late."
        )
    yield from (one.sentence for one in form.holds[1:])
    if form.holds or len(form.gone) > 1:
        yield from (f"{one.stream}: {one.sentence}" for one in form.gone[0 if form.holds else 1 :])


def _span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _drift(row: asyncpg.Record) -> Drift:
    vanished = row["change"] == "vanished"
    at = row["last_at"] if vanished else row["first_at"]
    when = tell_moment(at)
    sentence = f"New field “{row['place']}” since {when}; map it, or leave it beside the others."
    if vanished:
        sentence = f"Field “{row['place']}” vanished: last seen {when}."
    return Drift(row["source"], row["stream"], row["place"], row["change"], at, sentence)
