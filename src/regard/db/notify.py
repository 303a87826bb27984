"""Wakes a waiting process when another one rings, and now and then without a ring.

A ring only says "look now": it may be lost, doubled or late, and nothing may depend on it. Whoever waits
reads rows to find out what there is to do.
"""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self

import asyncpg
import structlog

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, DatabaseUnreachableError, connect

_LOG = structlog.get_logger(__name__)
_QUERIES = NamedQueries(__package__, "notify.sql")
_LONGEST_PAUSE = 5.0


async def ring(connection: Connection, channel: str, payload: str = "") -> None:
    """Wake everybody who waits on `channel`, when the connection's transaction commits."""
    await connection.execute(_QUERIES["ring"], channel, payload)


class Bell:
    """Listens on one channel over its own connection, which it opens again whenever it breaks.

    async with Bell(dsn, "log", poll_seconds=2.0) as bell:
        while True:
            ... work until there is nothing left ...
            await bell.wait()

    Rings that come while nobody waits are kept as one.
    """

    def __init__(self, dsn: str, channel: str, *, poll_seconds: float = 5.0) -> None:
        self._dsn = dsn
        self._channel = channel
        self._poll_seconds = poll_seconds
        self._rung = asyncio.Event()
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen_for_ever(), name=f"bell {self._channel}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def wait(self, timeout_seconds: float | None = None) -> bool:
        """Return at the next ring (True) or when it is time for a look anyway (False).

        That time comes after `timeout_seconds`, or after the bell's own `poll_seconds`.
        """
        patience = self._poll_seconds if timeout_seconds is None else timeout_seconds
        try:
            await asyncio.wait_for(self._rung.wait(), patience)
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    async def wait_until_listening(self) -> None:
        """Return once a connection listens; for tests, work needs no such promise."""
        await self._listening.wait()

    async def _listen_for_ever(self) -> None:
        pause = 0.1
        while True:
            try:
                connection = await connect(self._dsn, application_name=f"regard bell {self._channel}")
                try:
                    pause = 0.1
                    await self._listen(connection)
                finally:
                    connection.terminate()
            except (
                OSError,
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
                DatabaseUnreachableError,
            ) as problem:
                _LOG.warning("bell_lost", channel=self._channel, error=type(problem).__name__, pause=pause)
            self._listening.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _listen(self, connection: asyncpg.Connection) -> None:
        broken = asyncio.Event()
        connection.add_termination_listener(lambda _: broken.set())
        await connection.add_listener(self._channel, lambda *_: self._rung.set())
        self._listening.set()
        # Rings between two connections went unheard.
        self._rung.set()
        await broken.wait()
