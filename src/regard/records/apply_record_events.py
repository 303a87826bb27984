"""Applies record events to the kept state of source records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from regard.db.copy_rows import copy_rows
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.events.envelope import Event, RecordKey
from regard.records.fold_record import SourceRecord, fold_record
from regard.records.read_records import read_known_ids, read_records

_queries = NamedQueries(__package__, "records.sql")
_encode = msgspec.json.Encoder(order="sorted").encode
_COLUMNS = (
    "record_id", "source", "stream", "external_id", "kind", "base_version", "fields", "patches",
    "deleted_version", "deleted", "first_seen", "last_seen",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A record before and after a batch; `before` is None for a record not known until now."""

    before: SourceRecord | None
    after: SourceRecord

    @property
    def touches_identity(self) -> bool:
        """Whether anything changed that says who the party is, or how old the record is."""
        before, after = self.before, self.after
        return before is None or (
            (before.kind, before.first_seen) != (after.kind, after.first_seen)
            or before.known_fields() != after.known_fields()
        )


@dataclass(slots=True)
class TakenBack:
    """What is left of records after statements about them were taken back.

    `states`: None when nothing is left. `unspoken_of`: no interaction names them any more; they go unless
    something was said of themselves.
    """

    states: dict[UUID, SourceRecord | None] = field(default_factory=dict)
    unspoken_of: set[UUID] = field(default_factory=set)


async def fold_record_events(
    connection: Connection,
    events: Sequence[Event],
    spoken_of: Sequence[RecordKey],
    taken_back: TakenBack | None = None,
) -> tuple[dict[UUID, RecordChange], set[UUID]]:
    """Fold the events over what is kept and not taken back; `write_record_changes` keeps the result.

    Gives the records whose state changed, and those that are no more. `spoken_of` are records that
    interactions belong to: those not known yet are kept as empty ones.
    """
    taken = taken_back or TakenBack()
    ids = {event.subject.record_id for event in events} | taken.states.keys() | taken.unspoken_of
    before = await read_records(connection, ids)
    states = _left_of(before, taken)
    gone = before.keys() - states.keys()
    for event in events:
        record_id = event.subject.record_id
        states[record_id] = fold_record(states.get(record_id), event)
    mentioned = {key.record_id: key for key in spoken_of}
    known = await read_known_ids(connection, mentioned.keys() - states.keys() - gone)
    for record_id in mentioned.keys() - states.keys() - known:
        states[record_id] = SourceRecord(mentioned[record_id])
    changed = {
        record_id: RecordChange(before.get(record_id), state)
        for record_id, state in states.items()
        if before.get(record_id) != state
    }
    return changed, gone - states.keys()


async def write_record_changes(
    connection: Connection, changed: Mapping[UUID, RecordChange], gone: Collection[UUID]
) -> None:
    """Keep what `fold_record_events` gave."""
    if gone:
        await connection.execute(_queries["drop_references"], list(gone))
        await connection.execute(_queries["drop_records"], list(gone))
    now = [change.after for change in changed.values()]
    known = [record_id for record_id, change in changed.items() if change.before is not None]
    await _write(connection, changed.values())
    if known:
        await connection.execute(_queries["drop_references"], known)
    references = [reference for record in now for reference in _references(record)]
    if references:
        await connection.execute(_queries["write_references"], *map(list, zip(*references, strict=True)))


def _left_of(before: Mapping[UUID, SourceRecord], taken: TakenBack) -> dict[UUID, SourceRecord]:
    states: dict[UUID, SourceRecord | None] = {**before, **taken.states}
    for record_id in taken.unspoken_of:
        known = states.get(record_id)
        if known is not None and known == SourceRecord(known.key):
            states[record_id] = None
    return {record_id: state for record_id, state in states.items() if state is not None}


async def _write(connection: Connection, changes: Iterable[RecordChange]) -> None:
    """Nobody but the projector writes records: one that it did not find is not there."""
    new: list[tuple[object, ...]] = []
    others: list[tuple[object, ...]] = []
    for change in changes:
        (new if change.before is None else others).append(_row(change.after))
    await copy_rows(connection, "records.source_record", _COLUMNS, new)
    if others:
        await connection.execute(_queries["write_records"], *map(list, zip(*others, strict=True)))


def _row(r: SourceRecord) -> tuple[object, ...]:
    return (
        r.record_id, r.key.source, r.key.stream, r.key.external_id, r.kind, r.base_version,
        _encode(r.fields).decode(), _encode(r.patches).decode(),
        r.deleted_version, r.deleted, r.first_seen, r.last_seen,
    )  # fmt: skip


def _references(record: SourceRecord) -> list[tuple[UUID, str, UUID]]:
    target = record.effective_fields().get("organisation_ref")
    if record.deleted or not isinstance(target, dict) or not {"stream", "id"} <= target.keys():
        return []
    key = RecordKey(record.key.source, target["stream"], target["id"])
    return [(record.record_id, "works_at", key.record_id)]
