"""Takes sources out that people removed, and brings them back: the outside system, then every statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from msgspec.structs import replace

from regard.db.pool import Connection, Pool
from regard.eventlog.append_events import append_within
from regard.eventlog.read_events import read_places
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event, RecordKey
from regard.events.judgement_events import JudgementRecorded, JudgementWithdrawn
from regard.intake.keep_removals import QUERIES
from regard.intake.restore_statements import LEASE, RemovalTakenOverError, restore_statements
from regard.intake.run_leased_work import LeasedRun, rounds_outlive, take_to_end
from regard.intake.walk_source_log import Stretch, list_stretches
from regard.intake.withdraw_statements import Place, StatementWithdrawer
from regard.kit.clock import Clock
from regard.kit.ids import derived_id
from regard.kit.work_rounds import until_stopped, work_rounds

# Processes believe a key for a minute after it was revoked.
_KEYS_ARE_FORGOTTEN = timedelta(minutes=2)
_ROUNDS = rounds_outlive(RemovalTakenOverError)
_LOG = structlog.get_logger(__name__)

Leave = Callable[[str], Awaitable[Sequence[str]]]
"""Clears up what we made in the outside system of a source; sentences on what is left there."""


@dataclass(frozen=True, slots=True)
class _Run:
    run_id: UUID
    source: str
    status: str
    left_source: bool


class RemovalWorker:
    """Works on what waits; several share the work by leases. `leave` goes before secrets are forgotten."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock, owner: str, leave: Leave) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._owner = owner
        self._leave = leave
        self._withdrawer = StatementWithdrawer(pool, keyring, clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a step that was begun and not finished never happened."""
        await work_rounds("removal", lambda: until_stopped(self.work_once(), stop), stop, _ROUNDS)

    async def work_once(self) -> bool:
        """Take one to its end if one waits."""
        long_ago = self._clock.now() - _KEYS_ARE_FORGOTTEN
        row = await self._pool.fetchrow(QUERIES["claim_removal"], self._owner, LEASE, long_ago)
        if row is None:
            return False
        run = _Run(row["run_id"], row["source"], row["status"], row["left_source"])
        leased = LeasedRun(
            "removal", RemovalTakenOverError, lambda: self._renew(run),
            lambda: self._pool.execute(QUERIES["release_removal"], run.run_id, self._owner),
            lambda sentence: self._finish(run, "failed", sentence),
        )  # fmt: skip
        await take_to_end(leased, self._go_on(run), LEASE)
        return True

    async def _go_on(self, run: _Run) -> None:
        if run.status == "restoring":
            unread = await restore_statements(self._pool, self._keyring, run.run_id, self._owner)
            await self._bring_back(run, unread)
            return
        if not run.left_source:
            await self._leave_source(run)
        await self._end_links(run)
        ledger = RemovalLedger(run.run_id, run.source, self._owner)
        await self._withdrawer.withdraw(run.source, ledger, f"the source {run.source} was removed")
        await self._finish(run, "removed", None)

    async def _leave_source(self, run: _Run) -> None:
        """Tell the outside system; one that is gone or refuses holds nothing up, and is told to a person."""
        notes = list(await self._leave(run.source))
        statements = await self._count_statements(run.source)
        async with self._pool.acquire() as connection, connection.transaction():
            held = await connection.fetchval(
                QUERIES["note_left"], run.run_id, self._owner, notes, statements, LEASE
            )
            _check(held)
            await connection.execute(QUERIES["forget_secrets"], run.source)

    async def _count_statements(self, source: str) -> int:
        async with self._pool.acquire() as connection:
            stretches = await list_stretches(connection, source)
            counts = [
                int(await connection.fetchval(QUERIES["count_statements"], source, *stretch))
                for stretch in stretches
            ]
        return sum(counts)

    async def _renew(self, run: _Run) -> None:
        _check(await self._pool.fetchval(QUERIES["renew_removal"], run.run_id, self._owner, LEASE))

    async def _end_links(self, run: _Run) -> None:
        """Merges that the source's staff made are no reason any more."""
        now, by = self._clock.now(), f"source:{run.source}"
        async with self._pool.acquire() as connection, connection.transaction():
            events = [
                _judged(run.source, f"~removed:{row['judgement']}", row["judgement"], now,
                        JudgementWithdrawn(row["judgement"], by, "the source was removed"))
                for row in await connection.fetch(QUERIES["list_links"], run.source)
            ]  # fmt: skip
            await append_within(connection, self._keyring, events)

    async def _bring_back(self, run: _Run, unread: int) -> None:
        """The merges of its staff that nobody here took back, and the source itself, in one transaction."""
        now = self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(QUERIES["mark_restored"], run.source)
            await connection.execute(QUERIES["reopen_connection"], run.source, now)
            links = await self._read_links(connection, run.source)
            old = [link.judgement_id for link in links]
            new = [derived_id(run.source, "~restored", str(one), run.run_id.hex) for one in old]
            await connection.execute(QUERIES["rename_links"], run.source, old, new)
            events = [
                _judged(run.source, f"~restored:{again}", again, now, replace(link, judgement_id=again))
                for link, again in zip(links, new, strict=True)
            ]
            await append_within(connection, self._keyring, events)
            await self._end(connection, run, "restored", None, _notes(unread))

    async def _read_links(self, connection: Connection, source: str) -> list[JudgementRecorded]:
        rows = await connection.fetch(QUERIES["list_links"], source)
        subjects = [_subject(row["judgement"]).record_id for row in rows]
        places = await connection.fetch(QUERIES["find_links"], source, subjects)
        found = await read_places(connection, self._keyring, [(row["part"], row["seq"]) for row in places])
        bodies = [one.event.body for one in found if one.event]
        return [body for body in bodies if isinstance(body, JudgementRecorded)]

    async def _finish(self, run: _Run, status: str, error: str | None) -> None:
        async with self._pool.acquire() as connection:
            await self._end(connection, run, status, error, [])

    async def _end(
        self, connection: Connection, run: _Run, status: str, error: str | None, notes: list[str]
    ) -> None:
        held = await connection.fetchval(
            QUERIES["finish_removal"], run.run_id, self._owner, status, error, self._clock.now(), notes
        )
        _check(held)
        _LOG.info("removal_finished", source=run.source, status=status)


class RemovalLedger:
    """Everything that a source stated and that stands."""

    def __init__(self, run_id: UUID, source: str, owner: str) -> None:
        self._run_id = run_id
        self._source = source
        self._owner = owner
        self._ahead: list[Stretch] | None = None

    async def left(self, connection: Connection, limit: int) -> list[Place]:
        """What comes behind what was told before: the log is gone through once.

        What is said meanwhile is for the sweep after the removal.
        """
        if self._ahead is None:
            self._ahead = await list_stretches(connection, self._source)
        places: list[Place] = []
        while self._ahead and len(places) < limit:
            part, after, last = self._ahead.pop(0)
            most = limit - len(places)
            rows = await connection.fetch(
                QUERIES["list_statements"], self._source, part, after, last, most
            )
            places += [(row["part"], row["seq"]) for row in rows]
            if len(rows) == most and places[-1][1] < last:
                self._ahead.insert(0, (part, places[-1][1], last))
        return places

    async def release(self, connection: Connection, places: Sequence[Place]) -> list[Place]:
        """Nobody else says it."""
        return []

    async def settle(self, connection: Connection, places: Sequence[Place], released: int) -> None:
        """Keep what was taken back, for bringing it back; raises `RemovalTakenOverError`."""
        held = await connection.fetchval(
            QUERIES["keep_removed"], self._run_id, self._owner, [part for part, _ in places],
            [seq for _, seq in places], LEASE,
        )  # fmt: skip
        _check(held)


def _check(held: UUID | str | None) -> None:
    if held is None:
        raise RemovalTakenOverError("another process works on this removal")


def _notes(unread: int) -> list[str]:
    notes = ["Its credentials and keys were forgotten: give them anew, and switch the source on."]
    if unread:
        notes.append(
            f"Statements that could not be read and were not said again: {unread}. They are kept, and tried"
            " again when the source is removed and brought back once more."
        )
    return notes


def _subject(judgement_id: UUID) -> RecordKey:
    return RecordKey("regard", "judgements", str(judgement_id))


def _judged(
    source: str,
    event_id: str,
    judgement_id: UUID,
    now: datetime,
    body: JudgementRecorded | JudgementWithdrawn,
) -> Event:
    return Event(source, event_id, _subject(judgement_id), now, None, now, body)
