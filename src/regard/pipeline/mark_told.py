"""Remembers during a rebuild up to where the log was told before, so that nothing is told twice or never.

Up to the marks events are applied in silence. Then what the account of changes ends with is held against
what there is, and the difference told: an event that was parked before may have gone in now.
"""

from __future__ import annotations

from collections.abc import Mapping

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.read_events import copy_positions, drop_positions, read_positions
from regard.identity.identity_record import MembershipChange

_queries = NamedQueries(__package__, "pipeline.sql")
_NAME = "told"


async def mark_told(connection: Connection, consumer: str) -> None:
    """Before the consumer is sent back: all it has applied was told. The marks of a rebuild that was broken
    off stay."""
    await copy_positions(connection, consumer, _NAME)


async def read_marks(connection: Connection) -> dict[int, int]:
    """Partition -> the position up to which everything was told; empty while no rebuild is under way."""
    return await read_positions(connection, _NAME)


def before_marks(positions: Mapping[int, int], marks: Mapping[int, int]) -> dict[int, int]:
    """The positions from which events that were told are still to be applied."""
    return {part: position for part, position in positions.items() if position < marks.get(part, 0)}


async def drop_marks(connection: Connection) -> list[MembershipChange]:
    """The marks are reached; gives the moves of records that nobody was told of yet."""
    await drop_positions(connection, _NAME)
    rows = await connection.fetch(_queries["read_untold"])
    return [MembershipChange(row["record_id"], row["before"], row["after"]) for row in rows]
