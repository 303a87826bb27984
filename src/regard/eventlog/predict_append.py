"""Says what appending events would come to, without appending: the arithmetic of a dry run."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.append_events import Outcome, content_digest, object_id_of
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.events.event_catalogue import encode_body

_queries = NamedQueries(__package__, "predict.sql")


class AppendPredictor:
    """Predicts batch after batch of one source's events that have ids and compare their content.

    async with AppendPredictor(connection, keyring) as predictor:
        outcomes = await predictor.predict(events)

    Repetitions across batches are seen as the real append would see them. The connection must not be
    shared meanwhile.
    """

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    async def __aenter__(self) -> Self:
        await self._connection.execute(_queries["drop_scratch"])
        await self._connection.execute(_queries["create_scratch"])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._connection.is_closed():
            await self._connection.execute(_queries["drop_scratch"])

    async def predict(self, events: Sequence[Event]) -> list[Outcome]:
        """What would become of each event."""
        outcomes: list[Outcome] = ["stored"] * len(events)
        digests = [content_digest(event, encode_body(event.body), self._keyring) for event in events]
        waiting = await self._find_taken(events, digests, outcomes)
        while waiting:
            waiting = await self._move_heads(events, digests, outcomes, waiting)
        return outcomes

    async def _find_taken(
        self, events: Sequence[Event], digests: list[bytes], outcomes: list[Outcome]
    ) -> list[int]:
        if not events:
            return []
        ids = [event.event_id or "" for event in events]
        rows = await self._connection.fetch(_queries["read_event_keys"], events[0].source, ids)
        taken = {row["event_id"]: row["digest"] for row in rows}
        for index, event_id in enumerate(ids):
            if event_id in taken:
                outcomes[index] = "duplicate" if taken[event_id] == digests[index] else "conflict"
        return [index for index, event_id in enumerate(ids) if event_id not in taken]

    async def _move_heads(
        self, events: Sequence[Event], digests: list[bytes], outcomes: list[Outcome], waiting: list[int]
    ) -> list[int]:
        """One round; gives what has to wait because its object came earlier in the same round."""
        this_round: dict[UUID, int] = {}
        later = [
            index for index in waiting if this_round.setdefault(object_id_of(events[index]), index) != index
        ]
        objects = list(this_round)
        await self._connection.execute(_queries["seed_heads"], objects)
        rows = await self._connection.fetch(
            _queries["move_heads"], objects, [digests[index] for index in this_round.values()]
        )
        moved = {row["object_id"] for row in rows}
        for object_id, index in this_round.items():
            if object_id not in moved:
                outcomes[index] = "unchanged"
        return later
