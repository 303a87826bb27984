"""Takes raw records in: raw body, what it means, and the reader's cursor, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import structlog

from regard.connectors.connector_contract import RawRecord
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.append_in_groups import LogUnavailableError
from regard.intake.commit_raw_records import Bookmark, RawTransaction
from regard.intake.pushed_item import ItemResult
from regard.kit.clock import Clock
from regard.sources.manage_sources import Source

_LOG = structlog.get_logger(__name__)
_TRIES = 4
_PASSING = (
    asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError, asyncpg.OperatorInterventionError, asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError, OSError, TimeoutError,
)  # fmt: skip

Also = Callable[[Connection], Awaitable[None]]


class RawIntake:
    """Takes raw records of any source; used by the runner, webhooks and pushes."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock

    async def receive(
        self,
        source: Source,
        records: Sequence[RawRecord],
        bookmark: Bookmark | None = None,
        *,
        also: Also | None = None,
        again: bool = False,
    ) -> list[ItemResult]:
        """Write the records; one result each, in their order, durable when this returns.

        `again`: they come from the log itself, to be read by a newer mapping; they are not counted as sent.

        `also` runs first in the same transaction, again with each try; what it raises undoes all. Raises
        `SourceTakenOverError`, or `LogUnavailableError` when nothing is kept.
        """
        if not records and bookmark is None and also is None:
            return []
        pause = 0.05
        for attempt in range(_TRIES):
            try:
                async with self._pool.acquire() as connection:
                    now = self._clock.now()
                    transaction = RawTransaction(connection, self._keyring, now, source, again=again)
                    async with connection.transaction():
                        if also is not None:
                            await also(connection)
                        results = await transaction.run(records, bookmark)
            except _PASSING as error:
                # Nothing doubles when the commit took place after all: unchanged records are skipped.
                _LOG.warning("raw_intake_waits", attempt=attempt + 1, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause *= 4
            else:
                self._keyring.remember(transaction.fresh_keys)
                return results
        raise LogUnavailableError("The database cannot take records at the moment; nothing of them was kept.")
