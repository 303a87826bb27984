"""Writes into the log what raw records say, and what nobody says any more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from regard.db.pool import Connection
from regard.eventlog.append_events import Outcome, append_within
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.events.raw_events import RawReceived
from regard.intake.follow_raw_record import Step
from regard.intake.keep_raw_heads import Makers, read_makers
from regard.intake.translate_raw_records import ItemKey, key_of, outdo


class IdsTakenError(Exception):
    """The log has other events under the ids of these records; nothing was written."""

    def __init__(self, object_ids: Collection[UUID]) -> None:
        super().__init__("event ids are taken")
        self.object_ids = frozenset(object_ids)


class Statements:
    """What the records of one round say, in the caller's transaction."""

    def __init__(self, connection: Connection, keyring: Keyring, source: str, *, again: bool) -> None:
        self._connection = connection
        self._keyring = keyring
        self._source = source
        self._again = again
        self.fresh_keys: dict[UUID, AESGCM] = {}

    async def append(self, steps: Sequence[Step]) -> dict[ItemKey, datetime]:
        """Write what the steps say; gives when each of their items was stated or ended last.

        Raises `IdsTakenError`: the caller undoes its transaction.
        """
        speaking = [step for step in steps if step.translation is not None]
        makers = await self._read_makers(speaking)
        events: list[Event] = []
        follows: list[int | None] = []
        spans: list[tuple[Step, range]] = []
        for step in speaking:
            new = self._events_of(step, makers)
            if new:
                spans.append((step, range(len(events), len(events) + len(new))))
                follows += [None, *([len(events)] * (len(new) - 1))]
                events += new
        if events:
            appended = await append_within(self._connection, self._keyring, events, follows)
            self.fresh_keys |= appended.fresh_keys
            taken = [step.object_id for step, span in spans if _is_taken(events, appended.outcomes, span)]
            if taken:
                raise IdsTakenError(taken)
            for step, span in spans:
                if isinstance(events[span.start].body, RawReceived):
                    step.position = appended.positions[span.start]
        return makers.stated_at

    async def _read_makers(self, speaking: Sequence[Step]) -> Makers:
        keys = {key for step in speaking for key in (*step.made, *step.vanished)}
        makers = await read_makers(self._connection, self._source, keys)
        for step in speaking:
            for key in step.vanished:
                makers.note(key, step.object_id, states=False)
            for key in step.made:
                makers.note(key, step.object_id, states=True)
        return makers

    def _events_of(self, step: Step, makers: Makers) -> list[Event]:
        """The raw record, what it states, and the end of what nobody states any more."""
        translation = step.translation
        assert translation is not None
        events = [translation.raw] if step.changed or not self._again else []
        if step.late:
            # An older state is kept and says nothing: the newer one has said all.
            return events
        # A link has a judgement of its own for each record that states it.
        ended = [key for key in step.vanished if key[0] == "link" or not makers.is_stated(key)]
        for event in (*translation.events, *translation.deletions(ended)):
            key = key_of(event)
            if key is None:
                events.append(event)
                continue
            timed, makers.stated_at[key] = outdo(event, makers.stated_at.get(key))
            events.append(timed)
        return events


def _is_taken(events: Sequence[Event], outcomes: Sequence[Outcome], span: range) -> bool:
    """Whether the log did not take what a record says as new, although it must be."""
    raw = isinstance(events[span.start].body, RawReceived)
    return (raw and outcomes[span.start] != "stored") or any(outcomes[one] == "conflict" for one in span)
