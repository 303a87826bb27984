"""How fast and how many at a time a source may be asked: a token bucket and a gate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic


class RateBudget:
    """At most `per_second` requests a second (0: no limit) with `burst` at once, `concurrent` in flight.

    Requests are let through in the order in which they asked.
    """

    def __init__(
        self,
        per_second: float,
        concurrent: int,
        burst: int = 1,
        *,
        seconds: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._per_second = per_second
        self._burst = max(1, burst)
        self._gate = asyncio.Semaphore(max(1, concurrent))
        self._turn = asyncio.Lock()
        self._tokens = float(self._burst)
        self._counted_at = seconds()
        self._seconds = seconds
        self._sleep = sleep

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Wait for one's turn, and hold a place while the request runs."""
        async with self._gate:
            if self._per_second > 0:
                async with self._turn:
                    await self._take_token()
            yield

    async def _take_token(self) -> None:
        self._refill()
        while self._tokens < 1:
            await self._sleep((1 - self._tokens) / self._per_second)
            self._refill()
        self._tokens -= 1

    def _refill(self) -> None:
        now = self._seconds()
        earned = max(0.0, now - self._counted_at) * self._per_second
        # The hair covers sleeps that wake a rounding error too early.
        self._tokens = min(float(self._burst), self._tokens + earned + 1e-9)
        self._counted_at = now
