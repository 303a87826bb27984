"""Reads one stream of a source again and again: batches in, pauses between, growing ones after trouble."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import asyncpg
import structlog

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    SourceClient,
    SourceMisbehavesError,
    SourceUnavailableError,
    StreamSpec,
)
from regard.db.pool import Pool
from regard.intake.commit_raw_records import Bookmark, SourceTakenOverError
from regard.intake.keep_connections import QUERIES
from regard.intake.receive_raw_records import RawIntake
from regard.intake.translate_raw_records import raw_text
from regard.kit.clock import Clock
from regard.kit.errors import RegardError, Terminal
from regard.sources.manage_sources import Source

_LOG = structlog.get_logger(__name__)
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 600.0
_TERMINAL_PAUSE = 900.0
_MOST_AT_ONCE = 1_000
# A source that gives the same page this often in one reading will give it for ever.
_MOST_REPETITIONS = 20
_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why reading broke off, in words, and how long to wait when the source said it."""

    code: str
    sentence: str
    retry_after: float | None
    terminal: bool


def first_error(error: BaseException) -> BaseException:
    """The first failure of several that ran side by side."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def tell_trouble(error: BaseException) -> Trouble:
    """What a failure means for a person and for the next try."""
    error = first_error(error)
    if isinstance(error, RegardError):
        retry_after = error.retry_after if isinstance(error, SourceUnavailableError) else None
        return Trouble(error.code, str(error)[:1_000], retry_after, isinstance(error, Terminal))
    if isinstance(error, OSError | TimeoutError):
        sentence = f"The connection to the source failed ({type(error).__name__}); it is tried again."
        return Trouble("source_unavailable", sentence, None, terminal=False)
    sentence = f"Reading failed by a fault in the connector ({type(error).__name__}); please report it."
    return Trouble("connector_fault", sentence, None, terminal=True)


def pause_after(trouble: Trouble, failures: int) -> float:
    """Seconds until the next try: what the source asked for, else doubling with a random part.

    What a person has to mend is tried rarely; changed settings are tried at once by the runner.
    """
    if trouble.retry_after is not None:
        return min(max(trouble.retry_after, 1.0), 86_400.0)
    longest = _TERMINAL_PAUSE if trouble.terminal else _LONGEST_PAUSE
    first = 60.0 if trouble.terminal else _FIRST_PAUSE
    pause = min(longest, first * 2.0 ** min(failures - 1, 20))
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - spreads tries, keeps no secret


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
                pause = self._spec.poll_seconds * random.uniform(0.9, 1.1)  # noqa: S311 - spreads polls
                if self._spec.poll_seconds == 0:
                    pause = _FIRST_PAUSE
            except (SourceTakenOverError, *_AWAY):
                raise
            except Exception as error:  # noqa: BLE001 - one stream must not end the others
                pause = await self._note_failure(error)
            await asyncio.sleep(pause)

    async def read_once(self) -> int:
        """One reading to its end; gives the number of records read."""
        row = await self._pool.fetchrow(QUERIES["read_stream"], self._source.slug, self._spec.name)
        # A full comparison that was broken off begins anew: only a whole one tells what is gone.
        full = self._spec.full_compare
        cursor: Cursor | None = json.loads(row["cursor"]) if row and row["cursor"] and not full else None
        guard = _RepetitionGuard(self._spec.name)
        count = 0
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

    async def _take(self, batch: Batch) -> None:
        """The batch in pieces; cursor and end go with the last of them."""
        starts = range(0, max(len(batch.records), 1), _MOST_AT_ONCE)
        for start in starts:
            last = start == starts[-1]
            bookmark = Bookmark(
                self._spec.name, batch.cursor if last else None, self._owner, self._changed_at,
                batch.begins if start == 0 else (), batch.ends if last else (), batch.as_of,
            )  # fmt: skip
            piece = batch.records[start : start + _MOST_AT_ONCE]
            await self._intake.receive(self._source, piece, bookmark)

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
