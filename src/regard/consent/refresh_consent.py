"""Keeps the consent statements of source records in step with their consent interactions."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_queries = NamedQueries(__package__, "consent.sql")


async def refresh_consent(connection: Connection, record_ids: Collection[UUID]) -> None:
    """Read the statements of these records anew; a missing or unclear state counts as denied."""
    if not record_ids:
        return
    await connection.execute(_queries["drop_statements"], list(record_ids))
    await connection.execute(_queries["write_statements"], list(record_ids))
