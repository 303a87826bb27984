"""What is left of records and interactions when statements about them are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from regard.db.pool import Connection
from regard.eventlog.read_events import read_places
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event, RecordKey
from regard.events.withdrawal_events import StatementWithdrawn
from regard.records.apply_record_events import TakenBack
from regard.records.fold_record import SourceRecord, fold_record


@dataclass(slots=True)
class Withdrawals:
    """The withdrawals of a batch: records as they are left, and interactions with what stands of them."""

    records: TakenBack = field(default_factory=TakenBack)
    entries: set[UUID] = field(default_factory=set)
    standing: list[Event] = field(default_factory=list)


async def read_withdrawals(
    connection: Connection, keyring: Keyring, events: Sequence[Event]
) -> Withdrawals:
    """Read from the log what still stands, in the state of knowledge of each withdrawal.

    Everything about a record is in one partition, so what a withdrawal found standing is all there was
    before it. Of an interaction more may have been applied; versions settle that.
    """
    found = Withdrawals()
    taken = [(event, event.body) for event in events if isinstance(event.body, StatementWithdrawn)]
    if not taken:
        return found
    places = {place for _, body in taken for place in body.standing}
    logged = {(one.part, one.seq): one.event for one in await read_places(connection, keyring, places)}
    for event, body in taken:
        key = RecordKey(event.source, body.stream, body.external_id)
        standing = [one for place in body.standing if (one := logged.get(place)) is not None]
        if body.family == "record":
            found.records.states[key.record_id] = _left_of(key, standing, mentioned=not body.last_mention)
            continue
        found.entries.add(key.record_id)
        found.standing += standing
        if body.last_mention:
            found.records.unspoken_of.add(event.subject.record_id)
    return found


def _left_of(key: RecordKey, standing: Sequence[Event], *, mentioned: bool) -> SourceRecord | None:
    state = SourceRecord(key) if mentioned else None
    for event in standing:
        state = fold_record(state, event)
    return state
