"""The application service API of Matrix as a home server speaks it, before the running product."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from regard.connectors.matrix.matrix_source import MATRIX
from regard.db.pool import Pool
from regard.events.raw_events import RawReceived
from regard.intake.keep_connections import Connected, save_connection
from regard.kit.clock import SetClock
from regard.sources.manage_sources import Source, create_source
from tests.api.world import World, open_world
from tests.intake.read_whole_log import read_log
from tests.laws.back_end import open_back_end

TOKEN = "the token of the home server"
MESSAGE = {
    "type": "m.room.message", "content": {"msgtype": "m.text", "body": "Hello"}, "event_id": "$one",
    "sender": "@ann:home.example", "room_id": "!r:home.example", "origin_server_ts": 1_780_000_000_000,
}  # fmt: skip


class HomeServer:
    """A home server that pushes to a source called `chat`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pool = world.back_end.pool

    async def add(self, slug: str) -> None:
        now = self.world.back_end.clock.now()
        connected = Connected(slug, {"our_users": "@agent:.*"}, True, "UTC", None, now, "test")
        async with self.pool.acquire() as connection, connection.transaction():
            await create_source(connection, Source(slug, slug.title(), "matrix"), now)
            keyring = self.world.back_end.keyring
            await save_connection(connection, keyring, MATRIX, connected, {"webhook_secret": TOKEN})

    async def ask(
        self, method: str, path: str, body: Any = None, token: str | None = TOKEN
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.world.client() as client:
            return await client.request(method, path, content=content, headers=headers)

    async def records(self) -> list[tuple[str, str]]:
        rows = await self.pool.fetch(
            "SELECT stream, external_id FROM intake.raw_head WHERE NOT deleted ORDER BY stream, external_id"
        )
        return [(row["stream"], row["external_id"]) for row in rows]


@pytest.fixture
async def server(pool: Pool, clock: SetClock, tmp_path: Path) -> AsyncIterator[HomeServer]:
    async with open_world(await open_back_end(pool, clock, tmp_path), tmp_path) as world:
        server = HomeServer(world)
        await server.add("chat")
        yield server


@pytest.mark.parametrize(
    "path",
    [
        "/_matrix/app/v1/transactions/1",
        "/hooks/chat/_matrix/app/v1/transactions/1",
        "/hooks/chat/transactions/1",
    ],
)
async def test_a_transaction_is_taken_once_however_often_it_comes(server: HomeServer, path: str) -> None:
    for again in (path, path, path.replace("/1", "/2")):
        answer = await server.ask("PUT", again, {"events": [MESSAGE]})
        assert (answer.status_code, answer.json()) == (200, {})
    assert await server.records() == [("messages", "$one")]
    log = await read_log(server.pool, server.world.back_end.keyring)
    assert len([event for event in log if isinstance(event.body, RawReceived)]) == 1


async def test_older_home_servers_put_the_token_into_the_address(server: HomeServer) -> None:
    path = f"/hooks/chat/transactions/1?access_token={TOKEN.replace(' ', '%20')}"
    assert (await server.ask("PUT", path, {"events": [MESSAGE]}, token=None)).status_code == 200
    assert await server.records() == [("messages", "$one")]


async def test_without_the_token_nothing_is_taken(server: HomeServer) -> None:
    for token in (None, "another"):
        answer = await server.ask("PUT", "/_matrix/app/v1/transactions/1", {"events": [MESSAGE]}, token)
        assert answer.status_code == 401
    assert await server.records() == []


async def test_a_ping_is_answered_and_users_and_rooms_are_none_of_ours(server: HomeServer) -> None:
    assert (await server.ask("POST", "/hooks/chat/_matrix/app/v1/ping", {"transaction_id": "t"})).json() == {}
    assert (await server.ask("POST", "/_matrix/app/v1/ping", {}, "another")).status_code == 401
    for path in ("/_matrix/app/v1/users/@a:b", "/hooks/chat/_matrix/app/v1/rooms/%23a:b"):
        answer = await server.ask("GET", path)
        assert (answer.status_code, answer.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_a_transaction_that_is_no_json_waits_in_quarantine(
    server: HomeServer,
) -> None:
    assert (await server.ask("PUT", "/_matrix/app/v1/transactions/1", b"{nonsense")).status_code == 200
    assert (
        await server.ask("PUT", "/_matrix/app/v1/transactions/2", {"events": [MESSAGE]})
    ).status_code == 200
    assert await server.pool.fetchval("SELECT count(*) FROM intake.quarantine") == 1
    assert await server.records() == [("messages", "$one")]


async def test_with_two_sources_the_address_must_name_one(server: HomeServer) -> None:
    await server.add("second")
    answer = await server.ask("PUT", "/_matrix/app/v1/transactions/1", {"events": [MESSAGE]})
    assert answer.status_code == 404
    assert "/hooks/" in answer.json()["detail"]
    assert (await server.ask("PUT", "/hooks/second/transactions/1", {"events": [MESSAGE]})).status_code == 200
