"""Group commit: pushes that wait at the same time share one transaction and hear of it after its commit."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import msgspec
import structlog

from regard.db.passing_errors import PASSING
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.intake.claim_groups import claim_group
from regard.intake.commit_items import Committed, KnownFollowers, commit_items
from regard.intake.pushed_item import EVENT_DIALECT, ItemResult, PushedItem
from regard.kit.clock import Clock
from regard.kit.errors import RegardError, Terminal, Transient
from regard.kit.ids import new_id

_LOG = structlog.get_logger(__name__)
_TRIES = 4
_FIRST_PAUSE = 0.05

# Failures of the content: no retry cures them, but they must not spoil what came beside them.
_OF_CONTENT = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    msgspec.MsgspecError,
    ValueError,
    TypeError,
    OverflowError,
)

Also = Callable[[Connection], Awaitable[None]]


class BusyError(RegardError, Transient):
    """More waits to be written than can be; `retry_after` is in seconds."""

    code = "busy"
    status = 503
    retry_after = 2


class LogUnavailableError(BusyError):
    """The database cannot take events at the moment; nothing was lost that was acknowledged."""

    code = "log_unavailable"
    retry_after = 5


class NotStorableError(RegardError, Terminal):
    """The database refuses the content of an item."""

    code = "not_storable"
    status = 422


@dataclass(slots=True)
class _Push:
    items: Sequence[PushedItem]
    done: asyncio.Future[list[ItemResult]]


@dataclass(slots=True)
class _Group:
    """Items of one transaction; `tried` is what the last try came to before its commit."""

    token: UUID
    items: Sequence[PushedItem]
    also: Also | None
    tried: Committed | None = None


class EventAppender:
    """Fills the log. One per process; whoever awaits `submit` has it durable when that returns.

    At most `writers` transactions run at once, each takes pushes of up to about `group` items; when
    more than `most_waiting` items wait, `BusyError` tells the sender to come back.
    """

    def __init__(
        self,
        pool: Pool,
        keyring: Keyring,
        clock: Clock,
        *,
        group: int = 2_000,
        most_waiting: int = 20_000,
        writers: int = 2,
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._group = group
        self._most_waiting = most_waiting
        self._most_writers = writers
        self._waiting: deque[_Push] = deque()
        self._count = 0
        self._writers: set[asyncio.Task[None]] = set()
        self._known = KnownFollowers()

    async def submit(self, items: Sequence[PushedItem]) -> list[ItemResult]:
        """Write the items; raises `BusyError` or `LogUnavailableError` when nothing of them is kept."""
        if not items:
            return []
        if self._count and self._count + len(items) > self._most_waiting:
            raise BusyError("Too much waits to be written. Send it again after the time in Retry-After.")
        done: asyncio.Future[list[ItemResult]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Push(items, done))
        self._count += len(items)
        self._start_writer()
        return await done

    async def append(self, events: Sequence[Event], also: Also | None = None) -> list[ItemResult]:
        """Write events of a room of Regard, each an item of its own.

        `also` runs inside the same transaction, after the events are in; it is then a transaction of
        their own, and a failure of `also` undoes them.
        """
        items = [
            PushedItem(event.source, event.received_at, EVENT_DIALECT, event, [event]) for event in events
        ]
        if also is None:
            return await self.submit(items)
        return (await self._write(items, also)).results

    async def close(self) -> None:
        """Write what waits, then return."""
        while self._writers:
            await asyncio.gather(*self._writers, return_exceptions=True)

    def _start_writer(self) -> None:
        if self._waiting and len(self._writers) < self._most_writers:
            task = asyncio.create_task(self._drain(), name="intake writer")
            self._writers.add(task)
            task.add_done_callback(self._end_writer)

    def _end_writer(self, task: asyncio.Task[None]) -> None:
        self._writers.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("intake_writer_broke", error=type(error).__name__)
            self._start_writer()

    async def _drain(self) -> None:
        # One turn of the loop lets requests that are ready at the same time join the group.
        await asyncio.sleep(0)
        while self._waiting:
            await self._serve(self._take_group())

    def _take_group(self) -> list[_Push]:
        pushes: list[_Push] = []
        size = 0
        while self._waiting and (not pushes or size + len(self._waiting[0].items) <= self._group):
            push = self._waiting.popleft()
            size += len(push.items)
            pushes.append(push)
        return pushes

    async def _serve(self, pushes: list[_Push]) -> None:
        try:
            await self._write_group(pushes)
        except BaseException as error:
            for push in pushes:
                if not push.done.done():
                    push.done.set_exception(_as_answer(error))
            if not isinstance(error, RegardError):
                raise
        finally:
            self._count -= sum(len(push.items) for push in pushes)

    async def _write_group(self, pushes: list[_Push]) -> None:
        items = [item for push in pushes for item in push.items]
        try:
            results = (await self._write(items)).results
        except _OF_CONTENT as error:
            _LOG.warning("intake_group_refused", items=len(items), error=type(error).__name__)
            results = [await self._write_alone(item) for item in items]
        start = 0
        for push in pushes:
            end = start + len(push.items)
            if not push.done.done():
                push.done.set_result(results[start:end])
            start = end

    async def _write_alone(self, item: PushedItem) -> ItemResult:
        try:
            return (await self._write([item])).results[0]
        except _OF_CONTENT as error:
            _LOG.warning("intake_item_refused", error=type(error).__name__)
            item.refusal = NotStorableError(
                "The database refuses the content of the item; shorten its ids and remove unusual characters."
            )
            return (await self._write([item])).results[0]

    async def _write(self, items: Sequence[PushedItem], also: Also | None = None) -> Committed:
        pause = _FIRST_PAUSE
        group = _Group(new_id(self._clock.now()), items, also)
        for attempt in range(_TRIES):
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    committed = await self._write_once(connection, group)
            except _OF_CONTENT:
                raise
            except PASSING as error:
                # A commit whose answer was lost may have taken place: the next try finds the group claimed.
                _LOG.warning("intake_waits", attempt=attempt + 1, error=type(error).__name__)
                if attempt == _TRIES - 1:
                    raise LogUnavailableError(
                        "The database cannot take events now. Send them again after the time in Retry-After."
                    ) from error
                await asyncio.sleep(pause)
                pause *= 2
            else:
                self._keyring.remember(committed.fresh_keys)
                self._known.add(committed.followers)
                return committed
        raise AssertionError

    async def _write_once(self, connection: Connection, group: _Group) -> Committed:
        """The group in the caller's transaction, or what came of it when an earlier try went in after all."""
        if not await claim_group(connection, group.token, self._clock.now()) and group.tried is not None:
            return group.tried
        group.tried = await commit_items(connection, self._keyring, group.items, self._known)
        if group.also is not None:
            await group.also(connection)
        return group.tried


def _as_answer(error: BaseException) -> BaseException:
    if isinstance(error, asyncio.CancelledError):
        return LogUnavailableError("The server is stopping. Send the events again.")
    return error
