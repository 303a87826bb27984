"""Follows the change feed once per process and hands each open browser what it watches.

A browser has one slot: what it has not fetched yet is overwritten by what comes later, never queued up.
A slot that grows too large is emptied, and the browser is told to ask for its screen anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

import asyncpg
import structlog

from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool

_queries = NamedQueries(__package__, "live.sql")
_LOG = structlog.get_logger(__name__)
_SLICE = 1_000
_CHECK_EVERY = 2.0
# A browser that has been away for longer than this many changes asks for its screen anew anyway.
_LONGEST_MEMORY = 50_000
# So many customers changed since a browser last fetched: reading its screen anew costs it less than the list.
MOST_CHANGED = 10_000
# A stream ends by itself long before; what is older was never begun or is stuck in a dead connection.
_LONGEST_WATCH = 900.0


class Bell(Protocol):
    """Wakes the hub when the feed has grown; may miss, for it also returns after a while by itself."""

    async def wait(self) -> object:
        """Return when rung, or after a while."""
        ...


class SessionCheck(Protocol):
    """Tells which sessions live."""

    async def still_live(self, sessions: Sequence[bytes]) -> Mapping[bytes, str]:
        """The role of each session that lives."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """A customer changed: position in the feed, and what kinds of change."""

    position: int
    customer_id: UUID
    kinds: frozenset[str]


@dataclass(eq=False, slots=True)
class Watcher:
    """One browser. `customers` None means all."""

    session: bytes
    role: str
    customers: frozenset[UUID] | None
    ended: bool = False
    began: float = field(default_factory=time.monotonic)
    _overflowed_at: int | None = None
    _slot: dict[UUID, Change] = field(default_factory=dict)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, change: Change) -> None:
        """Put a change into the slot, over an earlier one of the same customer."""
        known = self._slot.pop(change.customer_id, None)
        kinds = change.kinds | known.kinds if known else change.kinds
        position = max(change.position, known.position) if known else change.position
        self._slot[change.customer_id] = Change(position, change.customer_id, kinds)
        if len(self._slot) > MOST_CHANGED:
            self._slot.clear()
            self._overflowed_at = position
        self._woken.set()

    def end(self) -> None:
        """Make the stream close."""
        self.ended = True
        self._woken.set()

    async def take(self, timeout_seconds: float) -> list[Change]:
        """What changed since the last call, in the order of the feed; empty after the timeout."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), timeout_seconds)
        self._woken.clear()
        taken, self._slot = self._slot, {}
        if self.ended:
            self._woken.set()
        return sorted(taken.values(), key=lambda change: change.position)

    def take_overflow(self) -> int | None:
        """The position up to which changes were dropped since the last call; None when none were."""
        position, self._overflowed_at = self._overflowed_at, None
        return position


class ChangeHub:
    """The one follower of the feed in a process; use it as `async with`."""

    def __init__(self, pool: Pool, bell: Bell, sessions: SessionCheck) -> None:
        self._pool = pool
        self._bell = bell
        self._sessions = sessions
        self._position = 0
        self._by_customer: dict[UUID, set[Watcher]] = defaultdict(set)
        self._of_all: set[Watcher] = set()
        self._watchers: set[Watcher] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._position = int(await self._pool.fetchval(_queries["read_head"]) or 0)
        self._tasks = [
            asyncio.create_task(self._follow(), name="change hub"),
            asyncio.create_task(self._check_sessions(), name="session check"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def open_streams(self) -> int:
        """How many browsers are listening."""
        return len(self._watchers)

    async def watch(
        self, session: bytes, role: str, customers: Iterable[UUID] | None, since: int | None
    ) -> Watcher:
        """A browser begins to listen; with `since` it is told first what it has missed.

        Whoever gets a watcher gives it back with `leave`; one that is never given back is dropped in time.
        """
        wanted = None if customers is None else frozenset(customers)
        watcher = Watcher(session, role, wanted)
        self._watchers.add(watcher)
        for places in self._places(watcher):
            places.add(watcher)
        if since is not None:
            try:
                await self._offer_missed(watcher, since)
            except BaseException:
                self.leave(watcher)
                raise
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """A browser has gone."""
        self._watchers.discard(watcher)
        for places in self._places(watcher):
            places.discard(watcher)
        for customer_id in watcher.customers or ():
            if not self._by_customer.get(customer_id):
                self._by_customer.pop(customer_id, None)

    def end_sessions(self, session: bytes) -> None:
        """Close the streams of a session that was signed out or changed its role, at once."""
        for watcher in list(self._watchers):
            if watcher.session == session:
                watcher.end()

    def end_all(self) -> None:
        """Close every stream: the program is stopping."""
        for watcher in list(self._watchers):
            watcher.end()

    async def _offer_missed(self, watcher: Watcher, since: int) -> None:
        oldest = self._position - _LONGEST_MEMORY
        asked = None if watcher.customers is None else list(watcher.customers)
        for row in await self._pool.fetch(_queries["read_missed"], since, asked, oldest):
            watcher.offer(_change(row))

    def _places(self, watcher: Watcher) -> list[set[Watcher]]:
        if watcher.customers is None:
            return [self._of_all]
        return [self._by_customer[customer_id] for customer_id in watcher.customers]

    async def _follow(self) -> None:
        while True:
            try:
                while await self._step():
                    pass
                await self._bell.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as problem:
                _LOG.warning("feed_unreadable", error=type(problem).__name__)
                await asyncio.sleep(1.0)

    async def _step(self) -> bool:
        rows = await self._pool.fetch(_queries["read_after"], self._position, _SLICE)
        for row in rows:
            change = _change(row)
            for watcher in [*self._by_customer.get(change.customer_id, ()), *self._of_all]:
                watcher.offer(change)
        if rows:
            self._position = rows[-1]["position"]
        return len(rows) == _SLICE

    async def _check_sessions(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_EVERY)
            try:
                watchers = list(self._watchers)
                live = (
                    await self._sessions.still_live(list({w.session for w in watchers})) if watchers else {}
                )
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as problem:
                _LOG.warning("sessions_unreadable", error=type(problem).__name__)
                continue
            self._drop_dead(watchers, live)

    def _drop_dead(self, watchers: Sequence[Watcher], live: Mapping[bytes, str]) -> None:
        """End and forget whom nobody listens to any more; one that never began cannot leave by itself."""
        oldest = time.monotonic() - _LONGEST_WATCH
        for watcher in watchers:
            if watcher.ended or watcher.began < oldest or live.get(watcher.session) != watcher.role:
                watcher.end()
                self.leave(watcher)


def _change(row: asyncpg.Record) -> Change:
    return Change(row["position"], row["customer_id"], frozenset(row["kinds"]))
