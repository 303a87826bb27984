"""The product with two sources and a key each, and a way to read its log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from regard.db.pool import Pool
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.kit.clock import SetClock
from regard.sources.ingest_keys import create_key, store_key
from regard.sources.manage_sources import Source, create_source
from tests.api.world import World, open_world
from tests.intake.install_clients import install_node_clients
from tests.intake.pushing_hooks import Hooks
from tests.intake.raw_desk import Desk
from tests.intake.read_whole_log import read_log
from tests.laws.back_end import open_back_end


@dataclass
class Door:
    """The ways in of a running product: `web` for the event API, `shop` for records."""

    world: World
    web_key: str
    shop_key: str

    @property
    def pool(self) -> Pool:
        return self.world.back_end.pool

    @property
    def keyring(self) -> Keyring:
        return self.world.back_end.keyring

    async def log(self) -> list[Event]:
        return await read_log(self.pool, self.keyring)

    async def allow(self, token: str) -> None:
        """Let a write key that clients hold already send for `web`."""
        async with self.pool.acquire() as connection:
            await store_key(
                connection, self.keyring.token_hash, "web", token, self.world.back_end.clock.now()
            )

    async def send(
        self, method: str, path: str, body: bytes, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        async with self.world.client() as client:
            return await client.request(method, path, content=body, headers=headers)

    async def call(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        """A call of the event API with the key in its Basic header."""
        async with self.world.client() as client:
            return await client.post(path, json=body, auth=(key or self.web_key, ""))

    async def push(self, kind: str, body: Any, source: str = "shop", **headers: str) -> httpx.Response:
        """A push of records or interactions."""
        given = {"authorization": f"Bearer {self.shop_key}"} | headers
        async with self.world.client() as client:
            path = f"/api/v1/sources/{source}/{kind}"
            if isinstance(body, bytes):
                return await client.post(path, content=body, headers=given)
            return await client.post(path, json=body, headers=given)

    async def count(self, sql: str, *args: Any) -> int:
        return int(await self.pool.fetchval(sql, *args))


@pytest.fixture
async def door(pool: Pool, clock: SetClock, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_world(await open_back_end(pool, clock, tmp_path), tmp_path) as world:
        keyring, now = world.back_end.keyring, clock.now()
        async with pool.acquire() as connection:
            await create_source(connection, Source("web", "Web site", "event_api"), now)
            await create_source(connection, Source("shop", "Shop", "records_api", currency="EUR"), now)
            web = await create_key(connection, keyring.token_hash, "web", now)
            shop = await create_key(connection, keyring.token_hash, "shop", now)
        yield Door(world, web, shop)


@pytest.fixture(scope="session")
def node_clients(request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """Node, and a folder with the event clients that come through npm."""
    return install_node_clients(request.config)


@pytest.fixture
def desk(door: Door) -> Desk:
    """Raw records into the source `shop`."""
    return Desk(door)


@pytest.fixture
async def hooks(pool: Pool, clock: SetClock, tmp_path: Path) -> AsyncIterator[Hooks]:
    async with open_world(await open_back_end(pool, clock, tmp_path), tmp_path) as world:
        yield Hooks(world)
