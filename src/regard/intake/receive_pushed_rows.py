"""The door for pushed rows (CloudEvents, Debezium): each message once, its row as a raw record."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from regard.connectors.cloud_events import read_cloud_event
from regard.connectors.connector_contract import RawRecord
from regard.connectors.debezium_envelopes import read_change
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.push_rows import PushedRow, RowAddress
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.cut_batches import find_ends
from regard.intake.keep_deliveries import DeliverySeenError, note_deliveries
from regard.intake.keep_quarantine import (
    QuarantinedItem,
    add_items,
    lock_open_item,
    open_body,
    resolve_item,
    restate_reason,
)
from regard.intake.pushed_item import DUPLICATE, ItemResult, PushedItem
from regard.intake.read_batches import Piece
from regard.intake.read_json import JsonRefusedError, read_json
from regard.intake.receive_raw_records import RawIntake
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.sources.count_traffic import Tally, count_traffic
from regard.sources.manage_sources import Source, read_source

READERS: dict[str, Callable[[object, RowAddress], PushedRow]] = {
    "cloud_events": read_cloud_event,
    "debezium": read_change,
}
"""What one message says, by the format it has; each raises `ItemRefusedError`."""

_STREAM, _COLUMNS = "stream", "columns"


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


class PushedRowDoor:
    """Receives pushed rows of all sources."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._intake = RawIntake(pool, keyring, clock)

    async def receive(
        self, source: Source, dialect: str, pieces: Sequence[Piece], address: RowAddress
    ) -> list[ItemResult]:
        """Write the rows of a batch; one result each, in their order, durable when this returns.

        `dialect` is one of `READERS`. What cannot be read goes into quarantine. Raises
        `LogUnavailableError`: send all of it again.
        """
        messages = [_read(piece, dialect, address) for piece in pieces]
        written = await self._write(source, messages)
        refused = [one for one in messages if one.refusal is not None]
        duplicates = len(messages) - written - len(refused)
        await self._settle(source, _Refused(dialect, address, refused), duplicates)
        return [one.result for one in messages]

    async def retry(self, slug: str, item_id: UUID, body: object, by: str) -> ItemResult | None:
        """Take an item of the quarantine again, with `body` in its place unless None; None if it is no row.

        Refused again, it stays open with the new reason. Raises `NoSuchQuarantinedItemError`,
        `QuarantineResolvedError` or `KeyDestroyedError`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            source = await read_source(connection, slug)
            kept, sealed = await lock_open_item(connection, slug, item_id)
            if kept.dialect not in READERS:
                return None
            raw = await open_body(connection, self._keyring, kept, sealed)
            message = _read_again(kept, raw, body)
            if message.refusal is not None:
                told = raw if body is None else json.dumps(body).encode()
                await restate_reason(connection, self._keyring, kept, message.refusal, told)
                return ItemResult("rejected", message.refusal.code, str(message.refusal), item_id)

        async def resolve(connection: Connection) -> None:
            still, _ = await lock_open_item(connection, slug, item_id)
            await resolve_item(connection, still, "retried", by, self._clock.now())
            written = 1 if message.record else 0
            tally = Tally(kept.received_at, duplicate=1 - written, rejected=-1)
            await count_traffic(connection, {slug: tally})

        records = [message.record] if message.record else []
        results = await self._intake.receive(source, records, also=resolve)
        return results[0] if results else DUPLICATE

    async def _write(self, source: Source, messages: Sequence[_Message]) -> int:
        """Write the rows that are new, portion by portion; how many messages that were.

        Whoever sends again after a portion failed finds the ones before it seen.
        """
        rows = [one for one in messages if one.record is not None]
        ends = find_ends([(one.record.stream, one.record.external_id) for one in rows if one.record])
        written = 0
        for start, end in zip([0, *ends[:-1]], ends, strict=True):
            written += await self._write_portion(source, rows[start:end])
        return written

    async def _write_portion(self, source: Source, messages: Sequence[_Message]) -> int:
        seen: set[str] = set()
        while waiting := _first_of_each(messages, seen):
            names = [one.row.delivery_id for one in waiting if one.row and one.row.delivery_id]
            records = [one.record for one in waiting if one.record is not None]

            async def note(connection: Connection, names: Sequence[str] = tuple(names)) -> None:
                again = await note_deliveries(connection, source.slug, names, self._clock.now())
                if again:
                    raise DeliverySeenError(again)

            try:
                results = await self._intake.receive(source, records, also=note)
            except DeliverySeenError as error:
                # The names of the others are not noted either, so the next round finds them new.
                seen |= error.seen
                continue
            for message, result in zip(waiting, results, strict=True):
                message.result = result
            return len(waiting)
        return 0

    async def _settle(self, source: Source, refused: _Refused, duplicates: int) -> None:
        """Keep what was refused, and count what was not written."""
        if not refused.messages and not duplicates:
            return
        now = self._clock.now()
        items = refused.items(source, now)
        async with self._pool.acquire() as connection, connection.transaction():
            fresh = await add_items(connection, self._keyring, items) if items else {}
            tally = Tally(now, duplicate=duplicates, rejected=len(items))
            await count_traffic(connection, {source.slug: tally})
        self._keyring.remember(fresh)
        for message, (item, error) in zip(refused.messages, items, strict=True):
            message.result = ItemResult("rejected", error.code, str(error), item.quarantine_id)


@dataclass(frozen=True, slots=True)
class _Refused:
    """Messages of a batch that cannot be read, with what is needed to read them again."""

    dialect: str
    address: RowAddress
    messages: Sequence[_Message]

    def items(self, source: Source, now: datetime) -> list[tuple[PushedItem, RegardError]]:
        """The messages as they are kept, with the reasons."""
        context = {_STREAM: self.address.stream or "", _COLUMNS: ",".join(self.address.key)}
        items: list[tuple[PushedItem, RegardError]] = []
        for message in self.messages:
            value = message.piece.value if message.piece.fault is None else message.piece.text
            assert message.refusal is not None
            item = PushedItem(source.slug, now, self.dialect, value, context=context)
            items.append((item, message.refusal))
        return items


def _read(piece: Piece, dialect: str, address: RowAddress) -> _Message:
    if piece.fault is not None:
        return _Message(piece, refusal=piece.fault)
    try:
        return _Message(piece, READERS[dialect](piece.value, address))
    except ItemRefusedError as refusal:
        return _Message(piece, refusal=refusal)


def _read_again(kept: QuarantinedItem, raw: bytes, body: object) -> _Message:
    columns = tuple(name for name in kept.context.get(_COLUMNS, "").split(",") if name)
    address = RowAddress(kept.received_at, kept.context.get(_STREAM) or None, columns)
    try:
        piece = Piece(read_json(raw) if body is None else body)
    except JsonRefusedError as fault:
        piece = Piece(text=raw, fault=fault)
    return _read(piece, kept.dialect, address)


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
