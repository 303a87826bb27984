"""Counts the customers for the health page: a number about nobody in particular."""

from __future__ import annotations

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_queries = NamedQueries(__package__, "views.sql")


async def count_customers(connection: Connection) -> int:
    """How many there are; an estimate of the database once there are very many."""
    return int(await connection.fetchval(_queries["count_customers"]) or 0)
