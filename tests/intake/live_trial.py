"""One trial of unmodified clients against the real server: everything that goes wrong, then the count.

The clients deliver side by side, each for a source of its own through a bad network of its own, so that
they wait out their pauses at the same time.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
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
from tests.patience import until

BATCH = 20
# Failures stand apart because some clients wait twice as long after each one that follows another.
SCRIPT = ["503", "forward", "429", "forward", "lose", "forward"]
_BETWEEN_BATCHES = 0.3

Deliver = Callable[[str, str, Iterator[int]], None]
"""Sends an event for each number with a key to an address, and returns when the client says it is done."""


class OwnDatabase:
    """A PostgreSQL for trials alone, which may be stopped."""

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
class LiveInstallation:
    """A running server and a key for each of its sources."""

    server: LiveServer
    url: str
    home: Path
    keys: Mapping[str, str]

    async def log(self) -> list[Event]:
        """Everything that was kept."""
        pool = await open_pool(self.url)
        async with pool.acquire() as connection:
            keyring = await open_keyring(connection, self.home / "root.key")
        events = await read_log(pool, keyring)
        await pool.close()
        return events


@asynccontextmanager
async def open_installation(url: str, home: Path, sources: Sequence[str]) -> AsyncIterator[LiveInstallation]:
    """A started server on a migrated database; it is killed at the end."""
    pool = await open_pool(url)
    now = SystemClock().now()
    keys = {}
    async with pool.acquire() as connection:
        keyring = await open_keyring(connection, home / "root.key")
        for slug in sources:
            await create_source(connection, Source(slug, slug.title(), "event_api"), now)
            keys[slug] = await create_key(connection, keyring.token_hash, slug, now)
    await pool.close()
    server = LiveServer(url, home)
    await asyncio.to_thread(server.start)
    try:
        yield LiveInstallation(server, url, home, keys)
    finally:
        server.kill()


@dataclass
class Delivery:
    """What one client does, and its way to the server."""

    deliver: Deliver
    network: BadNetwork
    over: threading.Event
    sent: int = 0

    def numbers(self) -> Iterator[int]:
        """A batch of numbers every now and then until all trouble is over: it always has more to send."""
        for number in count():
            if number and number % BATCH == 0 and self.over.wait(_BETWEEN_BATCHES):
                return
            self.sent = number + 1
            yield number


@dataclass
class Trial:
    """Clients by name, before a server and a database that fail under them."""

    installation: LiveInstallation
    database: OwnDatabase
    clients: Mapping[str, Deliver]
    _over: threading.Event = field(default_factory=threading.Event)

    async def run(self) -> None:
        """Let all deliver while the server is killed and the database goes away, and count what was kept."""
        address = self.installation.server.port
        deliveries = {
            name: Delivery(deliver, BadNetwork(address, list(SCRIPT)), self._over)
            for name, deliver in self.clients.items()
        }
        with ExitStack() as stack:
            threads = stack.enter_context(ThreadPoolExecutor(len(deliveries)))
            for one in deliveries.values():
                stack.enter_context(one.network.running())
            done = [
                threads.submit(one.deliver, self.installation.keys[name], one.network.address, one.numbers())
                for name, one in deliveries.items()
            ]
            try:
                await self._make_trouble([one.network for one in deliveries.values()], done)
            finally:
                self._over.set()
            await asyncio.gather(*map(asyncio.wrap_future, done))
        kept = await self._kept_numbers()
        for name, one in deliveries.items():
            assert {429, 500, 502, 503} <= set(one.network.statuses), (name, one.network.statuses)
            assert kept[name] == Counter(range(one.sent)), name

    async def _make_trouble(self, networks: Sequence[BadNetwork], done: Sequence[Future[None]]) -> None:
        async def all_met(status: int) -> None:
            for network in networks:
                network.own.clear()

            async def met() -> bool:
                for one in done:
                    if one.done():
                        one.result()
                        raise AssertionError("a client ended before the trouble was over")
                return all(network.own[status] for network in networks)

            await until(met, f"a {status} for each client")

        await all_met(200)
        await asyncio.to_thread(self.database.stop)
        await all_met(503)
        # Here and not in a thread: the database server ends with the thread that started it.
        self.database.start()
        # A client that got through begins anew with short pauses.
        await all_met(200)
        await asyncio.to_thread(self.installation.server.kill)
        await all_met(502)
        await asyncio.to_thread(self.installation.server.start)

    async def _kept_numbers(self) -> dict[str, Counter[int]]:
        """How often each numbered event of each source stands in the log."""
        kept: dict[str, Counter[int]] = {name: Counter() for name in self.clients}
        for event in await self.installation.log():
            if isinstance(event.body, InteractionStated) and "number" in event.body.properties:
                kept[event.source][int(event.body.properties["number"])] += 1
        return kept


async def run_trial(clients: Mapping[str, Deliver], home: Path) -> None:
    """All of it, on a database server and a server of its own."""
    database = OwnDatabase()
    try:
        url = await asyncio.to_thread(database.create)
        async with open_installation(url, home, list(clients)) as installation:
            await Trial(installation, database, clients).run()
    finally:
        database.close()
