"""Pushes to sources of a running Regard, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from regard.connectors.connector_catalogue import find_connector
from regard.connectors.connector_contract import (
    WebhookRequest,
)
from regard.events.raw_events import RawReceived
from regard.intake.keep_connections import Connected, save_connection
from regard.sources.manage_sources import Source, create_source
from tests.api.world import World
from tests.connectors import signed_requests as signed
from tests.intake.read_whole_log import read_log

SECRET = "a secret of the sender"


class Hooks:
    """A running product with sources that are pushed to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pool = world.back_end.pool
        self.clock = world.back_end.clock

    async def add(
        self, connector: str, settings: Mapping[str, Any] | None = None, secret: str = SECRET
    ) -> None:
        """A source named as its connector."""
        kind = find_connector(connector)
        assert kind is not None
        now = self.clock.now()
        connected = Connected(connector, settings or {}, True, "UTC", None, now, "test")
        async with self.pool.acquire() as connection, connection.transaction():
            await create_source(connection, Source(connector, connector.title(), connector), now)
            keyring = self.world.back_end.keyring
            await save_connection(connection, keyring, kind, connected, {"webhook_secret": secret})

    async def push(self, source: str, asked: WebhookRequest, path: str | None = None) -> httpx.Response:
        async with self.world.client() as client:
            return await client.request(
                asked.method, path or f"/hooks/{source}", content=asked.body, headers=dict(asked.headers)
            )

    async def shopify(self, body: Mapping[str, Any], topic: str, **headers: str) -> httpx.Response:
        """A genuine push of Shopify; each with an id of its own unless told otherwise."""
        asked = signed.shopify(json.dumps(body).encode(), SECRET, 0)
        named = {"x-shopify-topic": topic} | {name.replace("_", "-"): one for name, one in headers.items()}
        return await self.push("shopify", signed.request({**asked.headers, **named}, asked.body))

    async def stripe(self, event: Mapping[str, Any], *, at: datetime | None = None) -> httpx.Response:
        stamp = int((at or self.clock.now()).timestamp())
        return await self.push("stripe", signed.stripe(json.dumps(event).encode(), SECRET, stamp))

    async def raw(self) -> list[RawReceived]:
        """What the log holds of raw records, in no order."""
        log = await read_log(self.pool, self.world.back_end.keyring)
        return [event.body for event in log if isinstance(event.body, RawReceived)]

    async def heads(self) -> dict[tuple[str, str], datetime | None]:
        """Stream, id and stated time of the latest state of each raw record that is there."""
        rows = await self.pool.fetch("SELECT * FROM intake.raw_head WHERE NOT deleted")
        return {(row["stream"], row["external_id"]): row["updated_at"] for row in rows}

    async def counts(self, source: str) -> dict[str, int]:
        await self.world.services.webhooks.close()
        rows = await self.pool.fetch("SELECT * FROM intake.webhook_count WHERE source = $1", source)
        return {row["code"]: row["requests"] for row in rows}
