"""Where in the log a source begins: whoever looks for what it said need not read what is older than it."""

from __future__ import annotations

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_QUERIES = NamedQueries(__package__, "sources.sql")


async def read_log_start(connection: Connection, slug: str) -> list[int]:
    """By partition the number behind which the source's events begin; [] means from the first."""
    heads: list[int] | None = await connection.fetchval(_QUERIES["read_log_start"], slug)
    return heads or []
