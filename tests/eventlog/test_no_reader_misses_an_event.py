"""Writers commit late and out of order; a reader that follows them sees every event once.

The same harness run against the obvious design, an identity column read with `seq > last`, loses rows:
so it can see a loss, and the log's design is what prevents it.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regard.db.pool import Connection, Pool, open_pool
from regard.eventlog.append_events import append_within
from regard.eventlog.check_keyring import open_keyring
from regard.eventlog.read_events import read_batch
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event, RecordKey
from regard.events.record_events import RecordUpserted

WRITERS, ROUNDS = 6, 25
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

Write = Callable[[Connection, str], Awaitable[None]]
Read = Callable[[Connection], Awaitable[list[str]]]


async def race(pool: Pool, write: Write, read: Read) -> tuple[set[str], Counter[str]]:
    """What was committed, and how often the reader saw each; transactions dawdle before their commit."""
    dice = random.Random(7)
    committed: set[str] = set()
    seen: Counter[str] = Counter()

    async def writer(name: int) -> None:
        for number in range(ROUNDS):
            mark = f"{name}-{number}"
            async with pool.acquire() as connection, connection.transaction():
                await asyncio.sleep(dice.random() * 0.004)
                await write(connection, mark)
                await asyncio.sleep(dice.random() * 0.008)
            committed.add(mark)

    async def reader(stop: asyncio.Event) -> None:
        async with pool.acquire() as connection:
            while True:
                last_round = stop.is_set()
                seen.update(await read(connection))
                if last_round:
                    return
                await asyncio.sleep(0.001)

    stop = asyncio.Event()
    reading = asyncio.create_task(reader(stop))
    await asyncio.gather(*(writer(name) for name in range(WRITERS)))
    stop.set()
    await reading
    return committed, seen


@pytest.fixture
async def keyring(pool: Pool, tmp_path: Path) -> Keyring:
    async with pool.acquire() as connection:
        return await open_keyring(connection, tmp_path / "root.key")


async def test_every_committed_event_is_read_exactly_once(database_url: str, keyring: Keyring) -> None:
    pool = await open_pool(database_url, max_size=WRITERS + 1)
    positions = dict.fromkeys(range(16), 0)

    async def write(connection: Connection, mark: str) -> None:
        # Few records, so that writers meet in the same partitions.
        key = RecordKey("crm", "contacts", str(hash(mark) % 5))
        body = RecordUpserted("contacts", key.external_id, "person", {"full_name": mark})
        await append_within(connection, keyring, [Event("crm", mark, key, NOON, None, NOON, body)])

    async def read(connection: Connection) -> list[str]:
        batch = await read_batch(connection, keyring, positions, 1_000)
        for line in batch:
            positions[line.part] = line.seq
        return [line.event_id for line in batch]

    committed, seen = await race(pool, write, read)
    pool.terminate()
    assert len(committed) == WRITERS * ROUNDS
    assert seen == Counter(committed)


async def test_the_same_race_makes_a_naive_cursor_lose_rows(database_url: str) -> None:
    pool = await open_pool(database_url, max_size=WRITERS + 1)
    await pool.execute("CREATE TABLE naive (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mark text)")
    last = 0

    async def write(connection: Connection, mark: str) -> None:
        await connection.execute("INSERT INTO naive (mark) VALUES ($1)", mark)

    async def read(connection: Connection) -> list[str]:
        nonlocal last
        rows = await connection.fetch("SELECT seq, mark FROM naive WHERE seq > $1 ORDER BY seq", last)
        last = rows[-1]["seq"] if rows else last
        return [row["mark"] for row in rows]

    committed, seen = await race(pool, write, read)
    pool.terminate()
    assert len(committed) == WRITERS * ROUNDS
    assert committed - set(seen), "the harness saw no loss where there must be one"
