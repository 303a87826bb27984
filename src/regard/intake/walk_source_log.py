"""The log of one source in stretches, so that no question to the database reads all of a large log."""

from __future__ import annotations

from regard.db.pool import Connection
from regard.eventlog.withdraw_events import read_log_heads
from regard.sources.read_log_start import read_log_start

STRETCH = 50_000
"""Numbers of one partition that are looked at in one question."""

Stretch = tuple[int, int, int]
"""A partition, the number behind which it begins, its last number."""


async def read_beginnings(connection: Connection, source: str) -> dict[int, int]:
    """By partition the number behind which the source's events begin."""
    heads = await read_log_heads(connection)
    start = await read_log_start(connection, source)
    return {part: start[number] if number < len(start) else 0 for number, part in enumerate(sorted(heads))}


async def list_stretches(connection: Connection, source: str) -> list[Stretch]:
    """All stretches in which the source may have said something by now, in the order of the log."""
    beginnings = await read_beginnings(connection, source)
    heads = await read_log_heads(connection)
    return [
        (part, after, min(after + STRETCH, last))
        for part, last in sorted(heads.items())
        for after in range(beginnings[part], last, STRETCH)
    ]
