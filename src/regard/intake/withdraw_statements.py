"""Takes statements of one source back, exactly: as if they had never been made, whatever was said since.

Nothing is removed from the log. Each statement gets a `statement.withdrawn`, which names what still stands
of the record or interaction; readers pass over what was taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from regard.db.pool import Connection, Pool
from regard.eventlog.append_events import PARTITIONS, append_within, object_id_of
from regard.eventlog.read_events import LoggedEvent, read_places, read_statements
from regard.eventlog.seal_bodies import Keyring
from regard.eventlog.withdraw_events import forget_content, lock_log, mark_withdrawn, read_log_heads
from regard.events.envelope import Event
from regard.events.interaction_events import InteractionDeleted, InteractionStated
from regard.events.record_events import RecordDeleted, RecordPatched, RecordUpserted
from regard.events.withdrawal_events import StatementWithdrawn
from regard.intake.walk_source_log import STRETCH, read_beginnings
from regard.kit.clock import Clock

_AT_ONCE = 250
_PASS = 100_000
_PAGE = 2_000

Place = tuple[int, int]
_Stated = RecordUpserted | RecordPatched | RecordDeleted | InteractionStated | InteractionDeleted


class Ledger(Protocol):
    """Knows which statements are to be taken back, and which are already."""

    async def left(self, connection: Connection, limit: int) -> list[Place]:
        """Places of statements that are still to be taken back."""
        ...

    async def release(self, connection: Connection, places: Sequence[Place]) -> list[Place]:
        """Those of the places that stay after all, because somebody else says the same."""
        ...

    async def settle(self, connection: Connection, places: Sequence[Place], released: int) -> None:
        """These are taken back, in the transaction that does it; raises to stop it."""
        ...


@dataclass(slots=True)
class _Known:
    """What stands of the objects of a pass, as far as the log was read."""

    objects: set[UUID]
    subjects: set[UUID]
    standing: dict[UUID, dict[Place, None]] = field(default_factory=dict)
    mentions: Counter[UUID] = field(default_factory=Counter)
    read: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(PARTITIONS), 0))

    def take(self, logged: Iterable[LoggedEvent]) -> None:
        for one in logged:
            self.read[one.part] = one.seq
            if one.event is None:
                continue
            object_id, party = object_id_of(one.event), _party(one.event)
            if object_id in self.objects:
                self.standing.setdefault(object_id, {})[one.part, one.seq] = None
            if party in self.subjects:
                self.mentions[party] += 1

    def strike(self, place: Place, event: Event) -> None:
        """This one does not stand any more."""
        self.standing.get(object_id_of(event), {}).pop(place, None)
        party = _party(event)
        if party is not None:
            self.mentions[party] -= 1


class StatementWithdrawer:
    """Takes back what a ledger names; may be stopped anywhere and goes on from the ledger."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock, at_once: int = _AT_ONCE) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._at_once = at_once

    async def withdraw(self, source: str, ledger: Ledger, reason: str) -> None:
        """Take back everything that the ledger has left."""
        while True:
            async with self._pool.acquire() as connection:
                places = await ledger.left(connection, _PASS)
                if not places:
                    return
                targets = await self._open(connection, places)
            known = await self._study(source, [one.event for one in targets.values() if one.event])
            for start in range(0, len(places), self._at_once):
                some = places[start : start + self._at_once]
                await self._withdraw_some(source, ledger, reason, some, targets, known)

    async def _open(self, connection: Connection, places: Sequence[Place]) -> dict[Place, LoggedEvent]:
        found: dict[Place, LoggedEvent] = {}
        for start in range(0, len(places), _PAGE):
            for one in await read_places(connection, self._keyring, places[start : start + _PAGE]):
                found[one.part, one.seq] = one
        return found

    async def _study(self, source: str, events: Sequence[Event]) -> _Known:
        """Read what else the source said about the same objects.

        Records are filed under themselves; an interaction may have been said of another party before, so
        all interactions of the source are looked at.
        """
        known = _Known(
            {object_id_of(event) for event in events}, {event.subject.record_id for event in events}
        )
        subjects = known.subjects if known.objects == known.subjects else None
        async with self._pool.acquire() as connection:
            known.read |= await read_beginnings(connection, source)
        # Twice: others append while the first reading goes on, and little of that is left for the lock.
        for _ in range(2):
            async with self._pool.acquire() as connection:
                heads = await read_log_heads(connection)
                await self._read_up_to(connection, source, heads, known, subjects)
        return known

    async def _read_up_to(
        self, connection: Connection, source: str, heads: Mapping[int, int], known: _Known,
        subjects: Collection[UUID] | None,
    ) -> None:  # fmt: skip
        for part, last in heads.items():
            while known.read[part] < last:
                stretch = (part, known.read[part], min(known.read[part] + STRETCH, last))
                page = await read_statements(connection, self._keyring, source, stretch, subjects, _PAGE)
                known.take(page)
                if len(page) < _PAGE:
                    # Behind the last one found there is nothing of the source.
                    known.read[part] = max(known.read[part], stretch[2])

    async def _withdraw_some(
        self, source: str, ledger: Ledger, reason: str, places: Sequence[Place],
        targets: dict[Place, LoggedEvent], known: _Known,
    ) -> None:  # fmt: skip
        async with self._pool.acquire() as connection, connection.transaction():
            # Whatever is said from here on comes after the withdrawal, in every partition.
            heads = await lock_log(connection)
            await self._read_up_to(connection, source, heads, known, None)
            kept = set(await ledger.release(connection, places))
            gone = [place for place in places if place not in kept]
            events, ids = [], []
            for place in gone:
                target = targets.get(place)
                if target is None or (target.event is None and target.problem is None):
                    continue
                ids.append(target.event_id)
                if target.event is not None:
                    known.strike(place, target.event)
                    events.append(self._withdrawal(target, target.event, known, reason))
            await append_within(connection, self._keyring, events)
            await mark_withdrawn(connection, source, ids)
            await forget_content(connection, {object_id_of(event) for event in events})
            await ledger.settle(connection, gone, len(kept))

    def _withdrawal(self, target: LoggedEvent, event: Event, known: _Known, reason: str) -> Event:
        body, now = event.body, self._clock.now()
        assert isinstance(body, _Stated)
        interaction = isinstance(body, InteractionStated | InteractionDeleted)
        return Event(
            event.source, f"~withdrawn:{target.part}:{target.seq}", event.subject, now, None, now,
            StatementWithdrawn(
                body.stream, body.external_id, "interaction" if interaction else "record", target.event_id,
                list(known.standing.get(object_id_of(event), {})),
                last_mention=known.mentions[event.subject.record_id] <= 0, reason=reason,
            ),
        )  # fmt: skip


def _party(event: Event) -> UUID | None:
    body = event.body
    if isinstance(body, InteractionStated) and body.party is not None:
        return event.subject.record_id
    return None
