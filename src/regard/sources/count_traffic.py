"""Counts what a source has sent, in the transaction of the events themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_QUERIES = NamedQueries(__package__, "sources.sql")


@dataclass(slots=True)
class Tally:
    """Items of one source by outcome; accepted + duplicate + rejected = sent."""

    received_at: datetime
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    occurred_at: datetime | None = None


async def count_traffic(connection: Connection, tallies: Mapping[str, Tally]) -> None:
    """Add the tallies by source; names that are no configured source are not counted."""
    sources = sorted(tallies)
    ordered = [tallies[source] for source in sources]
    received = [tally.received_at for tally in ordered]
    accepted = [tally.accepted for tally in ordered]
    await connection.execute(
        _QUERIES["count_traffic"],
        sources,
        accepted,
        [tally.duplicate for tally in ordered],
        [tally.rejected for tally in ordered],
        received,
        [tally.occurred_at for tally in ordered],
    )
    if any(accepted):
        await connection.execute(_QUERIES["count_traffic_minute"], sources, accepted, received)
