"""The front door for pushes: pieces of a batch in, their events into the log, an account out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from regard.connectors.connector_catalogue import Dialect, find_dialect
from regard.connectors.connector_contract import RawRecord
from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.read_values import name_type
from regard.db.pool import Connection, Pool
from regard.eventlog.append_events import append_within
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.intake.append_in_groups import EventAppender
from regard.intake.commit_items import refusal_of
from regard.intake.commit_raw_records import RAW_DIALECT
from regard.intake.keep_quarantine import (
    QuarantinedItem,
    lock_open_item,
    open_body,
    reopen_item,
    resolve_item,
    restate_reason,
)
from regard.intake.meter_pushes import PushMeter
from regard.intake.pushed_item import ACCEPTED, DUPLICATE, EVENT_DIALECT, ItemResult, PushedItem
from regard.intake.read_batches import Piece
from regard.intake.read_json import JsonRefusedError, read_json
from regard.intake.receive_raw_records import RawIntake
from regard.kit.clock import Clock
from regard.sources.count_traffic import Tally, count_traffic
from regard.sources.manage_sources import Source, read_source

_SENT_AT, _CALL = "sent_at", "call"
_NO_READER = "unknown_dialect"


@dataclass(frozen=True, slots=True)
class Call:
    """What a request says around its items: when the client sent it, the call its address names, its key.

    The key is counted against its quota and kept nowhere.
    """

    sent_at: datetime | None = None
    name: str | None = None
    key: str | None = field(default=None, repr=False)


class FrontDoor:
    """Receives what is pushed, and lets stewards push again what was refused."""

    def __init__(
        self,
        pool: Pool,
        keyring: Keyring,
        clock: Clock,
        appender: EventAppender,
        meter: PushMeter | None = None,
    ) -> None:
        self._meter = meter or PushMeter()
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._appender = appender

    def admit(self, key: str, items: int) -> None:
        """Count items against the quota of a key; raises `QuotaExceededError`."""
        self._meter.take(key, items)

    async def receive(
        self, source: Source, dialect: Dialect, pieces: Sequence[Piece], call: Call | None = None
    ) -> list[ItemResult]:
        """Translate and write the pieces; one result each, in their order.

        Raises `BusyError` or `QuotaExceededError` when nothing of them is kept.
        """
        self.admit((call and call.key) or source.slug, len(pieces))
        origin = _origin(source, self._clock.now(), call or Call())
        context = _as_context(call or Call())
        return await self._appender.submit([_translate(piece, dialect, origin, context) for piece in pieces])

    async def retry(self, slug: str, item_id: UUID, body: object, by: str) -> ItemResult:
        """Send an item of the quarantine through the door again, with `body` in its place unless None.

        Refused again, it stays open with the new reason. Raises `NoSuchQuarantinedItemError`,
        `QuarantineResolvedError` or `KeyDestroyedError`.
        """
        raw_item = await self._raw_item(slug, item_id)
        if raw_item is not None:
            return await self._retry_raw(slug, raw_item, body, by)
        async with self._pool.acquire() as connection, connection.transaction():
            source = await read_source(connection, slug)
            kept, sealed = await lock_open_item(connection, slug, item_id)
            raw = await open_body(connection, self._keyring, kept, sealed)
            item = _translate_again(kept, raw, body, source)
            error, keys = item.refusal, {}
            result = DUPLICATE
            if error is None:
                follows = [None, *(0 for _ in item.events[1:])]
                appended = await append_within(connection, self._keyring, item.events, follows)
                keys = appended.fresh_keys
                error = refusal_of(item, appended.outcomes[0])
                result = ACCEPTED if appended.outcomes[0] == "stored" else DUPLICATE
            if error is not None:
                if error.code != _NO_READER:
                    # Why it was refused is worth more than that nobody can try it again.
                    await restate_reason(connection, self._keyring, kept, error, item.raw)
                result = ItemResult("rejected", error.code, str(error), item_id)
            else:
                await resolve_item(connection, kept, "retried", by, self._clock.now())
                await count_traffic(connection, {slug: _moved(item, result)})
        self._keyring.remember(keys)
        return result

    async def _raw_item(self, slug: str, item_id: UUID) -> tuple[QuarantinedItem, bytes] | None:
        """The item and its body when it is a raw record; None for items of the other doors."""
        async with self._pool.acquire() as connection, connection.transaction():
            kept, sealed = await lock_open_item(connection, slug, item_id)
            if kept.dialect != RAW_DIALECT:
                return None
            return kept, await open_body(connection, self._keyring, kept, sealed)

    async def _retry_raw(
        self, slug: str, item: tuple[QuarantinedItem, bytes], body: object, by: str
    ) -> ItemResult:
        """Take a raw record in again, as it came or corrected, by the mapping that its stream has now."""
        kept, raw = item
        value = read_json(raw) if body is None else body
        if not isinstance(value, dict):
            raise JsonRefusedError("a raw record must be an object; correct it and send it again")
        stated = kept.context.get("updated_at")
        record = RawRecord(
            kept.context["stream"], kept.context["id"], value,
            datetime.fromisoformat(stated) if stated else None,
        )  # fmt: skip
        async with self._pool.acquire() as connection:
            source = await read_source(connection, slug)
        now = self._clock.now()

        async def settle(connection: Connection) -> None:
            # Two stewards who press retry at once must not both succeed.
            still, _ = await lock_open_item(connection, slug, kept.id)
            await resolve_item(connection, still, "retried", by, now)
            await count_traffic(connection, {slug: Tally(now, rejected=-1)})

        intake = RawIntake(self._pool, self._keyring, self._clock)
        [result] = await intake.receive(source, [record], also=settle)
        if result.verdict == "duplicate":
            # Neither the record nor its mapping changed since it was refused: it waits on, as it did.
            async with self._pool.acquire() as connection, connection.transaction():
                await reopen_item(connection, kept)
                await count_traffic(connection, {slug: Tally(now, duplicate=-1, rejected=1)})
            return ItemResult("rejected", kept.code, kept.reason, kept.id)
        return result

    async def discard(self, slug: str, item_id: UUID, by: str) -> None:
        """Close an item without taking it in, even one that cannot be opened; it stays in the account."""
        async with self._pool.acquire() as connection, connection.transaction():
            kept, _ = await lock_open_item(connection, slug, item_id)
            await resolve_item(connection, kept, "discarded", by, self._clock.now())


def _origin(source: Source, received_at: datetime, call: Call) -> Origin:
    return Origin(source.slug, received_at, source.currency, call.sent_at, call.name)


def _as_context(call: Call) -> dict[str, str]:
    context = {}
    if call.sent_at is not None:
        context[_SENT_AT] = call.sent_at.isoformat()
    if call.name is not None:
        context[_CALL] = call.name
    return context


def _translate(piece: Piece, dialect: Dialect, origin: Origin, context: dict[str, str]) -> PushedItem:
    value = piece.value if piece.fault is None else piece.text
    item = PushedItem(origin.source, origin.received_at, dialect.name, value, context=context)
    item.refusal = piece.fault
    if piece.fault is None:
        try:
            item.events = _events_of(value, dialect, origin)
        except ItemRefusedError as error:
            item.refusal = error
    return item


def _events_of(value: object, dialect: Dialect, origin: Origin) -> list[Event]:
    if not isinstance(value, dict):
        raise ItemRefusedError("wrong_type", f"an item must be an object, not {name_type(value)}")
    return dialect.translate(value, origin)


def _translate_again(kept: QuarantinedItem, raw: bytes, body: object, source: Source) -> PushedItem:
    item = PushedItem(kept.source, kept.received_at, kept.dialect, raw if body is None else body)
    item.quarantine_id = kept.id
    try:
        value: Any = read_json(raw) if body is None else body
        if kept.dialect == EVENT_DIALECT:
            item.events = [msgspec.convert(value, Event)]
        elif (dialect := find_dialect(kept.dialect)) is not None:
            sent_at = kept.context.get(_SENT_AT)
            call = Call(datetime.fromisoformat(sent_at) if sent_at else None, kept.context.get(_CALL))
            item.events = _events_of(value, dialect, _origin(source, kept.received_at, call))
        else:
            item.refusal = ItemRefusedError(_NO_READER, "no connector reads this format any more")
    except (ItemRefusedError, JsonRefusedError) as error:
        item.refusal = error
    except msgspec.ValidationError as error:
        item.refusal = ItemRefusedError("not_an_event", f"the event does not have its form: {error}")
    return item


def _moved(item: PushedItem, result: ItemResult) -> Tally:
    """A retried item leaves the rejected ones, so that the three still add up to what was sent."""
    tally = Tally(item.received_at, rejected=-1, occurred_at=item.events[0].occurred_at)
    if result.verdict == "accepted":
        tally.accepted = 1
    else:
        tally.duplicate = 1
    return tally
