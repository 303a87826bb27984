"""The door for pushed requests: proved first, read afterwards, answered when what they say is durable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from regard.connectors.connector_catalogue import find_connector
from regard.connectors.connector_contract import Delivery, Webhook, WebhookRequest
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.signatures.refuse_signature import SignatureRefusedError
from regard.connectors.signatures.verify_plain_secret import secret_in_address
from regard.connectors.webhooks.webhook_catalogue import OLD_SECRET, SECRET
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.count_webhooks import PROVED, WebhookCounter
from regard.intake.keep_connections import read_connected, read_whole_settings
from regard.intake.keep_deliveries import note_deliveries
from regard.intake.keep_quarantine import (
    QuarantinedItem,
    lock_open_item,
    open_body,
    resolve_item,
    restate_reason,
)
from regard.intake.keep_wanted_records import want_records
from regard.intake.pushed_item import ACCEPTED, DUPLICATE, ItemResult
from regard.intake.receive_raw_records import RawIntake
from regard.intake.take_deliveries import (
    PROVED_OPENLY,
    WEBHOOK_DIALECT,
    DeliveryIntake,
    dated,
    names_of,
)
from regard.kit.clock import Clock
from regard.kit.errors import RegardError, Transient
from regard.sources.count_traffic import Tally, count_traffic
from regard.sources.manage_sources import Source, read_source

_LOG = structlog.get_logger(__name__)
_PROBES = frozenset({"GET", "HEAD"})


class NoWebhookError(RegardError):
    """The source does not take pushed requests."""

    code = "no_webhook"
    status = 404


class SourceSwitchedOffError(RegardError, Transient):
    """The source is switched off; the sender may come again later."""

    code = "source_switched_off"
    status = 503


@dataclass(frozen=True, slots=True)
class _Receiver:
    """A source with how it is pushed to; `settings` with its secrets."""

    source: Source
    webhook: Webhook
    settings: Mapping[str, Any]

    @property
    def secret(self) -> str:
        """The secrets that hold, a line each."""
        found = (self.settings.get(name) for name in (SECRET, OLD_SECRET))
        return "\n".join(one for one in found if isinstance(one, str))

    @property
    def open_settings(self) -> dict[str, Any]:
        """The settings that a translation may know."""
        return {name: one for name, one in self.settings.items() if name not in {SECRET, OLD_SECRET}}


class WebhookDoor:
    """Receives pushed requests of all sources. One per process."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._intake = RawIntake(pool, keyring, clock)
        self.counter = WebhookCounter(pool)
        self._deliveries = DeliveryIntake(pool, keyring, clock, self._intake, self.counter)

    async def close(self) -> None:
        """Write what is counted, then return."""
        await self.counter.close()

    async def receive(self, slug: str, request: WebhookRequest) -> str:
        """What the sender is to be answered, once everything that the request says is committed.

        Raises `NoSuchSourceError`, `NoWebhookError`, `SourceSwitchedOffError`, `LogUnavailableError`, or
        `SignatureRefusedError`, which is counted. What is genuine and cannot be read goes into quarantine.
        """
        receiver = await self._find(slug)
        if request.method in _PROBES and not secret_in_address(request.url):
            return Delivery().answer
        try:
            receiver.webhook.verify(request, receiver.secret)
        except SignatureRefusedError as refusal:
            self.counter.note(slug, refusal.code, str(refusal), self._clock.now())
            raise
        self.counter.note(slug, PROVED, "", self._clock.now())
        if request.method in _PROBES:
            return Delivery().answer
        trusted = receiver.webhook.trust(request, receiver.secret)
        try:
            delivery = self._translate(receiver, trusted)
        except ItemRefusedError as refusal:
            await self._deliveries.keep(receiver.source, trusted, refusal)
            return Delivery().answer
        return await self._deliveries.take(receiver.source, trusted, delivery)

    async def retry(self, slug: str, item_id: UUID, body: object, by: str) -> ItemResult | None:
        """Read a request of the quarantine again, with `body` in its place unless None; None if it is none.

        It was proved when it came. Refused again, it stays open with the new reason. Raises
        `NoSuchQuarantinedItemError`, `QuarantineResolvedError`, `KeyDestroyedError`, or as `receive`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            kept, sealed = await lock_open_item(connection, slug, item_id)
            if kept.dialect != WEBHOOK_DIALECT:
                return None
            raw = await open_body(connection, self._keyring, kept, sealed)
        receiver = await self._find(slug)
        request = _request_again(kept, raw, body)
        try:
            delivery = self._translate(receiver, request)
        except ItemRefusedError as refusal:
            async with self._pool.acquire() as connection, connection.transaction():
                still, _ = await lock_open_item(connection, slug, item_id)
                await restate_reason(connection, self._keyring, still, refusal, request.body)
            return ItemResult("rejected", refusal.code, str(refusal), item_id)
        return await self._take_again(receiver.source, kept, delivery, by)

    async def _take_again(
        self, source: Source, kept: QuarantinedItem, delivery: Delivery, by: str
    ) -> ItemResult:
        now = self._clock.now()
        records = [dated(one, kept.received_at) for one in delivery.records]

        async def settle(connection: Connection) -> None:
            # Two stewards who press retry at once must not both succeed.
            still, _ = await lock_open_item(connection, source.slug, kept.id)
            await resolve_item(connection, still, "retried", by, now)
            await note_deliveries(connection, source.slug, names_of(delivery), now)
            await want_records(connection, source.slug, delivery.fetch, now)
            tally = Tally(now, rejected=-1, duplicate=0 if records or delivery.fetch else 1)
            await count_traffic(connection, {source.slug: tally})

        results = await self._intake.receive(source, records, also=settle)
        if delivery.fetch or any(one.verdict == "accepted" for one in results):
            return ACCEPTED
        return next((one for one in results if one.verdict == "rejected"), DUPLICATE)

    async def _find(self, slug: str) -> _Receiver:
        async with self._pool.acquire() as connection:
            source = await read_source(connection, slug)
            connector = find_connector(source.connector)
            if connector is None or connector.webhook is None:
                raise NoWebhookError("This source takes no webhooks. Set up a source of the sender's kind.")
            connected = await read_connected(connection, slug)
            settings = await read_whole_settings(connection, self._keyring, slug) if connected else {}
        if connected is not None and not connected.enabled:
            raise SourceSwitchedOffError("The source is switched off; switch it on in Regard.")
        return _Receiver(source, connector.webhook, settings)

    def _translate(self, receiver: _Receiver, request: WebhookRequest) -> Delivery:
        try:
            return receiver.webhook.translate(request, receiver.open_settings)
        except ItemRefusedError:
            raise
        except Exception as error:  # noqa: BLE001 - any fault ends here, and its text stays out of the log
            # A genuine request is never lost for a fault of ours.
            _LOG.error("webhook_translation_broke", source=receiver.source.slug, error=type(error).__name__)
            raise ItemRefusedError(
                "fault",
                "The request has a form that Regard cannot read. Correct it here and try it again; if its"
                " sender sends it so, please report it: the log of the server names the fault.",
            ) from None


def _request_again(kept: QuarantinedItem, raw: bytes, body: object) -> WebhookRequest:
    """The request as it came, as far as it was kept; a corrected one is JSON."""
    shown = PROVED_OPENLY in kept.context
    if body is None:
        return WebhookRequest("POST", "", kept.context, raw, kept.received_at, shown)
    headers = {**kept.context, "content-type": "application/json"}
    return WebhookRequest("POST", "", headers, json.dumps(body).encode(), kept.received_at, shown)
