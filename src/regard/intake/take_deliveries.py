"""What a genuine pushed request says, taken once; a text that may be a copy waits in the quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from regard.connectors.connector_contract import Delivery, RawRecord, WebhookRequest
from regard.connectors.name_origin import ItemRefusedError
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.events.raw_events import raw_object_id
from regard.intake.count_webhooks import WebhookCounter
from regard.intake.keep_deliveries import DeliverySeenError, note_deliveries
from regard.intake.keep_quarantine import hold_item
from regard.intake.keep_raw_heads import read_heads
from regard.intake.keep_wanted_records import want_records
from regard.intake.pushed_item import ItemResult, PushedItem
from regard.intake.receive_raw_records import RawIntake
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.sources.count_traffic import Tally, count_traffic
from regard.sources.manage_sources import Source

WEBHOOK_DIALECT = "webhook"
PROVED_OPENLY = "proved-openly"
"""Beside the headers in the context of a kept request: the secret itself stood in it."""

_NOTHING = "The request is genuine, but says nothing about a record. Such kinds of event need not be sent."


class _ReturnUnsureError(ItemRefusedError):
    """A text that came before comes again, and something else was said in between."""

    def __init__(self, state: bytes) -> None:
        super().__init__(
            "unsure_return",
            "The same text came before, and something else since. Without a time or a number in it, and with"
            " nothing but its body signed, nobody can tell whether the sender means it again or a copy was"
            " sent. Try it again here if it is meant; if this sender does so often, switch on “Take the same"
            " text as said again”.",
        )
        self.state = state


@dataclass(slots=True)
class _Repeat:
    """Whether a delivery was seen before, and upon which states of its records it comes."""

    source: str
    delivery: Delivery
    seen: frozenset[str] = frozenset()
    state: bytes = b""
    gone: frozenset[UUID] = frozenset()

    def judge(self, results: Sequence[ItemResult]) -> None:
        """Raise `DeliverySeenError` for what changes nothing, `_ReturnUnsureError` for what would."""
        if not self.seen:
            return
        if all(map(self._changes_nothing, self.delivery.records, results)):
            raise DeliverySeenError(self.seen)
        raise _ReturnUnsureError(self.state)

    def _changes_nothing(self, record: RawRecord, result: ItemResult) -> bool:
        """Also what deletes once more: the time it was given here makes it look new."""
        return result.verdict == "duplicate" or (record.deleted and self._object_id(record) in self.gone)

    def _object_id(self, record: RawRecord) -> UUID:
        return raw_object_id(self.source, record.stream, record.external_id)

    async def look(self, connection: Connection) -> None:
        """Note what is known of the records before they are taken."""
        heads = (await read_heads(connection, [self._object_id(one) for one in self.delivery.records])).latest
        known = b"".join(heads[one].digest for one in sorted(heads))
        self.state = hashlib.sha256(self.delivery.delivery_id.encode() + known).digest()
        self.gone = frozenset(one for one in heads if heads[one].deleted)


class DeliveryIntake:
    """Takes deliveries of any source. One per process."""

    def __init__(
        self, pool: Pool, keyring: Keyring, clock: Clock, intake: RawIntake, counter: WebhookCounter
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._intake = intake
        self._counter = counter

    async def take(self, source: Source, request: WebhookRequest, delivery: Delivery) -> str:
        """What the sender is to be answered, once everything that the delivery says is committed.

        Raises as `RawIntake.receive`. What was received before has no effect but to be counted.
        """
        now = self._clock.now()
        if not delivery.records and not delivery.fetch:
            self._counter.note(source.slug, "nothing_in_it", _NOTHING, now)
            return delivery.answer
        repeat = _Repeat(source.slug, delivery)
        records = [dated(one, now) for one in delivery.records]

        async def note(connection: Connection) -> None:
            seen = await note_deliveries(connection, source.slug, names_of(delivery), now)
            repeat.seen = frozenset(seen)
            if seen and not delivery.by_text:
                raise DeliverySeenError(seen)
            if seen:
                await repeat.look(connection)
            await want_records(connection, source.slug, delivery.fetch, now)

        try:
            await self._intake.receive(source, records, also=note, judge=repeat.judge)
        except DeliverySeenError as again:
            await self._count_again(source, delivery, again)
        except _ReturnUnsureError as unsure:
            if not await self.keep(source, request, unsure, unsure.state):
                await self._count_again(source, delivery, DeliverySeenError(repeat.seen))
        return delivery.answer

    async def keep(
        self, source: Source, request: WebhookRequest, refusal: RegardError, state: bytes | None = None
    ) -> bool:
        """Keep a genuine request in the quarantine as it came; False if its `state` is kept there already.

        What its headers prove, and a secret in its address, stay out.
        """
        now = self._clock.now()
        item = PushedItem(source.slug, now, WEBHOOK_DIALECT, request.body, context=_context(request))
        item.state = state
        async with self._pool.acquire() as connection, connection.transaction():
            fresh = await hold_item(connection, self._keyring, item, refusal)
            if fresh is None:
                return False
            await count_traffic(connection, {source.slug: Tally(now, rejected=1)})
        self._keyring.remember(fresh)
        return True

    async def _count_again(self, source: Source, delivery: Delivery, again: DeliverySeenError) -> None:
        """What it says was sent once more: the account of the source must stay whole."""
        now = self._clock.now()
        self._counter.note(source.slug, again.code, str(again), now)
        tally = Tally(now, duplicate=len(delivery.records) + len(delivery.fetch))
        async with self._pool.acquire() as connection, connection.transaction():
            await count_traffic(connection, {source.slug: tally})


def names_of(delivery: Delivery) -> list[str]:
    """The name of the delivery, if it has one."""
    return [delivery.delivery_id] if delivery.delivery_id else []


def dated(record: RawRecord, now: datetime) -> RawRecord:
    """With a time if it is a deletion without one, or a late older push would bring the record back."""
    return replace(record, updated_at=now) if record.deleted and record.updated_at is None else record


def _context(request: WebhookRequest) -> dict[str, str]:
    """What a translation may need besides the body."""
    endings = ("-topic", "-resource", "-event", "-event-type", "-delivery", "-webhook-id", "-triggered-at")
    kept = {name: value[:500] for name, value in request.headers.items() if name.endswith(endings)}
    shown = {PROVED_OPENLY: "yes"} if request.shows_secret else {}
    return {"content-type": request.headers.get("content-type", "")[:200], **kept, **shown}
