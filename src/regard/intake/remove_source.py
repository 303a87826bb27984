"""Takes sources out that people removed, and brings them back: the outside system, then every statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import structlog

from regard.db.pool import Connection, Pool
from regard.eventlog.append_events import append_within
from regard.eventlog.read_events import read_places
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event, RecordKey
from regard.events.judgement_events import JudgementRecorded, JudgementWithdrawn
from regard.intake.keep_removals import QUERIES
from regard.intake.restore_statements import LEASE, RemovalTakenOverError, restore_statements
from regard.intake.withdraw_statements import Place, StatementWithdrawer
from regard.kit.clock import Clock
from regard.kit.errors import RegardError, Transient
from regard.kit.ids import derived_id
from regard.kit.work_rounds import until_stopped, work_rounds

# Processes believe a key for a minute after it was revoked.
_KEYS_ARE_FORGOTTEN = timedelta(minutes=2)
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, RemovalTakenOverError)
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
        await work_rounds("removal", lambda: until_stopped(self.work_once(), stop), stop, _AWAY)

    async def work_once(self) -> bool:
        """Take one to its end if one waits."""
        long_ago = self._clock.now() - _KEYS_ARE_FORGOTTEN
        row = await self._pool.fetchrow(QUERIES["claim_removal"], self._owner, LEASE, long_ago)
        if row is None:
            return False
        run = _Run(row["run_id"], row["source"], row["status"], row["left_source"])
        try:
            await self._go_on(run)
        except _AWAY:
            raise
        except RegardError as problem:
            if isinstance(problem, Transient):
                raise OSError(str(problem)) from problem
            await self._finish(run, "failed", str(problem))
        except asyncio.CancelledError:
            await self._pool.execute(QUERIES["release_removal"], run.run_id, self._owner)
            raise
        except Exception as problem:  # noqa: BLE001 - it must not stay “removing” for ever
            _LOG.exception("removal_failed", error=type(problem).__name__)
            fault = f"It stopped because of a fault in Regard ({type(problem).__name__}); please report it."
            await self._finish(run, "failed", fault)
        return True

    async def _go_on(self, run: _Run) -> None:
        if run.status == "restoring":
            await restore_statements(self._pool, self._keyring, run.run_id, self._owner)
            await self._bring_back(run)
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
        async with self._pool.acquire() as connection, connection.transaction():
            statements = await connection.fetchval(QUERIES["count_statements"], run.source)
            await connection.execute(QUERIES["forget_secrets"], run.source)
            await connection.execute(QUERIES["note_left"], run.run_id, self._owner, notes, statements, LEASE)

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

    async def _bring_back(self, run: _Run) -> None:
        """The merges of its staff, and the source itself, in one transaction."""
        now = self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(QUERIES["list_links"], run.source)
            found = await read_places(connection, self._keyring, [(row["part"], row["seq"]) for row in rows])
            events = []
            for body in [one.event.body for one in found if one.event]:
                if isinstance(body, JudgementRecorded):
                    again = derived_id(run.source, "~restored", str(body.judgement_id), run.run_id.hex)
                    said = JudgementRecorded(again, body.verdict, body.left, body.right, body.by, body.reason)
                    events.append(_judged(run.source, f"~restored:{again}", again, now, said))
                    await connection.execute(QUERIES["rename_link"], run.source, again, body.judgement_id)
            await append_within(connection, self._keyring, events)
            await connection.execute(QUERIES["mark_restored"], run.source)
            await connection.execute(QUERIES["reopen_connection"], run.source, now)
            note = "Its credentials and keys were forgotten: give them anew, and switch the source on."
            await self._end(connection, run, "restored", None, [note])

    async def _finish(self, run: _Run, status: str, error: str | None) -> None:
        async with self._pool.acquire() as connection:
            await self._end(connection, run, status, error, [])

    async def _end(
        self, connection: Connection, run: _Run, status: str, error: str | None, notes: list[str]
    ) -> None:
        held = await connection.fetchval(
            QUERIES["finish_removal"], run.run_id, self._owner, status, error, self._clock.now(), notes
        )
        if held is None:
            raise RemovalTakenOverError("another process works on this removal")
        _LOG.info("removal_finished", source=run.source, status=status)


class RemovalLedger:
    """Everything that a source stated and that stands."""

    def __init__(self, run_id: UUID, source: str, owner: str) -> None:
        self._run_id = run_id
        self._source = source
        self._owner = owner

    async def left(self, connection: Connection, limit: int) -> list[Place]:
        """What is still to be taken back."""
        rows = await connection.fetch(QUERIES["list_statements"], self._source, limit)
        return [(row["part"], row["seq"]) for row in rows]

    async def release(self, connection: Connection, places: Sequence[Place]) -> list[Place]:
        """Nobody else says it."""
        return []

    async def settle(self, connection: Connection, places: Sequence[Place], released: int) -> None:
        """Keep what was taken back, for bringing it back; raises `RemovalTakenOverError`."""
        held = await connection.fetchval(
            QUERIES["keep_removed"], self._run_id, self._owner, [part for part, _ in places],
            [seq for _, seq in places], LEASE,
        )  # fmt: skip
        if held is None:
            raise RemovalTakenOverError("another process works on this removal")


def _judged(
    source: str,
    event_id: str,
    judgement_id: UUID,
    now: datetime,
    body: JudgementRecorded | JudgementWithdrawn,
) -> Event:
    return Event(source, event_id, RecordKey("regard", "judgements", str(judgement_id)), now, None, now, body)
