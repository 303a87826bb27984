"""Records that a push only names are fetched from the source, however long that takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from regard.connectors.connector_contract import (
    RawRecord,
    SourceUnavailableError,
    StreamSpec,
)
from regard.intake.fetch_wanted_records import WantedReader
from regard.intake.keep_wanted_records import count_wanted, read_wanted
from regard.intake.receive_raw_records import RawIntake
from regard.sources.manage_sources import Source
from tests.connectors import signed_requests as signed
from tests.intake.pushing_hooks import SECRET, Hooks


class Client:
    """A source of which single records can be fetched."""

    def __init__(self, there: dict[str, dict[str, Any]]) -> None:
        self.there = there
        self.broken = False
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    async def streams(self) -> list[StreamSpec]:
        return [StreamSpec("orders", "Orders")]

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> list[RawRecord]:
        self.asked.append((stream, tuple(external_ids)))
        if self.broken:
            raise SourceUnavailableError("The source is away.", retry_after=60)
        return [RawRecord(stream, one, self.there[one]) for one in external_ids if one in self.there]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked for")


def reader(hooks: Hooks, client: Client, slug: str) -> WantedReader:
    back_end = hooks.world.back_end
    intake = RawIntake(back_end.pool, back_end.keyring, back_end.clock)
    return WantedReader(hooks.pool, intake, hooks.clock, Source(slug, slug, slug), client)


async def test_what_a_push_only_names_is_fetched_later(hooks: Hooks) -> None:
    await hooks.add("shopify")
    await hooks.shopify({"id": 1, "order_id": 41}, "refunds/create", x_shopify_webhook_id="r1")
    await hooks.shopify({"id": 2, "order_id": 42}, "refunds/create", x_shopify_webhook_id="r2")
    client = Client({"41": {"id": 41, "total_price": "9.50"}})
    assert await reader(hooks, client, "shopify").fetch_once() == 2
    assert client.asked == [("orders", ("41", "42"))]
    assert [raw.external_id for raw in await hooks.raw() if raw.raw] == ["41"]
    assert await reader(hooks, client, "shopify").fetch_once() == 0


async def test_what_cannot_be_fetched_waits_and_says_why(hooks: Hooks) -> None:
    await hooks.add("shopify")
    await hooks.shopify({"id": 1, "order_id": 41}, "refunds/create", x_shopify_webhook_id="r1")
    client = Client({"41": {"id": 41}})
    client.broken = True
    wanted = reader(hooks, client, "shopify")
    assert await wanted.fetch_once() == 0
    async with hooks.pool.acquire() as connection:
        waiting = await count_wanted(connection, "shopify")
        assert (waiting.waiting, waiting.failing, waiting.error) == (1, 1, "The source is away.")
        assert await read_wanted(connection, "shopify", hooks.clock.now(), 10) == []
    client.broken = False
    hooks.clock.advance(timedelta(seconds=61))
    assert await wanted.fetch_once() == 1
    assert [raw.external_id for raw in await hooks.raw() if raw.raw] == ["41"]


async def test_a_record_named_again_while_it_is_fetched_is_fetched_again(hooks: Hooks) -> None:
    await hooks.add("shopify")
    await hooks.shopify({"id": 1, "order_id": 41}, "refunds/create", x_shopify_webhook_id="r1")

    class Slow(Client):
        async def fetch(self, stream: str, external_ids: Sequence[str]) -> list[RawRecord]:
            hooks.clock.advance(timedelta(seconds=1))
            await hooks.shopify({"id": 2, "order_id": 41}, "refunds/create", x_shopify_webhook_id="r2")
            return await super().fetch(stream, external_ids)

    await reader(hooks, Slow({"41": {"id": 41}}), "shopify").fetch_once()
    quick = Client({"41": {"id": 41, "refunds": [1, 2]}})
    assert await reader(hooks, quick, "shopify").fetch_once() == 1
    assert len(await hooks.raw()) == 2


async def test_a_record_that_is_no_longer_found_is_gone(hooks: Hooks) -> None:
    await hooks.add("shopify")
    await hooks.shopify({"id": 41}, "orders/create")
    await hooks.shopify({"id": 1, "order_id": 41}, "refunds/create", x_shopify_webhook_id="r1")
    await reader(hooks, Client({}), "shopify").fetch_once()
    assert await hooks.heads() == {}


async def test_what_a_push_names_of_a_stream_that_is_not_read_is_forgotten(hooks: Hooks) -> None:
    await hooks.add("hubspot")
    event = [{"subscriptionType": "quote.creation", "objectId": 1}]
    asked = signed.hubspot_v1(json.dumps(event).encode(), SECRET, 0)
    assert (await hooks.push("hubspot", asked)).status_code == 200
    client = Client({})
    assert await reader(hooks, client, "hubspot").fetch_once() == 1
    assert client.asked == []
    assert await reader(hooks, client, "hubspot").fetch_once() == 0
