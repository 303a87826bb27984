"""Reads raw records again with a newer mapping, in the background, from what the log kept of them."""

from __future__ import annotations

import asyncio

import asyncpg
import structlog

from regard.db.pool import Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.keep_raw_heads import QUERIES
from regard.intake.read_raw_bodies import read_raw_bodies
from regard.intake.receive_raw_records import RawIntake
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.kit.work_rounds import work_rounds
from regard.sources.manage_sources import read_source

_LOG = structlog.get_logger(__name__)
_AT_ONCE = 500
_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, RegardError)


class Remapper:
    """Brings every stream to its newest mapping; several may run, the source's lock orders them."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock) -> None:
        self._pool = pool
        self._keyring = keyring
        self._intake = RawIntake(pool, keyring, clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        await work_rounds("remapping", self.work_once, stop, _AWAY)

    async def work_once(self) -> int:
        """Read some records of each stream that is behind; gives how many."""
        done = 0
        for row in await self._pool.fetch(QUERIES["find_stale"]):
            try:
                done += await self._remap(row["source"], row["stream"], row["number"])
            except RegardError as error:
                # One stream must not hold up those after it.
                _LOG.warning("remapping_failed", source=row["source"], code=error.code)
        return done

    async def _remap(self, slug: str, stream: str, number: int) -> int:
        async with self._pool.acquire() as connection:
            source = await read_source(connection, slug)
            heads = await connection.fetch(QUERIES["read_stale"], slug, stream, number, _AT_ONCE)
            records = await read_raw_bodies(connection, self._keyring, slug, stream, heads)
            lost = [head["object_id"] for head in heads if head["object_id"] not in records]
            if lost:
                await connection.execute(QUERIES["skip_stale"], lost, number)
        await self._intake.receive(source, list(records.values()), again=True)
        # Records that changed in between were read by the newer mapping already: none may be tried for ever.
        await self._pool.execute(QUERIES["skip_stale"], [head["object_id"] for head in heads], number)
        _LOG.info("records_read_again", source=slug, stream=stream, records=len(heads))
        return len(heads)
