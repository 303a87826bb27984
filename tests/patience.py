"""How long tests wait for what must come: a busy machine may need most of it, a quiet one hardly any."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

PATIENCE = 240.0
"""Seconds. Nothing is slower for it when all is well; what never comes fails the test after it."""
_T = TypeVar("_T")


async def until(ask: Callable[[], Awaitable[_T]], what: str = "it", *, pause: float = 0.02) -> _T:
    """The first answer that is true; fails the test after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := await ask()):
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE:.0f} seconds"
        await asyncio.sleep(pause)
    return answer


def wait_until(ask: Callable[[], _T], what: str = "it") -> _T:
    """The same where no loop runs."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE:.0f} seconds"
        time.sleep(0.02)
    return answer
