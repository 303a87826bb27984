"""Keeps a lease alive beside work that may go on for longer without a word to the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

import structlog

from regard.db.passing_errors import PASSING

_LOG = structlog.get_logger(__name__)


async def while_leased(
    work: Coroutine[Any, Any, None], renew: Callable[[], Awaitable[None]], every: timedelta
) -> None:
    """Do the work and call `renew` so often meanwhile; what `renew` raises ends the work and is raised.

    Passing errors of the database are no reason: the work itself meets them too.
    """
    job = asyncio.create_task(work)
    holder = asyncio.create_task(_renew(renew, every.total_seconds()))
    try:
        await asyncio.wait({job, holder}, return_when=asyncio.FIRST_COMPLETED)
        await (job if job.done() else holder)
    finally:
        job.cancel()
        holder.cancel()
        await asyncio.gather(job, holder, return_exceptions=True)


async def _renew(renew: Callable[[], Awaitable[None]], every: float) -> None:
    while True:
        await asyncio.sleep(every)
        try:
            await renew()
        except PASSING as error:
            _LOG.warning("lease_not_renewed", error=type(error).__name__)
