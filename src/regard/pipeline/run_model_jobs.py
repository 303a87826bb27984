"""Does the long work on weights: learning them, and comparing what they would decide with what is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import msgspec
import structlog

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.identity.cluster_in_bulk import Tell
from regard.identity.keep_models import ModelShelf, Origin
from regard.kit.clock import Clock
from regard.kit.errors import OUR_FAULT, RegardError
from regard.kit.ids import new_id
from regard.pipeline.compare_models import Comparison, ShadowResolver
from regard.pipeline.learn_model import Pupil
from regard.pipeline.read_parties import read_judged, read_memberships, read_parties

_queries = NamedQueries(__package__, "model_jobs.sql")
_LOG = structlog.get_logger(__name__)
_T = TypeVar("_T")
_LEASE = timedelta(minutes=2)
_EVERY = 1.0
_LOOK_UP = 2_000
_MOST_LISTED = 20_000
_ABANDONED = "The program that worked on this ended; start it anew."


class JobTakenOverError(RegardError):
    """Somebody else finished or took the job; this program must stop."""

    code = "model_job_taken_over"
    status = 409


@dataclass
class _Progress:
    """What a computation in a thread says of itself; written down by who waits for it."""

    stage: str = ""
    done: int = 0
    of_all: int = 0

    def tell(self, stage: str, done: int, of_all: int) -> None:
        self.stage, self.done, self.of_all = stage, done, of_all


@dataclass
class _Outcome:
    version: str
    against: str | None
    counts: Mapping[str, int]


class ModelJobs:
    """The jobs of an installation, done by whoever claims them."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock, owner: str) -> None:
        self._pool = pool
        self._clock = clock
        self._owner = owner
        self._shelf = ModelShelf(keyring)

    async def claim(self) -> UUID | None:
        """The oldest job that waits, ours now; jobs whose owners are gone are ended."""
        await self._pool.execute(_queries["fail_abandoned"], _ABANDONED, self._clock.now())
        job_id: UUID | None = await self._pool.fetchval(_queries["claim_job"], self._owner, _LEASE)
        return job_id

    async def begin_training(self, by: str) -> UUID:
        """A job to learn weights that is ours from the start."""
        now = self._clock.now()
        job_id = new_id(now)
        await self._pool.execute(_queries["begin_training"], job_id, now, by, self._owner, _LEASE)
        return job_id

    async def outcome(self, job_id: UUID) -> tuple[str | None, str | None]:
        """(version, None) of a job that is done, else (None, what went wrong)."""
        row = await self._pool.fetchrow(_queries["read_outcome"], job_id)
        if row is None:
            return None, None
        return (row["version"], None) if row["status"] == "done" else (None, row["error"])

    async def release(self, job_id: UUID) -> None:
        """Let a job of ours begin anew, here or elsewhere."""
        await self._pool.execute(_queries["release_job"], job_id, self._owner)

    async def fail(self, job_id: UUID, sentence: str) -> None:
        """End a job of ours with what went wrong."""
        await self._finish(job_id, None, sentence)

    async def do(self, job_id: UUID, listen: Tell | None = None) -> None:
        """Do a claimed job to its end, good or bad; `listen` hears of the progress too."""
        row = await self._pool.fetchrow(_queries["read_job"], job_id, self._owner)
        if row is None:
            raise JobTakenOverError("this job is not ours")
        worker = _Worker(self._pool, self._shelf, self._clock, job_id, self._owner, listen)
        try:
            if row["kind"] == "train":
                outcome = await worker.train(row["asked_by"])
            else:
                outcome = await worker.compare(row["version"])
        except JobTakenOverError:
            raise
        except RegardError as problem:
            await self._finish(job_id, None, str(problem))
        except Exception as problem:
            _LOG.exception("model_job_broke", error=type(problem).__name__)
            await self._finish(job_id, None, f"It could not be done because of {OUR_FAULT}.")
            raise
        else:
            await self._finish(job_id, outcome, None)
            _LOG.info("model_job_done", kind=row["kind"], version=outcome.version)

    async def _finish(self, job_id: UUID, outcome: _Outcome | None, error: str | None) -> None:
        version, against, counts = (
            (outcome.version, outcome.against, msgspec.json.encode(outcome.counts).decode())
            if outcome
            else (None, None, None)
        )
        await self._pool.execute(
            _queries["finish_job"], job_id, self._owner, version, against, counts, error, self._clock.now()
        )


