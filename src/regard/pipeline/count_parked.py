"""Counts the events that were acknowledged and could not be applied: no customer shows anything of them."""

from __future__ import annotations

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_queries = NamedQueries(__package__, "pipeline.sql")


async def count_parked(connection: Connection) -> dict[str, int]:
    """How many are set aside, by source; sources without any are left out. A rebuild reads them again."""
    return {row["source"]: row["parked"] for row in await connection.fetch(_queries["count_parked"])}
