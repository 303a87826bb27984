"""The queue of records that a push only named, to be fetched from their source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection

_QUERIES = NamedQueries(__package__, "webhooks.sql")


@dataclass(frozen=True, slots=True)
class WantedRecord:
    """A record to be fetched; `failures` counts the tries that failed in a row."""

    stream: str
    external_id: str
    asked_at: datetime
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of a source waits to be fetched; `error` is the reason of one that failed."""

    waiting: int
    failing: int
    oldest: datetime | None
    error: str | None


async def want_records(
    connection: Connection, source: str, named: Sequence[tuple[str, str]], now: datetime
) -> None:
    """Queue (stream, external id) pairs in the caller's transaction."""
    pairs = sorted(set(named))
    if pairs:
        streams, ids = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        await connection.execute(_QUERIES["want_records"], source, streams, ids, now)


async def read_wanted(connection: Connection, source: str, now: datetime, limit: int) -> list[WantedRecord]:
    """What is due, oldest first."""
    rows = await connection.fetch(_QUERIES["read_wanted"], source, now, limit)
    return [WantedRecord(**dict(row)) for row in rows]


async def drop_wanted(connection: Connection, source: str, fetched: Sequence[WantedRecord]) -> None:
    """Take what was fetched off the queue, unless it was asked for again since."""
    await connection.execute(
        _QUERIES["drop_wanted"],
        source,
        [one.stream for one in fetched],
        [one.external_id for one in fetched],
        [one.asked_at for one in fetched],
    )


async def put_off_wanted(
    connection: Connection,
    source: str,
    failed: Sequence[WantedRecord],
    retry_at: datetime,
    problem: tuple[str, str],
) -> None:
    """Try these later; `problem` is code and sentence."""
    streams, ids = [one.stream for one in failed], [one.external_id for one in failed]
    await connection.execute(_QUERIES["put_off_wanted"], source, streams, ids, retry_at, *problem)


async def count_wanted(connection: Connection, source: str) -> Waiting:
    """How much waits."""
    row = await connection.fetchrow(_QUERIES["count_wanted"], source)
    assert row is not None
    return Waiting(row["waiting"], row["failing"], row["oldest"], row["error"])
