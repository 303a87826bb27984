"""Writes down who looked at what before they see it: no row, no answer.

One writer a process. While one batch is being committed the next gathers, so many readers share one commit.
Each row carries the hash of the row before it; field names are kept, values never.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog

from regard.access.principal import Principal
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, Pool
from regard.kit.clock import Clock
from regard.kit.errors import RegardError, Transient
from regard.kit.ids import new_id

_queries = NamedQueries(__package__, "access.sql")
_LOG = structlog.get_logger(__name__)
_BATCH = 500
_PATIENCE = 10.0
START = bytes(32)


class AuditUnavailableError(RegardError, Transient):
    """The audit cannot be written, so nothing is read."""

    code = "audit_unavailable"
    status = 503


class AuditBrokenError(RegardError):
    """A chain of the audit does not fit together: a row was altered, removed or added."""

    code = "audit_broken"


@dataclass(frozen=True, slots=True)
class Look:
    """One act of looking. `fields` names what left, by action; `asked` is a keyed hash of a search text."""

    principal: Principal
    action: str
    policy: str
    request_id: str
    customer_id: UUID | None = None
    fields: str = ""
    results: int = 1
    decision: str = "allow"
    asked: str = ""


_Row = tuple[object, ...]
_Waiting = tuple[Look, datetime, "asyncio.Future[None]"]


class AuditWriter:
    """Writes looks in batches; `record` returns once the row is durable."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._writer = new_id(clock.now())
        self._seq = 0
        self._last = START
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def record(self, look: Look) -> None:
        """Return when the row is committed; raises `AuditUnavailableError`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((look, self._clock.now(), future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_all(), name="audit writer")
        await future

    async def close(self) -> None:
        """Finish what is waiting."""
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            try:
                await self._write(batch)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as problem:
                _LOG.error("audit_unavailable", error=type(problem).__name__, rows=len(batch))
                self._start_new_chain()
                _settle(batch, AuditUnavailableError("the audit cannot be written, so nothing is read"))
            except BaseException:
                _settle(batch, AuditUnavailableError("the audit was stopped, so nothing is read"))
                raise
            else:
                _settle(batch, None)

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        seq, last, rows = self._seq, self._last, []
        for look, at, _ in batch:
            seq += 1
            row = _row(seq, at, look)
            last = chain_hash(last, self._writer, row)
            rows.append((*row, last))
        columns = list(map(list, zip(*rows, strict=True)))
        async with self._pool.acquire(timeout=_PATIENCE) as connection:
            await connection.execute(_queries["insert_audit"], self._writer, *columns, timeout=_PATIENCE)
        self._seq, self._last = seq, last

    def _start_new_chain(self) -> None:
        # Whether the failed batch was committed is unknown; a fresh chain cannot collide with it.
        self._writer, self._seq, self._last = new_id(self._clock.now()), 0, START


def chain_hash(before: bytes, writer: UUID, row: _Row) -> bytes:
    """SHA-256 over the hash before, the writer, and the texts of the row, each behind its length."""
    parts = [before, writer.bytes]
    for value in row:
        raw = (value.isoformat() if isinstance(value, datetime) else str(value)).encode()
        parts += (len(raw).to_bytes(4, "big"), raw)
    return hashlib.sha256(b"".join(parts)).digest()


async def verify_audit(connection: Connection) -> int:
    """Walk every chain and give the number of rows; raises `AuditBrokenError` naming the first bad row."""
    rows_seen = 0
    for writer in [row["writer"] for row in await connection.fetch(_queries["list_audit_writers"])]:
        seq, last = 0, START
        while rows := await connection.fetch(_queries["read_audit_chain"], writer, seq, 1000):
            for row in rows:
                *content, stored = row.values()
                last = chain_hash(last, writer, tuple(content))
                if row["seq"] != seq + 1 or stored != last:
                    raise AuditBrokenError(f"the audit chain {writer} does not fit together at row {seq + 1}")
                seq += 1
        rows_seen += seq
    return rows_seen


def _row(seq: int, at: datetime, look: Look) -> _Row:
    who = look.principal
    return (
        seq, at, who.user_id, who.username, who.role, who.session_hint, look.action, look.customer_id,
        look.asked, look.fields, look.results, look.decision, look.request_id, look.policy,
    )  # fmt: skip


def _settle(batch: Sequence[_Waiting], problem: AuditUnavailableError | None) -> None:
    for _, _, future in batch:
        if future.done():
            continue
        if problem is None:
            future.set_result(None)
        else:
            future.set_exception(problem)
