"""Reads the pairs of records that a person should look at, the weightiest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.identity.explain_pair import JoinExplained
from regard.records.fold_record import SourceRecord
from regard.views.explain_customer import Explainer

_queries = NamedQueries(__package__, "views.sql")


@dataclass(frozen=True, slots=True)
class RawSide:
    """One record in doubt, and the customer that it belongs to now."""

    record: SourceRecord
    customer_id: UUID
    name: str
    records: int
    entries: int


@dataclass(frozen=True, slots=True)
class RawDoubt:
    """A pair in doubt before redaction; `reason` as the identity room has it."""

    left: RawSide
    right: RawSide
    together: bool
    reason: str
    pair: JoinExplained


async def read_doubts(
    pool: Pool, explainer: Explainer, now: datetime, most: int
) -> tuple[list[RawDoubt], int]:
    """At most `most` doubts that nobody put off, the weightiest first; and how many wait."""
    rows = await pool.fetch(_queries["read_doubts"], now, most)
    waiting = await pool.fetchval(_queries["count_doubts"], now)
    explained = await explainer.explain_pairs(
        [(row["left_record"], row["right_record"]) for row in rows], now
    )
    doubts = []
    for row in rows:
        found = explained.get((row["left_record"], row["right_record"]))
        if found:
            left, right = _side("left", row, found.left), _side("right", row, found.right)
            doubts.append(RawDoubt(left, right, row["together"], row["reason"], found.pair))
    return doubts, int(waiting)


def _side(which: str, row: asyncpg.Record, record: SourceRecord) -> RawSide:
    return RawSide(
        record,
        row[f"{which}_customer"],
        row[f"{which}_name"],
        row[f"{which}_records"],
        row[f"{which}_entries"],
    )
