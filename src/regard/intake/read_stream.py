"""Reads one stream of a source again and again: batches in, pauses between, growing ones after trouble."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import structlog

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    SourceClient,
    SourceMisbehavesError,
    StreamSpec,
)
from regard.db.pool import Pool
from regard.intake.commit_raw_records import Bookmark, SourceTakenOverError
from regard.intake.cut_batches import cut_batch
from regard.intake.judge_trouble import FIRST_PAUSE, pause_after, spread, tell_trouble
from regard.intake.keep_connections import QUERIES
from regard.intake.receive_raw_records import RawIntake
from regard.intake.translate_raw_records import raw_text
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.sources.manage_sources import Source, SourceRemovedError

_LOG = structlog.get_logger(__name__)
# A source that gives the same page this often in one reading will give it for ever.
_MOST_REPETITIONS = 20
_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError)


class StreamReader:
    """One stream of one opened source."""

    def __init__(
        self,
        pool: Pool,
        intake: RawIntake,
        clock: Clock,
        source: Source,
        client: SourceClient,
        spec: StreamSpec,
        owner: str,
        changed_at: datetime,
    ) -> None:
        self._pool = pool
        self._intake = intake
        self._clock = clock
        self._source = source
        self._client = client
        self._spec = spec
        self._owner = owner
        self._changed_at = changed_at

    async def run(self) -> None:
        """Read until cancelled or the source is taken over."""
        await self._wait_for_retry()
        while True:
            try:
                await self.read_once()
                pause = spread(self._spec.poll_seconds) if self._spec.poll_seconds else FIRST_PAUSE
            except (SourceTakenOverError, SourceRemovedError, *_AWAY):
                raise
            except Exception as error:  # noqa: BLE001 - one stream must not end the others
                pause = await self._note_failure(error)
            await asyncio.sleep(pause)

    async def read_once(self) -> int:
        """One reading to its end; gives the number of records read."""
        row = await self._read_place()
        # A full comparison that was broken off begins anew: only a whole one tells what is gone.
        full = self._spec.full_compare
        cursor: Cursor | None = json.loads(row["cursor"]) if row and row["cursor"] and not full else None
        guard = _RepetitionGuard(self._spec.name)
        count = 0
        # What a process that ended was about to remove, before a new reading begins.
        await self._intake.finish_endings(self._source, self._bookmark(Batch(())))
        if full:
            await self._take(Batch((), begins=[self._spec.name]))
        async for batch in self._client.read(self._spec.name, cursor):
            if self._spec.poll_seconds:
                # A source that tells its changes may change one record to the same thing many times.
                guard.look_at(batch)
            await self._take(replace(batch, cursor=None) if full else batch)
            count += len(batch.records)
        if full:
            await self._take(Batch((), ends=[self._spec.name]))
        await self._pool.execute(
            QUERIES["note_read"], self._source.slug, self._spec.name, self._clock.now()
        )
        return count

    async def _read_place(self) -> asyncpg.Record | None:
        """How far the stream was read.

        A reader that was killed or cancelled may have left a commit under way: read before that ends, the
        cursor would be the old one, and what that commit keeps would be kept twice.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(QUERIES["await_turn"], self._source.slug)
            return await connection.fetchrow(QUERIES["read_stream"], self._source.slug, self._spec.name)

    async def _take(self, batch: Batch) -> None:
        """The batch in portions; cursor and end go with the last of them."""
        portions = cut_batch(batch.records)
        for index, records in enumerate(portions):
            last = index == len(portions) - 1
            part = replace(
                batch,
                cursor=batch.cursor if last else None,
                begins=() if index else batch.begins,
                ends=batch.ends if last else (),
                marks=batch.marks if last else {},
            )
            await self._intake.receive(self._source, records, self._bookmark(part))

    def _bookmark(self, batch: Batch) -> Bookmark:
        return Bookmark(
            self._spec.name, batch.cursor, self._owner, self._changed_at,
            batch.begins, batch.ends, batch.as_of, batch.marks,
        )  # fmt: skip

    async def _wait_for_retry(self) -> None:
        """A restart must not hurry a source that asked for time."""
        row = await self._pool.fetchrow(QUERIES["read_stream"], self._source.slug, self._spec.name)
        if row and row["retry_at"] and row["error_at"] and row["error_at"] > self._changed_at:
            await asyncio.sleep(max(0.0, (row["retry_at"] - self._clock.now()).total_seconds()))

    async def _note_failure(self, error: Exception) -> float:
        trouble = tell_trouble(error)
        if not isinstance(error, RegardError | OSError):
            _LOG.exception("stream_broke", source=self._source.slug, stream=self._spec.name)
        row = await self._pool.fetchrow(QUERIES["read_stream"], self._source.slug, self._spec.name)
        pause = pause_after(trouble, (row["failures"] if row else 0) + 1)
        now = self._clock.now()
        await self._pool.execute(
            QUERIES["note_failure"], self._source.slug, self._spec.name, trouble.code, trouble.sentence, now,
            now + timedelta(seconds=pause),
        )  # fmt: skip
        _LOG.warning("stream_waits", source=self._source.slug, stream=self._spec.name, code=trouble.code)
        return pause


class _RepetitionGuard:
    """Notices a source that gives the same page for ever."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._last: tuple[object, ...] = ()
        self._times = 0

    def look_at(self, batch: Batch) -> None:
        """Raise `SourceMisbehavesError` when this batch is the same as many before it."""
        if not batch.records:
            return
        mark = (len(batch.records), _mark(batch.records[:1]), _mark(batch.records[-1:]))
        self._times = self._times + 1 if mark == self._last else 0
        self._last = mark
        if self._times >= _MOST_REPETITIONS:
            raise SourceMisbehavesError(
                f"“{self._stream}” gives the same page again and again; reading stopped here. Check the"
                " paging of the source (a proxy that drops the page parameter is a common cause)."
            )


def _mark(records: Sequence[RawRecord]) -> tuple[tuple[str, str], ...]:
    return tuple((record.external_id, raw_text(record)) for record in records)
