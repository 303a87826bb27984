"""Computing beside the database's work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_A = TypeVar("_A")
_B = TypeVar("_B")


async def side_by_side(computing: Awaitable[_A], storing: Awaitable[_B]) -> tuple[_A, _B]:
    """Await both to their ends before raising: a statement under way would spoil the rollback."""
    first, second = await asyncio.gather(computing, storing, return_exceptions=True)
    if isinstance(first, BaseException):
        raise first
    if isinstance(second, BaseException):
        raise second
    return first, second
