"""Counts raw records in their own transaction: as traffic, by stream, and how many are there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from regard.connectors.connector_contract import RawRecord
from regard.db.pool import Connection, Pool
from regard.intake.follow_raw_record import Step
from regard.intake.keep_connections import QUERIES
from regard.intake.keep_raw_heads import RawHead
from regard.intake.note_places import note_places
from regard.intake.pushed_item import ItemResult
from regard.sources.count_traffic import Tally, count_traffic

_LONGEST_COUNT = 1_800.0


async def count_raw_records(
    connection: Connection,
    source: str,
    records: Sequence[RawRecord],
    results: Sequence[ItemResult],
    now: datetime,
    *,
    compared: bool,
) -> None:
    """Count what was sent and note the places of what was accepted; `results` in the order of `records`.

    `compared`: they were read, not sent. Who compares a table again and again repeats nothing.
    """
    if not records:
        return
    tally = Tally(now)
    by_stream: Counter[str] = Counter()
    taken: list[RawRecord] = []
    for record, result in zip(records, results, strict=True):
        tally.accepted += result.verdict == "accepted"
        tally.duplicate += result.verdict == "duplicate" and not compared
        tally.rejected += result.verdict == "rejected"
        by_stream[_kept_name(record.stream)] += result.verdict == "accepted"
        if result.verdict == "accepted":
            taken.append(record)
            stated = record.updated_at or now
            tally.occurred_at = max(tally.occurred_at or stated, min(stated, now))
    await count_traffic(connection, {source: tally})
    await connection.execute(
        QUERIES["count_stream"], source, list(by_stream), list(by_stream.values()), now
    )
    await note_places(connection, source, taken, now)


async def count_there(
    connection: Connection, source: str, changes: Sequence[tuple[Step, RawHead]]
) -> None:
    """Keep the number of records that are there, from each state before and after."""
    grown: Counter[str] = Counter()
    for step, head in changes:
        before = step.head is not None and not step.head.deleted
        grown[_kept_name(step.record.stream)] += (not head.deleted) - before
    grown = Counter({stream: by for stream, by in grown.items() if by})
    if grown:
        await connection.execute(QUERIES["count_there"], source, list(grown), list(grown.values()))


async def recount_there(pool: Pool, now: datetime, stop: asyncio.Event) -> int:
    """Correct the numbers that nobody kept from the beginning; gives how many streams were counted."""
    done = 0
    for row in await pool.fetch(QUERIES["find_unchecked"], now):
        if stop.is_set():
            break
        stream = row["source"], row["stream"]
        wrong = await pool.fetchval(QUERIES["measure_there"], *stream, timeout=_LONGEST_COUNT)
        if wrong is not None:
            await pool.execute(QUERIES["correct_there"], *stream, wrong, now)
            done += 1
    return done


def _kept_name(stream: str) -> str:
    return stream[:100].replace("\0", "")
