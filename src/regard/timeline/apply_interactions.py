"""Applies interaction events to the timeline: per interaction the newest version, whatever came first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import asyncpg
import msgspec

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.events.envelope import Event, RecordKey
from regard.events.interaction_events import DatedBy, InteractionDeleted, InteractionStated

_queries = NamedQueries(__package__, "timeline.sql")
_encode = msgspec.json.Encoder(order="sorted").encode

# Kinds that gather others around them; the rest belongs to a thread by naming it.
_THREAD_FIELDS = ("ticket", "order")


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One interaction in its latest state. `thread` is the order or ticket it belongs to.

    `dated_by` tells of which time `occurred_at` is when the source does not say when it happened.
    """

    entry_id: UUID
    stated_party: UUID | None
    type: str
    key: RecordKey
    occurred_at: datetime
    version: str
    status: str | None
    amount_minor: int | None
    currency: str | None
    thread: str | None
    body: bytes
    dated_by: DatedBy | None = None


@dataclass(frozen=True, slots=True)
class Deletion:
    """The source no longer has an interaction."""

    entry_id: UUID
    key: RecordKey
    occurred_at: datetime
    version: str


_Said = TypeVar("_Said", TimelineEntry, Deletion)


def entry_of(event: Event) -> TimelineEntry | Deletion:
    """The timeline entry that an interaction event states, or the deletion of one."""
    body = event.body
    assert isinstance(body, InteractionStated | InteractionDeleted)
    key = RecordKey(event.source, body.stream, body.external_id)
    if isinstance(body, InteractionDeleted):
        return Deletion(key.record_id, key, event.occurred_at, event.version)
    party = party_of(event)
    return TimelineEntry(
        entry_id=key.record_id,
        stated_party=party.record_id if party else None,
        type=body.interaction,
        key=key,
        occurred_at=event.occurred_at,
        version=event.version,
        status=body.status,
        amount_minor=body.amount_minor,
        currency=body.currency,
        thread=_thread_of(body),
        body=_encode({"fields": body.fields, "properties": body.properties}),
        dated_by=None if body.dated_by is msgspec.UNSET else body.dated_by,
    )


def party_of(event: Event) -> RecordKey | None:
    """The source record of the party that an interaction event belongs to; None for a guest."""
    body = event.body
    if isinstance(body, InteractionStated) and body.party is not None:
        return RecordKey(event.source, body.party.stream, body.party.external_id)
    return None


def _thread_of(body: InteractionStated) -> str | None:
    for name in _THREAD_FIELDS:
        value = body.fields.get(name)
        if value and body.interaction != name:
            return f"{name}:{value}"
    return None


async def apply_interactions(
    connection: Connection, events: Sequence[Event], taken_back: Collection[UUID] = ()
) -> set[UUID]:
    """Keep the newest version of every interaction; gives the records whose timeline changed.

    `taken_back`: interactions of which a statement was; what still stands is among the events.
    """
    stated, deleted = _newest(events)
    if not stated and not deleted and not taken_back:
        return set()
    rows = await connection.fetch(_queries["read_versions"], list({*stated, *deleted, *taken_back}))
    shown = {row["entry_id"]: row for row in rows}
    void = [row for row in rows if row["withdrawn"]]
    await _drop_void(connection, void, deleted)
    before = {row["entry_id"]: row for row in rows if not row["withdrawn"]}
    fresh = [e for i, e in stated.items() if i not in before or e.version > before[i]["version"]]
    gone = [d for i, d in deleted.items() if i not in before or d.version > before[i]["deleted_version"]]
    if fresh:
        await connection.execute(_queries["write_entries"], *map(list, zip(*map(_row, fresh), strict=True)))
    if gone:
        columns = zip(*map(_deletion_row, gone), strict=True)
        await connection.execute(_queries["delete_entries"], *map(list, columns))
    changed = {entry.entry_id for entry in fresh} | {deletion.entry_id for deletion in gone}
    changed |= {row["entry_id"] for row in void}
    touched = {entry.stated_party for entry in fresh} | {
        shown[entry_id]["record_id"] for entry_id in changed if entry_id in shown
    }
    if changed:
        # Threads as they were: an order may have been taken back, or turned out to be something else.
        were = [row for row in rows if row["entry_id"] in changed and row["thread_of"]]
        sources, threads = [row["source"] for row in were], [row["thread_of"] for row in were]
        for row in await connection.fetch(_queries["inherit_from_threads"], list(changed), sources, threads):
            touched |= {row["before"], row["after"]}
    return {record_id for record_id in touched if record_id is not None}


def _newest(events: Iterable[Event]) -> tuple[dict[UUID, TimelineEntry], dict[UUID, Deletion]]:
    stated: dict[UUID, TimelineEntry] = {}
    deleted: dict[UUID, Deletion] = {}
    for event in events:
        said = entry_of(event)
        if isinstance(said, Deletion):
            _keep_newest(deleted, said)
        else:
            _keep_newest(stated, said)
    return stated, deleted


async def _drop_void(
    connection: Connection, void: Sequence[asyncpg.Record], deleted: dict[UUID, Deletion]
) -> None:
    """Drop entries whose statement was taken back; a deletion that was noted on one still counts."""
    if void:
        await connection.execute(_queries["drop_entries"], [row["entry_id"] for row in void])
    for row in void:
        if row["deletion_stands"]:
            _keep_newest(deleted, _deletion_of(row))


def _keep_newest(newest: dict[UUID, _Said], said: _Said) -> None:
    kept = newest.get(said.entry_id)
    if kept is None or said.version > kept.version:
        newest[said.entry_id] = said


def _deletion_of(row: asyncpg.Record) -> Deletion:
    key = RecordKey(row["source"], row["stream"], row["external_id"])
    return Deletion(row["entry_id"], key, row["occurred_at"], row["deleted_version"])


def _row(e: TimelineEntry) -> tuple[object, ...]:
    return (
        e.entry_id, e.stated_party, e.type, e.key.source, e.key.stream, e.key.external_id, e.occurred_at,
        e.version, e.status, e.amount_minor, e.currency, e.thread, e.body.decode(), e.dated_by,
    )  # fmt: skip


def _deletion_row(d: Deletion) -> tuple[object, ...]:
    return d.entry_id, d.key.source, d.key.stream, d.key.external_id, d.occurred_at, d.version
