"""Applies interaction events to the timeline: per interaction the newest version, whatever came first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.events.envelope import Event, RecordKey
from regard.events.interaction_events import InteractionDeleted, InteractionStated

_queries = NamedQueries(__package__, "timeline.sql")
_encode = msgspec.json.Encoder(order="sorted").encode

# Kinds that gather others around them; the rest belongs to a thread by naming it.
_THREAD_FIELDS = ("ticket", "order")


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One interaction in its latest state. `thread` is the order or ticket it belongs to."""

    entry_id: UUID
    stated_party: UUID | None
    type: str
    key: RecordKey
    occurred_at: datetime
    version: str
    deleted: bool = False
    status: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    thread: str | None = None
    body: bytes = b"{}"


def entry_of(event: Event) -> TimelineEntry:
    """The timeline entry that an interaction event states."""
    body = event.body
    assert isinstance(body, InteractionStated | InteractionDeleted)
    key = RecordKey(event.source, body.stream, body.external_id)
    if isinstance(body, InteractionDeleted):
        return TimelineEntry(
            key.record_id, None, "deleted", key, event.occurred_at, event.version, deleted=True
        )
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


async def apply_interactions(connection: Connection, events: Sequence[Event]) -> set[UUID]:
    """Keep the newest version of every interaction; gives the records whose timeline changed."""
    newest: dict[UUID, TimelineEntry] = {}
    for event in events:
        entry = entry_of(event)
        kept = newest.get(entry.entry_id)
        if kept is None or entry.version > kept.version:
            newest[entry.entry_id] = entry
    if not newest:
        return set()
    before = {row["entry_id"]: row for row in await connection.fetch(_queries["read_versions"], list(newest))}
    fresh = [
        entry for entry in newest.values()
        if entry.entry_id not in before or entry.version > before[entry.entry_id]["version"]
    ]  # fmt: skip
    if not fresh:
        return set()
    await connection.execute(_queries["write_entries"], *map(list, zip(*map(_row, fresh), strict=True)))
    touched = {entry.stated_party for entry in fresh}
    touched |= {before[entry.entry_id]["record_id"] for entry in fresh if entry.entry_id in before}
    for row in await connection.fetch(_queries["inherit_party"], [entry.entry_id for entry in fresh]):
        touched |= {row["before"], row["after"]}
    return {record_id for record_id in touched if record_id is not None}


def _row(e: TimelineEntry) -> tuple[object, ...]:
    return (
        e.entry_id, e.stated_party, e.type, e.key.source, e.key.stream, e.key.external_id, e.occurred_at,
        e.version, e.deleted, e.status, e.amount_minor, e.currency, e.thread, e.body.decode(),
    )  # fmt: skip
