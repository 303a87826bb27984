"""Fetches the records that pushes only named, as long as their source is open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

import asyncpg
import structlog

from regard.connectors.connector_contract import RawRecord, SourceClient
from regard.db.pool import Connection, Pool
from regard.intake.judge_trouble import pause_after, tell_trouble
from regard.intake.keep_wanted_records import WantedRecord, drop_wanted, put_off_wanted, read_wanted
from regard.intake.receive_raw_records import RawIntake
from regard.kit.clock import Clock
from regard.sources.manage_sources import Source

_LOG = structlog.get_logger(__name__)
_LOOK = 1.0
_AT_ONCE = 100
_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError)


class WantedReader:
    """The queue of one opened source."""

    def __init__(
        self, pool: Pool, intake: RawIntake, clock: Clock, source: Source, client: SourceClient
    ) -> None:
        self._pool = pool
        self._intake = intake
        self._clock = clock
        self._source = source
        self._client = client
        self._streams: frozenset[str] | None = None

    async def run(self) -> None:
        """Fetch until cancelled, looking once a second."""
        while True:
            if not await self.fetch_once():
                await asyncio.sleep(_LOOK)

    async def fetch_once(self) -> int:
        """Fetch what is due; how many records were taken off the queue."""
        async with self._pool.acquire() as connection:
            due = await read_wanted(connection, self._source.slug, self._clock.now(), _AT_ONCE)
        due.sort(key=lambda one: one.stream)
        done = 0
        for stream, group in groupby(due, key=lambda one: one.stream):
            done += await self._fetch(stream, list(group))
        return done

    async def _is_read(self, stream: str) -> bool:
        """Whether the source has the stream; one without any streams may get them with its credentials."""
        if self._streams is None:
            self._streams = frozenset(spec.name for spec in await self._client.streams())
        return not self._streams or stream in self._streams

    async def _fetch(self, stream: str, wanted: Sequence[WantedRecord]) -> int:
        ids = [one.external_id for one in wanted]
        try:
            if await self._is_read(stream):
                await self._take(stream, wanted, await self._client.fetch(stream, ids))
            else:
                # Named by a push about something that this source is not set up to read.
                async with self._pool.acquire() as connection:
                    await drop_wanted(connection, self._source.slug, wanted)
        except _AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - trouble with some records must not end the stream's reading
            await self._put_off(wanted, error)
            return 0
        return len(wanted)

    async def _take(self, stream: str, wanted: Sequence[WantedRecord], found: Sequence[RawRecord]) -> None:
        """The records and their places in the queue in one transaction; what was not found is gone."""

        async def drop(connection: Connection) -> None:
            await drop_wanted(connection, self._source.slug, wanted)

        there = {(one.stream, one.external_id) for one in found}
        missing = [one for one in wanted if (stream, one.external_id) not in there]
        # Dated by when it was asked for: what a reading met since then is newer.
        gone = [RawRecord(stream, one.external_id, None, one.asked_at) for one in missing]
        await self._intake.receive(self._source, [*found, *gone], also=drop)

    async def _put_off(self, wanted: Sequence[WantedRecord], error: Exception) -> None:
        trouble = tell_trouble(error)
        _LOG.warning("records_not_fetched", source=self._source.slug, code=trouble.code, records=len(wanted))
        pause = pause_after(trouble, 1 + min(one.failures for one in wanted))
        retry_at = self._clock.now() + timedelta(seconds=pause)
        async with self._pool.acquire() as connection:
            await put_off_wanted(
                connection, self._source.slug, wanted, retry_at, (trouble.code, trouble.sentence)
            )
