"""Rounds of background work: at once while there is work, else a pause, a longer one after trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog

_LOG = structlog.get_logger(__name__)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def work_rounds(
    name: str,
    work: Callable[[], Awaitable[bool | int]],
    stop: asyncio.Event,
    away: tuple[type[Exception], ...],
    *,
    idle: float = 1.0,
    after_trouble: float = 10.0,
) -> None:
    """Call `work`, which says whether there was any, until `stop` is set.

    Errors of `away` are logged under `name` and waited out; any other ends the rounds. Pauses in seconds.
    """
    while not stop.is_set():
        try:
            if not await work():
                await pause(stop, idle)
        except away as error:
            _LOG.warning(f"{name}_interrupted", error=type(error).__name__)
            await pause(stop, after_trouble)


async def until_stopped(work: Coroutine[Any, Any, bool], stop: asyncio.Event) -> bool:
    """What `work` says; False when a stop broke it off, after it has cleaned up behind itself."""
    job = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({job, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not job.done():
            job.cancel()
            with suppress(asyncio.CancelledError):
                await job
            return False
    finally:
        stopped.cancel()
    return await job
