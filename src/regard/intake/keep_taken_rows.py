"""Keeps what an import made of each row it could read: which record or interaction, and where it is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from regard.db.pool import Connection
from regard.intake.keep_imports import QUERIES

_WINDOW = 100_000

TakenOutcome = Literal["stored", "unchanged"]


@dataclass(frozen=True, slots=True)
class TakenRow:
    """One event of a row: `place` counts within the row, `position` is where it stands in the log if new."""

    row: int
    place: int
    object_id: UUID
    outcome: TakenOutcome
    position: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class RowObjects:
    """A row with the records or interactions that it became; `taken_back` when the import was."""

    row: int
    outcome: TakenOutcome
    objects: tuple[UUID, ...]
    taken_back: bool


async def add_taken_rows(
    connection: Connection, import_id: UUID, run: int, rows: Sequence[TakenRow]
) -> None:
    """Keep what became of the rows of a batch, in its own transaction."""
    if not rows:
        return
    columns = zip(
        *((r.row, r.place, r.object_id, r.outcome, *(r.position or (None, None))) for r in rows),
        strict=True,
    )
    await connection.execute(QUERIES["add_taken_rows"], import_id, run, *map(list, columns))


async def list_taken_rows(
    connection: Connection, import_id: UUID, run: int, outcome: TakenOutcome, after: int, limit: int
) -> list[RowObjects]:
    """The rows of the last run with this outcome, in the order of the file."""
    found: list[RowObjects] = []
    last = await connection.fetchval(QUERIES["last_taken_row"], import_id, run)
    while len(found) < limit and after < (last or 0):
        rows = await connection.fetch(
            QUERIES["list_taken_rows"], import_id, run, outcome, after, limit - len(found), _WINDOW
        )
        found += [
            RowObjects(row["row_number"], outcome, tuple(row["objects"]), row["taken_back"]) for row in rows
        ]
        after += _WINDOW
    return found
