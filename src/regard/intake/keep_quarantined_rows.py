"""Keeps the rows of files that could not be taken: sealed, with row, column, sentence and content."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from regard.db.pool import Connection
from regard.eventlog.seal_bodies import Keyring
from regard.intake.keep_imports import QUERIES, ImportSeal


class QuarantinedRow(msgspec.Struct, frozen=True):
    """A row that was not taken; `sentence` names file, row, column, problem and remedy."""

    row: int
    column: str | None
    code: str
    sentence: str
    content: str


async def add_quarantined_rows(
    connection: Connection, keyring: Keyring, import_id: UUID, rows: Sequence[QuarantinedRow]
) -> None:
    """Keep rows, in the caller's transaction."""
    if not rows:
        return
    sealed = await ImportSeal(keyring).seal_all(
        connection, import_id, [msgspec.json.encode(row) for row in rows]
    )
    numbers, codes = [row.row for row in rows], [row.code for row in rows]
    await connection.execute(QUERIES["add_quarantined_rows"], import_id, numbers, codes, sealed)


async def count_quarantined_rows(connection: Connection) -> dict[str, int]:
    """How many rows of files each source has that could not be taken; dry runs do not count."""
    return {row["source"]: row["open"] for row in await connection.fetch(QUERIES["count_quarantined_rows"])}


async def list_quarantined_rows(
    connection: Connection, keyring: Keyring, import_id: UUID, after: int = 0, limit: int = 100
) -> list[QuarantinedRow]:
    """The rows after a row number, in the order of the file."""
    rows = await connection.fetch(QUERIES["list_quarantined_rows"], import_id, after, limit)
    opened = await ImportSeal(keyring).open_all(connection, import_id, [row["content"] for row in rows])
    return [msgspec.json.decode(raw, type=QuarantinedRow) for raw in opened]
