"""Unmodified Python clients deliver to the real server through refusals, lost answers and kill -9.

Nothing that they sent is missing afterwards, and nothing is there twice.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rudderstack.analytics.client as rudder
import segment.analytics.client as segment

from regard.db.pool import open_pool
from regard.eventlog.check_keyring import open_keyring
from regard.events.envelope import Event
from regard.kit.clock import SystemClock
from regard.sources.ingest_keys import create_key
from regard.sources.manage_sources import Source, create_source
from tests.intake.conftest import read_log
from tests.intake.live_server import BadNetwork, LiveServer

EVENTS = 300
# Failures stand apart because RudderStack's client waits twice as long after each one that follows another.
SCRIPT = ["503", "forward", "429", "forward", "lose", "forward", "500", "forward", "lose"]


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[LiveServer]:
    server = LiveServer(database_url, tmp_path)
    server.start()
    yield server
    server.kill()


async def set_up(database_url: str, home: Path) -> str:
    """The write key of a new source."""
    pool = await open_pool(database_url)
    now = SystemClock().now()
    async with pool.acquire() as connection:
        keyring = await open_keyring(connection, home / "root.key")
        await create_source(connection, Source("web", "Web site", "event_api"), now)
        key = await create_key(connection, keyring.token_hash, "web", now)
    await pool.close()
    return key


async def log_of(database_url: str, home: Path) -> list[Event]:
    pool = await open_pool(database_url)
    async with pool.acquire() as connection:
        keyring = await open_keyring(connection, home / "root.key")
    events = await read_log(pool, keyring)
    await pool.close()
    return events


def make_segment(key: str, address: str, failed: Callable[..., None]) -> Any:
    return segment.Client(
        key, host=address, on_error=failed, upload_size=20, upload_interval=0.05, timeout=20
    )


def make_rudder(key: str, address: str, failed: Callable[..., None]) -> Any:
    return rudder.Client(key, host=address, on_error=failed, upload_size=20, upload_interval=0.05, timeout=20)


def deliver(client: Any) -> set[str]:
    """Send everything a product would and wait until the client says it is done; the message ids."""
    ids: set[str] = set()
    client.identify("u1", {"email": "ann@example.com"}, message_id="identify")
    client.group("u1", "g1", {"name": "ACME"}, message_id="group")
    client.alias("anon1", "u1", message_id="alias")
    for number in range(EVENTS):
        ids.add(f"m{number}")
        client.track(f"u{number % 7}", "Seen", {"number": number}, message_id=f"m{number}")
        time.sleep(0.01)
    client.flush()
    client.join()
    return ids | {"identify", "group", "alias"}


@pytest.mark.parametrize("make", [make_segment, make_rudder], ids=["segment", "rudderstack"])
async def test_a_client_loses_and_doubles_nothing_over_refusals_and_kill_9(
    server: LiveServer, database_url: str, tmp_path: Path, make: Callable[..., Any]
) -> None:
    key = await set_up(database_url, tmp_path)
    network = BadNetwork(server.port, SCRIPT)
    failures: list[object] = []

    def kill_in_between() -> None:
        time.sleep(2)
        server.kill()
        server.start()

    killer = threading.Thread(target=kill_in_between)
    with network.running():
        client = make(key, network.address, lambda error, _batch: failures.append(error))
        killer.start()
        sent = await asyncio.to_thread(deliver, client)
        await asyncio.to_thread(killer.join)
    assert failures == []
    assert {503, 429, 500, 502} <= set(network.statuses), "some failure was not met"
    kept = Counter(
        event.event_id for event in await log_of(database_url, tmp_path)
        if event.event_id and not event.event_id.startswith("~")
    )  # fmt: skip
    assert kept == Counter(sent)
