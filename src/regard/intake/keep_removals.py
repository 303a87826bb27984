"""Starts taking a source out as a whole, tells how far it is, and has it brought back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.intake.keep_connections import QUERIES as CONNECTIONS
from regard.kit.errors import RegardError
from regard.kit.ids import new_id
from regard.sources.manage_sources import read_source

QUERIES = NamedQueries(__package__, "removals.sql")
MOST = 100_000


class SourceBusyError(RegardError):
    """Something works on the source that must end first."""

    code = "source_busy"
    status = 409


class NotRemovedError(RegardError):
    """The source is not one that can be brought back."""

    code = "not_removed"
    status = 409


@dataclass(frozen=True, slots=True)
class RemovalPreview:
    """What would go with a source.

    `customers_gone` have no record of another source; `customers_changed` lose values that this one states.
    Counting ends at `MOST` and one: such a figure says “more than”, and of so many records the customers of
    no others are counted. Interactions of parties that nobody stated may be missing.
    """

    records: int
    interactions: int
    customers_gone: int
    customers_changed: int
    keys: int


@dataclass(frozen=True, slots=True)
class Removal:
    """How far a removal, or the bringing back, has come; `notes` are what a person should know or do."""

    run_id: UUID
    source: str
    title: str
    status: str
    asked_at: datetime
    asked_by: str
    reason: str
    removed_at: datetime | None
    statements: int
    done: int
    notes: tuple[str, ...]
    error: str | None
    finished_at: datetime | None


async def preview_removal(connection: Connection, slug: str, most: int = MOST) -> RemovalPreview:
    """What would go; raises `NoSuchSourceError`."""
    await read_source(connection, slug)
    row = await connection.fetchrow(QUERIES["preview_removal"], slug, most + 1)
    assert row is not None
    return RemovalPreview(**dict(row))


async def start_removal(
    connection: Connection, slug: str, now: datetime, by: str, reason: str = ""
) -> Removal:
    """End the source for everybody, in the caller's transaction, and have the worker take back what it said.

    Raises `NoSuchSourceError` and `SourceBusyError`.
    """
    await read_source(connection, slug)
    await connection.fetchrow(QUERIES["lock_source"], slug)
    await _refuse_busy(connection, slug)
    # Whoever takes raw records has locked this row; nobody takes any after it.
    await connection.execute(CONNECTIONS["ensure_connection"], slug, now)
    await connection.execute(QUERIES["end_connection"], slug, now, by)
    await connection.execute(QUERIES["mark_removed"], slug, now, by)
    await connection.execute(QUERIES["forget_cursors"], slug)
    await connection.execute(QUERIES["forget_wanted"], slug)
    await connection.execute(QUERIES["revoke_keys"], slug, now)
    await connection.execute(QUERIES["add_removal"], new_id(now), slug, now, by, reason)
    return await read_removal(connection, slug)


async def undo_removal(connection: Connection, slug: str) -> Removal:
    """Have the worker bring a removed source back, in the caller's transaction.

    Raises `NotRemovedError`, and `SourceBusyError` while it is still being removed.
    """
    await read_removal(connection, slug)
    await connection.fetchrow(QUERIES["lock_source"], slug)
    latest = await read_removal(connection, slug)
    if latest.status == "restoring":
        return latest
    if latest.removed_at is None:
        raise NotRemovedError("The source is there; it was brought back already.")
    await _refuse_busy(connection, slug)
    await connection.execute(QUERIES["adopt_kept"], latest.run_id, slug)
    await connection.execute(QUERIES["start_restoring"], latest.run_id)
    return await read_removal(connection, slug)


async def read_removal(connection: Connection, slug: str) -> Removal:
    """The latest removal of a source; raises `NotRemovedError` when it never was."""
    row = await connection.fetchrow(QUERIES["latest_removal"], slug) if "\0" not in slug else None
    if row is None:
        raise NotRemovedError(f"There is no removed source “{slug[:64]}”.")
    return _removal(row)


async def list_removed(connection: Connection) -> list[Removal]:
    """The sources that are removed, by slug."""
    return [_removal(row) for row in await connection.fetch(QUERIES["list_removed"])]


async def _refuse_busy(connection: Connection, slug: str) -> None:
    what = await connection.fetchval(QUERIES["find_work_in_hand"], slug)
    if what is not None:
        raise SourceBusyError(f"{what} Wait until that is done.")


def _removal(row: asyncpg.Record) -> Removal:
    return Removal(
        row["run_id"], row["source"], row["title"], row["status"], row["asked_at"], row["asked_by"],
        row["reason"], row["removed_at"], row["statements"], row["done"], tuple(row["notes"]), row["error"],
        row["finished_at"],
    )  # fmt: skip
