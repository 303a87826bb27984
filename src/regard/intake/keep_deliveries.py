"""Remembers the names of deliveries, so that one that is sent again has no effect."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.kit.errors import RegardError

QUERIES = NamedQueries(__package__, "webhooks.sql")
KEPT = timedelta(days=30)
_LONGEST = 200


class DeliverySeenError(RegardError):
    """Deliveries of these names were received before."""

    code = "seen_before"
    status = 200

    def __init__(self, seen: Collection[str]) -> None:
        super().__init__(
            "This delivery was received before, so it changed nothing."
            " Senders do that when an answer was late."
        )
        self.seen = frozenset(seen)


async def note_deliveries(
    connection: Connection, source: str, delivery_ids: Collection[str], now: datetime
) -> set[str]:
    """Remember the deliveries in the caller's transaction; gives those that were seen before."""
    names = {_short(one): one for one in delivery_ids}
    if not names:
        return set()
    rows = await connection.fetch(QUERIES["note_deliveries"], source, sorted(names), now)
    fresh = {row["delivery_id"] for row in rows}
    return {one for one in delivery_ids if _short(one) not in fresh}


async def drop_old_deliveries(connection: Connection, now: datetime, limit: int) -> int:
    """Forget at most `limit` names that no sender uses any more; how many there were."""
    done: str = await connection.execute(QUERIES["drop_seen_deliveries"], now - KEPT, limit)
    return int(done.rsplit(maxsplit=1)[-1])


def _short(delivery_id: str) -> str:
    tidy = delivery_id.replace("\0", "")
    if len(tidy) <= _LONGEST:
        return tidy
    return "sha256:" + hashlib.sha256(tidy.encode("utf-8", "replace")).hexdigest()