class _Worker:
    """One job at work."""

    def __init__(
        self, pool: Pool, shelf: ModelShelf, clock: Clock, job_id: UUID, owner: str, listen: Tell | None
    ) -> None:
        self._pool = pool
        self._shelf = shelf
        self._clock = clock
        self._job_id = job_id
        self._owner = owner
        self._listen = listen
        self._noted = 0.0

    async def train(self, asked_by: str) -> _Outcome:
        async with self._pool.acquire() as connection, _one_moment(connection):
            pupil = Pupil(await read_judged(connection))
            of_all = await self._count(connection)
            async for record in read_parties(connection):
                pupil.add(record)
                if len(pupil) % _LOOK_UP == 0:
                    await self._note("reading", len(pupil), of_all)
        model = await self._computed(pupil.learn)
        records, judged = len(pupil), len(pupil.judgements)
        notes = f"learnt from {records:,} records" + (f" and {judged:,} judgements" if judged else "")
        async with self._pool.acquire() as connection, connection.transaction():
            origin = Origin("learnt", self._clock.now(), asked_by, records, notes)
            await self._shelf.keep(connection, model, origin)
        return _Outcome(model.version, None, {"records": records, "judgements": judged})

    async def compare(self, version: str) -> _Outcome:
        async with self._pool.acquire() as connection, _one_moment(connection):
            against = (await self._shelf.deciding(connection)).version
            shadow = ShadowResolver(await self._shelf.read(connection, version))
            judgements, now = await read_judged(connection), await read_memberships(connection)
            of_all = await self._count(connection)
            async for record in read_parties(connection):
                shadow.add(record)
                if shadow.added % _LOOK_UP == 0:
                    await self._note("reading", shadow.added, of_all)
        found = await self._computed(lambda tell: shadow.compare(judgements, now, tell))
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_queries["drop_older_differences"], version, self._job_id)
            await self._write(connection, found)
        return _Outcome(
            version, against, {**found.counts, "listed": min(len(found.differences), _MOST_LISTED)}
        )

    async def _write(self, connection: Connection, found: Comparison) -> None:
        rows = [
            (number, one.kind, *map(_ids, (one.before, one.after, one.records, one.came_from, one.went_to)))
            for number, one in enumerate(found.differences[:_MOST_LISTED], start=1)
        ]
        if rows:
            columns = map(list, zip(*rows, strict=True))
            await connection.execute(_queries["write_differences"], self._job_id, *columns)

    async def _computed(self, work: Callable[[Tell], _T]) -> _T:
        """The outcome of a computation in a thread, its progress written down meanwhile."""
        progress = _Progress()
        task = asyncio.create_task(asyncio.to_thread(work, progress.tell))
        while not task.done():
            await asyncio.wait({task}, timeout=_EVERY)
            await self._note(progress.stage, progress.done, progress.of_all)
        return await task

    async def _note(self, stage: str, done: int, of_all: int) -> None:
        if self._listen:
            self._listen(stage, done, of_all)
        if time.monotonic() - self._noted < _EVERY:
            return
        self._noted = time.monotonic()
        mine = await self._pool.fetchval(
            _queries["note_progress"], self._job_id, self._owner, stage, done, of_all, _LEASE
        )
        if mine is None:
            raise JobTakenOverError("another program works on this")

    async def _count(self, connection: Connection) -> int:
        count: int = await connection.fetchval(_queries["count_records"])
        return count


def _one_moment(connection: Connection) -> AbstractAsyncContextManager[object]:
    """A transaction in which the world stands still."""
    return connection.transaction(isolation="repeatable_read", readonly=True)


def _ids(ids: tuple[UUID, ...]) -> str:
    return " ".join(map(str, ids))
