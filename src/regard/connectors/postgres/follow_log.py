"""Follows the replication stream of a slot without blocking: messages as they come, confirmations as told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import psycopg2
import psycopg2.errors
from psycopg2.extras import ReplicationCursor

from regard.connectors.connector_contract import SourceUnavailableError
from regard.connectors.postgres.open_postgres import Connection, open_replication, tell_code
from regard.connectors.postgres.postgres_settings import PostgresSettings
from regard.kit.errors import RegardError, Transient

_ALIVE_SECONDS = 10.0


class ChangesLostError(RegardError, Transient):
    """The source no longer has the changes that we have not taken; all tables must be read again."""

    code = "changes_lost"
    status = 503


class LogStream:
    """An open replication stream. It says that it lives while its reader is busy with something else."""

    def __init__(self, connection: Connection, cursor: ReplicationCursor) -> None:
        self._connection = connection
        self._cursor = cursor
        self._send_feedback: Callable[..., None] = cursor.send_feedback
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._alive = asyncio.create_task(self._stay_alive())
        self._problem: psycopg2.Error | None = None

    def next_message(self) -> bytes | None:
        """The next pgoutput message that is here already, None when there is none."""
        if self._problem is not None:
            raise explain_stream(self._problem)
        try:
            message = self._cursor.read_message()
        except psycopg2.Error as problem:
            raise explain_stream(problem) from problem
        return bytes(message.payload) if message is not None else None

    async def wait(self, seconds: float) -> None:
        """Until something arrives, at most so long."""
        self._news.clear()
        # Watched only while we wait: unread data would wake the loop without end.
        self._loop.add_reader(self._connection.fileno(), self._news.set)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds)
        finally:
            self._loop.remove_reader(self._connection.fileno())

    def wake(self) -> None:
        """End a wait now."""
        self._news.set()

    def confirm(self, lsn: int) -> None:
        """Tell the source that everything before this is safe with us."""
        self._feed_back(lsn)

    async def close(self) -> None:
        """End the stream; the slot stays."""
        self._alive.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._alive
        self._connection.close()

    async def _stay_alive(self) -> None:
        while self._problem is None:
            await asyncio.sleep(_ALIVE_SECONDS)
            self._feed_back(0)

    def _feed_back(self, lsn: int) -> None:
        try:
            self._send_feedback(flush_lsn=lsn, force=True)
        except psycopg2.Error as problem:
            self._problem = problem


async def follow_log(settings: PostgresSettings, lsn: int) -> LogStream:
    """Start to follow the slot from a position; waits a little while an earlier reader still holds it."""
    for pause in (0.2, 0.5, 1.0, 2.0):
        try:
            return await _follow(settings, lsn)
        except psycopg2.errors.ObjectInUse:
            await asyncio.sleep(pause)
        except psycopg2.Error as problem:
            raise explain_stream(problem) from problem
    raise SourceUnavailableError(
        f"The replication slot “{settings.slot}” is in use by another session. Regard tries again; when"
        " another installation uses it, choose another name for the slot."
    )


async def _follow(settings: PostgresSettings, lsn: int) -> LogStream:
    connection = await asyncio.to_thread(open_replication, settings)
    cursor = connection.cursor(cursor_factory=ReplicationCursor)
    options = {"proto_version": "1", "publication_names": f'"{settings.publication}"'}

    def start() -> None:
        cursor.start_replication(slot_name=settings.slot, start_lsn=lsn, options=options, decode=False)

    try:
        await asyncio.to_thread(start)
    except BaseException:
        connection.close()
        raise
    return LogStream(connection, cursor)


def explain_stream(problem: psycopg2.Error) -> ChangesLostError | SourceUnavailableError:
    """What it means that the stream broke."""
    reason = " ".join(str(problem).split())  # read, never told: it may quote rows
    lost = isinstance(problem, psycopg2.errors.UndefinedObject)  # slot or publication
    if lost or any(
        sign in reason
        for sign in ("can no longer get changes", "can no longer access", "has already been removed")
    ):
        return ChangesLostError(
            f"the source no longer has the changes since the last reading{tell_code(problem)}"
        )
    return SourceUnavailableError(
        f"The stream of changes broke off{tell_code(problem)}. Regard tries again; if it lasts, look into the"
        " log of that server."
    )
