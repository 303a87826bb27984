"""Makes writing a group of items repeatable: each group is claimed in its own transaction, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_QUERIES = NamedQueries(__package__, "groups.sql")
_KEPT = timedelta(days=1)


async def claim_group(connection: Connection, token: UUID, now: datetime) -> bool:
    """Whether the group is still to be written; False when an earlier transaction with it took place."""
    return await connection.fetchval(_QUERIES["claim_group"], token, now) is not None


async def drop_old_groups(connection: Connection, now: datetime, most: int) -> int:
    """Forget at most `most` groups that are older than a day; gives how many were dropped."""
    status = await connection.execute(_QUERIES["drop_old_groups"], now - _KEPT, most)
    return int(status.rpartition(" ")[2])
