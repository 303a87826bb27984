"""Corrects the records of a source step by step, and takes a run of it back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import structlog

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, Pool
from regard.eventlog.append_events import append_within
from regard.eventlog.seal_bodies import Keyring
from regard.intake.correct_records import correct_record
from regard.intake.run_leased_work import LeasedRun, rounds_outlive, take_to_end
from regard.intake.withdraw_statements import Place, StatementWithdrawer
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.kit.work_rounds import until_stopped, work_rounds
from regard.quality.propose_corrections import Correction, propose_corrections
from regard.records.fold_record import SourceRecord
from regard.records.read_records import read_records
from regard.sources.manage_sources import read_source

QUERIES = NamedQueries(__package__, "cleansing.sql")
LEASE = timedelta(seconds=60)
_AT_ONCE = 200
_EARLIEST = date(2000, 1, 1)
_LOG = structlog.get_logger(__name__)

Corrected = tuple[SourceRecord, list[Correction]]


class CleansingTakenOverError(RegardError):
    """Another process works on the run; this one must stop."""

    code = "cleansing_taken_over"
    status = 409


_ROUNDS = rounds_outlive(CleansingTakenOverError)


@dataclass(frozen=True, slots=True)
class CleansingRun:
    """A run that somebody works on; `flags` are what it corrects."""

    run_id: UUID
    source: str
    status: str
    flags: frozenset[str]
    last_record: UUID | None


async def read_corrections(
    connection: Connection, source: str, country: str, flags: frozenset[str] | None, after: UUID | None,
    limit: int = _AT_ONCE,
) -> tuple[list[Corrected], UUID | None]:  # fmt: skip
    """Corrections of the next records of a source; and the last record looked at, None at the end."""
    rows = await connection.fetch(QUERIES["find_candidates"], source, after, limit)
    ids = [row["record_id"] for row in rows]
    records = await read_records(connection, ids)
    found = []
    for record_id in ids:
        record = records.get(record_id)
        if record is None:
            continue
        seen = max(record.last_seen.date(), _EARLIEST)
        proposed = propose_corrections(record.effective_fields(), country, seen, flags)
        # What was noted in passing has no moment of its own and would come back.
        kept = [one for one in proposed if not record.is_noted(one.field, one.before)]
        if kept:
            found.append((record, kept))
    return found, ids[-1] if ids else None


class CleansingWorker:
    """Works on runs that people started or take back; several share the work by leases."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock, owner: str) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._owner = owner
        self._withdrawer = StatementWithdrawer(pool, keyring, clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a step that was begun and not finished never happened."""
        await work_rounds("cleansing", lambda: until_stopped(self.work_once(), stop), stop, _ROUNDS)

    async def work_once(self) -> bool:
        """Take one run to its end if one waits."""
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(QUERIES["claim_run"], self._owner, LEASE)
        if row is None:
            return False
        run = CleansingRun(
            row["run_id"], row["source"], row["status"], frozenset(row["flags"]), row["last_record"]
        )
        leased = LeasedRun(
            "cleansing", CleansingTakenOverError, lambda: self._renew(run), lambda: self._release(run),
            lambda sentence: self._finish(run, "failed", sentence),
        )  # fmt: skip
        if await take_to_end(leased, self._go_on(run), LEASE):
            await self._finish(run, "undone" if run.status == "undoing" else "done", None)
        return True

    async def _go_on(self, run: CleansingRun) -> None:
        if run.status == "undoing":
            ledger = CleansingLedger(run.run_id, self._owner)
            reason = f"cleansing {run.run_id} was taken back"
            await self._withdrawer.withdraw(run.source, ledger, reason)
        else:
            await self._cleanse(run)

    async def _cleanse(self, run: CleansingRun) -> None:
        async with self._pool.acquire() as connection:
            source = await read_source(connection, run.source)
        after = run.last_record
        while True:
            async with self._pool.acquire() as connection, connection.transaction():
                found, last = await read_corrections(
                    connection, run.source, source.country or "", run.flags, after
                )
                if last is None:
                    return
                await self._correct(connection, run, found, last)
            after = last

    async def _correct(
        self, connection: Connection, run: CleansingRun, found: Sequence[Corrected], last: UUID
    ) -> None:
        now = self._clock.now()
        events = [event for one, better in found for event in correct_record(one, better, run.run_id, now)]
        places: list[Place] = []
        if events:
            appended = await append_within(connection, self._keyring, events)
            places = [place for place in appended.positions if place is not None]
        await connection.execute(QUERIES["add_corrections"], run.run_id, *_columns(places))
        values = sum(len(better) for _, better in found)
        saved = await connection.fetchval(
            QUERIES["save_step"], run.run_id, self._owner, last, len(found), values, LEASE
        )
        if saved is None:
            raise CleansingTakenOverError("another process works on this cleansing")

    async def _renew(self, run: CleansingRun) -> None:
        held = await self._pool.fetchval(QUERIES["renew_run"], run.run_id, self._owner, LEASE)
        if held is None:
            raise CleansingTakenOverError("another process works on this cleansing")

    async def _finish(self, run: CleansingRun, status: str, error: str | None) -> None:
        await self._pool.execute(
            QUERIES["finish_run"], run.run_id, self._owner, status, error, self._clock.now()
        )
        _LOG.info("cleansing_finished", source=run.source, status=status)

    async def _release(self, run: CleansingRun) -> None:
        await self._pool.execute(QUERIES["release_run"], run.run_id, self._owner)


class CleansingLedger:
    """The statements of a run."""

    def __init__(self, run_id: UUID, owner: str) -> None:
        self._run_id = run_id
        self._owner = owner

    async def left(self, connection: Connection, limit: int) -> list[Place]:
        """What is still to be taken back."""
        rows = await connection.fetch(QUERIES["list_corrections"], self._run_id, limit)
        return [(row["part"], row["seq"]) for row in rows]

    async def release(self, connection: Connection, places: Sequence[Place]) -> list[Place]:
        """Nobody else says the same."""
        return []

    async def settle(self, connection: Connection, places: Sequence[Place], released: int) -> None:
        """Note what was taken back; raises `CleansingTakenOverError`."""
        await connection.execute(QUERIES["drop_corrections"], self._run_id, *_columns(places))
        saved = await connection.fetchval(
            QUERIES["save_undo"], self._run_id, self._owner, len(places), LEASE
        )
        if saved is None:
            raise CleansingTakenOverError("another process takes this cleansing back")


def _columns(places: Sequence[Place]) -> tuple[list[int], list[int]]:
    return [part for part, _ in places], [seq for _, seq in places]
