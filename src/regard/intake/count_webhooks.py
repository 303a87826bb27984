"""Counts pushes that brought nothing, by reason: in memory, written once a second at most.

So a flood of forged requests costs one small row a second, and a person sees why a sender is turned away.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import structlog

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, Pool

_QUERIES = NamedQueries(__package__, "webhooks.sql")
_LOG = structlog.get_logger(__name__)
_PAUSE = 1.0
_MOST_REASONS = 10_000
PROVED = "accepted"
"""Noted with each push that proved its sender, so that refusals before it are history."""


@dataclass(frozen=True, slots=True)
class WebhookCount:
    """How often pushes of a source brought nothing for one reason; `sentence` says what to check."""

    code: str
    requests: int
    first_at: datetime
    last_at: datetime
    sentence: str


@dataclass(slots=True)
class _Noted:
    requests: int
    at: datetime
    sentence: str


class WebhookCounter:
    """One per process."""

    def __init__(self, pool: Pool, *, pause: float = _PAUSE) -> None:
        self._pool = pool
        self._pause = pause
        self._noted: dict[tuple[str, str], _Noted] = {}
        self._writer: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def note(self, source: str, code: str, sentence: str, now: datetime) -> None:
        """Count one request; the first of a reason is written at once, what follows soon."""
        key = (source, code)
        if key in self._noted:
            known = self._noted[key]
            known.requests, known.at, known.sentence = known.requests + 1, now, sentence
        elif len(self._noted) < _MOST_REASONS:
            self._noted[key] = _Noted(1, now, sentence)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_until_nothing_waits(), name="webhook counter")

    async def close(self) -> None:
        """Write what waits, then return."""
        self._closing.set()
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)
        self._closing.clear()
        await self._write()

    async def _write_until_nothing_waits(self) -> None:
        while self._noted:
            await self._write()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._pause)

    async def _write(self) -> None:
        if not self._noted:
            return
        noted, self._noted = self._noted, {}
        keys = sorted(noted)
        rows = [noted[key] for key in keys]
        try:
            await self._pool.execute(
                _QUERIES["count_webhooks"],
                [source for source, _ in keys],
                [code for _, code in keys],
                [one.requests for one in rows],
                [one.at for one in rows],
                [one.sentence for one in rows],
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            _LOG.warning("webhooks_not_counted", error=type(error).__name__)


async def list_webhook_counts(connection: Connection, source: str) -> list[WebhookCount]:
    """What was turned away or brought nothing, the latest first."""
    return [
        WebhookCount(**dict(row)) for row in await connection.fetch(_QUERIES["list_webhook_counts"], source)
    ]
