"""How the installation is: usable or not, how much it holds, how far the customers are behind the log."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter

from regard.api.services import Services
from regard.eventlog.measure_log import count_events, measure_lag
from regard.identity.keep_models import ModelShelf
from regard.pipeline.count_parked import count_parked
from regard.views.count_customers import count_customers

_KEPT = timedelta(seconds=1)
_CONSUMER = "projector"
_BEHIND_SECONDS = 60.0


class HealthBook:
    """Counts at most once a second, however many ask."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._shelf = ModelShelf(services.keyring)
        self._counted: dict[str, Any] = {}
        self._at: datetime | None = None
        self._turn = asyncio.Lock()

    async def read(self) -> dict[str, Any]:
        """The counts, at most a second old."""
        async with self._turn:
            now = self._services.clock.now()
            if self._at is None or not timedelta() <= now - self._at < _KEPT:
                self._counted, self._at = await self._count(), now
            return self._counted

    async def _count(self) -> dict[str, Any]:
        async with self._services.pool.acquire() as connection:
            events = await count_events(connection)
            lag_events, lag_seconds = await measure_lag(connection, _CONSUMER)
            customers = await count_customers(connection)
            parked = await count_parked(connection)
            chosen = await self._shelf.chosen_version(connection)
            decided = await self._shelf.decided_version(connection)
        return {
            "status": "behind" if lag_seconds > _BEHIND_SECONDS else "ok",
            "customers": customers,
            "events": events,
            "lag_events": lag_events,
            "lag_seconds": round(lag_seconds, 3),
            "parked_events": sum(parked.values()),
            "chosen_model_decides": chosen in (None, decided),
            "streams": self._services.hub.open_streams,
            "version": self._services.settings.version,
        }


def routes(services: Services) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["health"])
    book = HealthBook(services)

    @router.get("/health", operation_id="readHealth")
    async def health() -> dict[str, Any]:
        """Counts and lag; answers as soon as the product is usable, without a session."""
        return await book.read()

    return router
