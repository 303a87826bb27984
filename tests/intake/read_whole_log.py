"""The whole log as a test reads it back."""

from __future__ import annotations

from regard.db.pool import Pool
from regard.eventlog.read_events import read_batch
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event


async def read_log(pool: Pool, keyring: Keyring) -> list[Event]:
    """The whole log; events that cannot be opened fail the test."""
    async with pool.acquire() as connection:
        batch = await read_batch(connection, keyring, dict.fromkeys(range(16), 0), 1_000_000)
    assert all(line.problem is None for line in batch)
    return [line.event for line in batch if line.event is not None]
