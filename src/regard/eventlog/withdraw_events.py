"""Marks events as taken back; they stay in the log, and readers pass them over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_queries = NamedQueries(__package__, "eventlog.sql")


async def read_log_heads(connection: Connection) -> dict[int, int]:
    """The last number of each partition; whoever reads after this sees everything up to it."""
    rows = await connection.fetch(_queries["read_all_heads"])
    return {row["part"]: row["seq"] for row in rows}


async def lock_log(connection: Connection) -> dict[int, int]:
    """Keep everybody from appending until the transaction ends; gives the last number of each partition."""
    rows = await connection.fetch(_queries["lock_all_heads"])
    return {row["part"]: row["seq"] for row in rows}


async def mark_withdrawn(connection: Connection, source: str, event_ids: Sequence[str]) -> None:
    """Have readers pass these events over, once the caller's transaction is committed."""
    await connection.execute(_queries["add_withdrawn"], [source] * len(event_ids), list(event_ids))


async def forget_content(connection: Connection, object_ids: Collection[UUID]) -> None:
    """Take whatever is said next about these objects for news."""
    await connection.execute(_queries["forget_content"], list(object_ids))
