"""Throws the projections away and reads the whole log again; takes the digests that prove the equality."""

from __future__ import annotations

from uuid import UUID

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, Pool
from regard.eventlog.read_events import reset_positions
from regard.pipeline.mark_told import mark_told
from regard.pipeline.run_projector import CONSUMER, Projector

_queries = NamedQueries(__package__, "pipeline.sql")


async def rebuild_projections(pool: Pool, projector: Projector) -> int:
    """Empty every projection and apply the log from its beginning; gives the number of events applied.

    The running worker must be stopped, or its lease have run out: else `LeaseLostError`, and nothing is
    changed. Screens are empty meanwhile. Whoever goes on with a rebuild that was broken off ends the same.
    """
    async with pool.acquire() as connection, connection.transaction():
        # Before anything is emptied: a worker at work would go on with a memory of what is gone.
        await projector.claim(connection)
        await mark_told(connection, CONSUMER)
        await connection.execute(_queries["empty_projections"])
        await reset_positions(connection, CONSUMER)
    projector.forget()
    return await projector.catch_up()


async def digest_customers(connection: Connection) -> dict[UUID, str]:
    """Per customer one digest over all that is known, to compare two states byte for byte."""
    return {row["customer_id"]: row["digest"] for row in await connection.fetch(_queries["digest_customers"])}
