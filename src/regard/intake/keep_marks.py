"""Keeps what a connector notes by name beside its cursor, a row each."""

from __future__ import annotations

from collections.abc import Mapping

from regard.db.pool import Connection
from regard.intake.keep_connections import QUERIES


async def keep_marks(
    connection: Connection, source: str, stream: str, marks: Mapping[str, str | None]
) -> None:
    """Note these in the transaction of the cursor; None forgets one."""
    kept = {name: mark for name, mark in marks.items() if mark is not None}
    forgotten = [name for name, mark in marks.items() if mark is None]
    if kept:
        await connection.execute(
            QUERIES["keep_marks"], source, stream, list(kept), list(kept.values())
        )
    if forgotten:
        await connection.execute(QUERIES["forget_marks"], source, stream, forgotten)


async def read_marks(connection: Connection, source: str, stream: str) -> dict[str, str]:
    """What is noted of a stream."""
    return {row["name"]: row["mark"] for row in await connection.fetch(QUERIES["read_marks"], source, stream)}
