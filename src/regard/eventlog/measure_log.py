"""Counts the log and how far its consumers are behind."""

from __future__ import annotations

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_queries = NamedQueries(__package__, "eventlog.sql")


async def count_events(connection: Connection) -> int:
    """How many events the log holds."""
    return int(await connection.fetchval(_queries["count_events"]))


async def measure_lag(connection: Connection, consumer: str) -> tuple[int, float]:
    """Events not yet applied by the consumer, and the age in seconds of the oldest of them."""
    row = await connection.fetchrow(_queries["count_lag"], consumer)
    return (int(row["events"]), float(row["seconds"])) if row else (0, 0.0)
