"""The door for pushed rows (CloudEvents, Debezium): each message once, its row as a raw record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from regard.connectors.connector_contract import RawRecord
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.push_rows import PushedRow
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.keep_deliveries import note_delivery
from regard.intake.keep_quarantine import add_items
from regard.intake.pushed_item import DUPLICATE, ItemResult, PushedItem
from regard.intake.read_batches import Piece
from regard.intake.receive_raw_records import RawIntake
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.sources.count_traffic import Tally, count_traffic
from regard.sources.manage_sources import Source

Read = Callable[[object], PushedRow]
"""What one message says; raises `ItemRefusedError`."""


class _SeenBeforeError(RegardError):
    """Some messages of the batch were received before; nothing of it is written."""

    code = "seen_before"
    status = 200

    def __init__(self, seen: set[str]) -> None:
        super().__init__("Some messages were received before.")
        self.seen = seen


@dataclass(slots=True)
class _Message:
    """One message of a batch and what became of it."""

    piece: Piece
    row: PushedRow | None = None
    refusal: RegardError | None = None
    result: ItemResult = DUPLICATE

    @property
    def record(self) -> RawRecord | None:
        """Its row; None when it says nothing or is refused."""
        return self.row.record if self.row else None


class RowDoor:
    """Receives pushed rows of all sources."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._intake = RawIntake(pool, keyring, clock)

    async def receive(
        self, source: Source, dialect: str, pieces: Sequence[Piece], read: Read
    ) -> list[ItemResult]:
        """Write the rows of a batch; one result each, in their order, durable when this returns.

        What cannot be read goes into quarantine. Raises `LogUnavailableError`: send all of it again.
        """
        messages = [_read(piece, read) for piece in pieces]
        written = await self._write(source, messages)
        refused = [one for one in messages if one.refusal is not None]
        await self._settle(source, dialect, refused, len(messages) - written - len(refused))
        return [one.result for one in messages]

    async def _write(self, source: Source, messages: Sequence[_Message]) -> int:
        """Write the rows that are new; how many messages that were."""
        seen: set[str] = set()
        while waiting := [one for one in _first_of_each(messages, seen) if one.record is not None]:
            names = [one.row.delivery_id for one in waiting if one.row and one.row.delivery_id]
            records = [one.record for one in waiting if one.record is not None]

            async def note(connection: Connection, names: Sequence[str] = tuple(names)) -> None:
                now = self._clock.now()
                again = {
                    name for name in names if not await note_delivery(connection, source.slug, name, now)
                }
                if again:
                    raise _SeenBeforeError(again)

            try:
                results = await self._intake.receive(source, records, also=note)
            except _SeenBeforeError as error:
                # The names of the others are not noted either, so the next round finds them new.
                seen |= error.seen
                continue
            for message, result in zip(waiting, results, strict=True):
                message.result = result
            return len(waiting)
        return 0

    async def _settle(
        self, source: Source, dialect: str, refused: Sequence[_Message], duplicates: int
    ) -> None:
        """Keep what was refused, and count what was not written."""
        if not refused and not duplicates:
            return
        now = self._clock.now()
        items: list[tuple[PushedItem, RegardError]] = []
        for message in refused:
            piece = message.piece
            value = piece.value if piece.fault is None else piece.text
            assert message.refusal is not None
            items.append((PushedItem(source.slug, now, dialect, value), message.refusal))
        async with self._pool.acquire() as connection, connection.transaction():
            fresh = await add_items(connection, self._keyring, items) if items else {}
            tally = Tally(now, duplicate=duplicates, rejected=len(items))
            await count_traffic(connection, {source.slug: tally})
        self._keyring.remember(fresh)
        for message, (item, error) in zip(refused, items, strict=True):
            message.result = ItemResult("rejected", error.code, str(error), item.quarantine_id)


def _read(piece: Piece, read: Read) -> _Message:
    if piece.fault is not None:
        return _Message(piece, refusal=piece.fault)
    try:
        return _Message(piece, read(piece.value))
    except ItemRefusedError as refusal:
        return _Message(piece, refusal=refusal)


def _first_of_each(messages: Sequence[_Message], seen: set[str]) -> list[_Message]:
    """The messages that were not received before, each once."""
    met = set(seen)
    first = []
    for message in messages:
        name = message.row.delivery_id if message.row else None
        if name is None or name not in met:
            first.append(message)
        if name is not None:
            met.add(name)
    return first
