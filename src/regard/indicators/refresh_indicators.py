"""Keeps the figures about customers in step with their timelines."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_queries = NamedQueries(__package__, "indicators.sql")


async def refresh_indicators(connection: Connection, customer_ids: Collection[UUID]) -> None:
    """Compute the figures of these customers anew.

    Money is in minor units per currency. Orders without an amount count their lines; cancelled
    orders do not count; refunds and returned lines are kept apart from what was ordered.
    """
    if not customer_ids:
        return
    await connection.execute(_queries["drop_figures"], list(customer_ids))
    await connection.execute(_queries["refresh_figures"], list(customer_ids))
