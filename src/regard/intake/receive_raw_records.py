"""Takes raw records in: raw body, what it means, and the reader's cursor, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

import structlog

from regard.connectors.connector_contract import RawRecord
from regard.db.passing_errors import PASSING
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.append_in_groups import LogUnavailableError
from regard.intake.commit_raw_records import (
    BEFORE_ALL,
    Bookmark,
    EndedReading,
    RawTransaction,
)
from regard.intake.keep_connections import QUERIES
from regard.intake.pushed_item import ItemResult
from regard.kit.clock import Clock
from regard.sources.manage_sources import Source

_LOG = structlog.get_logger(__name__)
_TRIES = 4

Result = TypeVar("Result")
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
        judge: Callable[[list[ItemResult]], None] | None = None,
        again: bool = False,
    ) -> list[ItemResult]:
        """Write the records; one result each, in their order, durable when this returns.

        `again`: they come from the log itself, to be read by a newer mapping; they are not counted as sent.

        `also` runs first in the same transaction, `judge` last, again with each try; what they raise undoes
        all. Raises
        `SourceTakenOverError`, or `LogUnavailableError` when nothing is kept. What a reading of everything
        that ends with the bookmark did not meet is removed in transactions that follow; a process that ends
        in between leaves the rest to `finish_endings`.
        """
        if not records and bookmark is None and also is None:
            return []

        async def take(transaction: RawTransaction, connection: Connection) -> list[ItemResult]:
            if also is not None:
                await also(connection)
            results = await transaction.run(records, bookmark)
            if judge is not None:
                judge(results)
            return results

        results = await self._transact(source, take, again=again)
        if bookmark is not None and bookmark.ends:
            await self.finish_endings(source, bookmark)
        return results

    async def finish_endings(self, source: Source, claim: Bookmark) -> None:
        """Remove what readings of everything that ended did not meet, a portion in each transaction.

        Raises as `receive`; what was removed by then stays so.
        """
        async with self._pool.acquire() as connection:
            endings = await connection.fetch(QUERIES["read_endings"], source.slug)
        for row in endings:
            ended = EndedReading(row["stream"], row["ending_since"], row["ending_as_of"])
            after: UUID | None = BEFORE_ALL
            while after is not None:
                after = await self._transact(source, _ending(ended, after, claim))

    async def _transact(
        self,
        source: Source,
        work: Callable[[RawTransaction, Connection], Awaitable[Result]],
        *,
        again: bool = False,
    ) -> Result:
        """The work in a transaction, again when the database was away for a moment."""
        pause = 0.05
        for attempt in range(_TRIES):
            try:
                async with self._pool.acquire() as connection:
                    now = self._clock.now()
                    transaction = RawTransaction(connection, self._keyring, now, source, again=again)
                    async with connection.transaction():
                        result = await work(transaction, connection)
            except PASSING as error:
                # Nothing doubles when the commit took place after all: unchanged records are skipped.
                _LOG.warning("raw_intake_waits", attempt=attempt + 1, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause *= 4
            else:
                self._keyring.remember(transaction.fresh_keys)
                return result
        raise LogUnavailableError("The database cannot take records at the moment; nothing of them was kept.")


def _ending(
    ended: EndedReading, after: UUID, claim: Bookmark
) -> Callable[[RawTransaction, Connection], Awaitable[UUID | None]]:
    async def end(transaction: RawTransaction, _: Connection) -> UUID | None:
        return await transaction.end_portion(ended, after, claim)

    return end
