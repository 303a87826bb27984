"""One trial of an unmodified client against the real server: everything that goes wrong, then the count."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from regard.db.embedded_server import start_embedded_server
from regard.db.pool import open_pool
from regard.eventlog.check_keyring import open_keyring
from regard.events.envelope import Event
from regard.events.interaction_events import InteractionStated
from regard.kit.clock import SystemClock
from regard.sources.ingest_keys import create_key
from regard.sources.manage_sources import Source, create_source
from tests.conftest import DatabaseFarm, TestServer
from tests.intake.live_server import BadNetwork, LiveServer
from tests.intake.read_whole_log import read_log

EVENTS = 300
# Failures stand apart because some clients wait twice as long after each one that follows another.
SCRIPT = ["503", "forward", "429", "forward", "lose"]
PER_SECOND = "20"
"""Ten seconds' worth may come at once: what is left after the kill is more than that."""
_LONGEST_ABSENCE = 15.0

Deliver = Callable[[str, str], None]
"""Sends events numbered 0 to 299 with a key to an address and returns when the client says it is done."""


class OwnDatabase:
    """A PostgreSQL for trials alone."""

    def __init__(self) -> None:
        self._server = TestServer()
        self._farm = DatabaseFarm(self._server.pattern, "live")

    def create(self) -> str:
        """The URL of a new migrated database."""
        return self._farm.create()

    def stop(self) -> None:
        """End it; nobody can reach it until `start`."""
        self._server.server.stop()

    def start(self) -> None:
        """Start it again in the same folder."""
        home = self._server.home
        self._server.server = start_embedded_server(home, settings={"fsync": "off"}, sync=False)

    def close(self) -> None:
        """End it and remove its folder."""
        self._server.close()


@dataclass
class Trial:
    """A running server with a source and its key, on a database server of its own that may be stopped."""

    server: LiveServer
    database: OwnDatabase
    url: str
    home: Path
    key: str
    network: BadNetwork = field(init=False)

    def __post_init__(self) -> None:
        self.network = BadNetwork(self.server.port, list(SCRIPT))

    async def run(self, deliver: Deliver) -> None:
        """Let the client deliver while the server is killed and the database goes away."""
        with self.network.running():
            delivery = asyncio.create_task(asyncio.to_thread(deliver, self.key, self.network.address))
            await self._make_trouble()
            await delivery

    async def _make_trouble(self) -> None:
        await asyncio.to_thread(self.network.kept.wait, _LONGEST_ABSENCE)
        await asyncio.to_thread(self.database.stop)
        await asyncio.to_thread(self.network.refused.wait, _LONGEST_ABSENCE)
        # Here and not in a thread: the database server ends with the thread that started it.
        self.database.start()
        self.network.kept.clear()
        # A client that got through begins anew with short pauses.
        await asyncio.to_thread(self.network.kept.wait, _LONGEST_ABSENCE)
        await asyncio.to_thread(self.server.kill)
        await asyncio.to_thread(self.server.start)

    async def log(self) -> list[Event]:
        """Everything that was kept."""
        pool = await open_pool(self.url)
        async with pool.acquire() as connection:
            keyring = await open_keyring(connection, self.home / "root.key")
        events = await read_log(pool, keyring)
        await pool.close()
        return events

    async def kept_numbers(self) -> Counter[int]:
        """How often each numbered event stands in the log."""
        return Counter(
            int(event.body.properties["number"]) for event in await self.log()
            if isinstance(event.body, InteractionStated) and "number" in event.body.properties
        )  # fmt: skip

    def check_what_went_wrong(self) -> None:
        """That the client met each failure, the server's own refusals among them."""
        told, own = self.network.statuses, self.network.own
        assert {429, 500, 502, 503} <= set(told), f"some failure was not met: {dict(told)}"
        assert own[503], f"the server never said 503 itself: {dict(own)}"


async def open_trial(database: OwnDatabase, home: Path, **settings: str) -> Trial:
    """A trial on a started server; end it by `trial.server.kill()`."""
    url = await asyncio.to_thread(database.create)
    pool = await open_pool(url)
    now = SystemClock().now()
    async with pool.acquire() as connection:
        keyring = await open_keyring(connection, home / "root.key")
        await create_source(connection, Source("web", "Web site", "event_api"), now)
        key = await create_key(connection, keyring.token_hash, "web", now)
    await pool.close()
    server = LiveServer(url, home, **settings)
    await asyncio.to_thread(server.start)
    return Trial(server, database, url, home, key)
