"""Keeps the change feed from growing for ever."""

from __future__ import annotations

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_queries = NamedQueries(__package__, "pipeline.sql")
# Far more than a returning browser may ask for.
KEPT_POSITIONS = 200_000


async def prune_feed(connection: Connection, most: int, kept: int = KEPT_POSITIONS) -> int:
    """Drop at most `most` of the changes before the newest `kept` positions; gives how many were dropped."""
    status = await connection.execute(_queries["prune_feed"], kept, most)
    return int(status.rpartition(" ")[2])
