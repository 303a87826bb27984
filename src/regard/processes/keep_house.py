"""Removes, every hour, rows that are of no use any more: nothing here is part of what the log tells.

And counts the raw records of streams that an older version of the program wrote without counting them.
"""

from __future__ import annotations

import asyncio

import asyncpg
import structlog

from regard.db.pool import Pool
from regard.intake.claim_groups import drop_old_groups
from regard.intake.count_raw_records import recount_there
from regard.intake.keep_deliveries import drop_old_deliveries
from regard.kit.clock import Clock
from regard.kit.work_rounds import pause
from regard.pipeline.prune_feed import KEPT_POSITIONS, prune_feed

_LOG = structlog.get_logger(__name__)
_EVERY = 3600.0
_BATCH = 10_000


class Housekeeper:
    """Sweeps in small transactions, so that nobody waits for it."""

    def __init__(
        self, pool: Pool, clock: Clock, *, batch: int = _BATCH, kept_changes: int = KEPT_POSITIONS
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._batch = batch
        self._kept_changes = kept_changes

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep at once and then every hour, until `stop` is set."""
        while not stop.is_set():
            try:
                await self.sweep(stop)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as problem:
                _LOG.warning("housekeeping_interrupted", error=type(problem).__name__)
            await pause(stop, _EVERY)

    async def sweep(self, stop: asyncio.Event) -> None:
        """Remove everything that is due; goes no further than the batch at hand once `stop` is set."""
        counted = await recount_there(self._pool, self._clock.now(), stop)
        if counted:
            _LOG.info("streams_counted", streams=counted)
        dropped, again = 0, True
        while again and not stop.is_set():
            async with self._pool.acquire() as connection:
                changes = await prune_feed(connection, self._batch, self._kept_changes)
                groups = await drop_old_groups(connection, self._clock.now(), self._batch)
                deliveries = await drop_old_deliveries(connection, self._clock.now(), self._batch)
            dropped += changes + groups + deliveries
            again = self._batch in (changes, groups, deliveries)
        if dropped:
            _LOG.info("house_kept", rows=dropped)
