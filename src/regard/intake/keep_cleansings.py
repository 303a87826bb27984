"""Starts cleansings, lists them, and has them taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from regard.db.pool import Connection
from regard.intake.cleanse_source import QUERIES
from regard.kit.errors import RegardError
from regard.kit.ids import new_id


class CleansingBusyError(RegardError):
    """The source is being cleansed, or a cleansing of it is being taken back."""

    code = "cleansing_busy"
    status = 409


class NoSuchCleansingError(RegardError):
    """The source has no cleansing of that id."""

    code = "no_such_cleansing"
    status = 404


class NothingToCleanseError(RegardError):
    """Nothing was chosen."""

    code = "nothing_to_cleanse"
    status = 422


async def start_cleansing(
    connection: Connection, source: str, flags: Sequence[str], now: datetime, by: str
) -> UUID:
    """Have the worker correct what has these flags, in the caller's transaction."""
    if not flags:
        raise NothingToCleanseError("Choose at least one kind of value that is to be corrected.")
    await _refuse_busy(connection, source)
    run_id = new_id(now)
    await connection.execute(QUERIES["add_run"], run_id, source, list(flags), now, by)
    return run_id


async def undo_cleansing(connection: Connection, source: str, run_id: UUID) -> None:
    """Have the worker take a cleansing back, in the caller's transaction; once it was, this does nothing."""
    status = await connection.fetchval(QUERIES["lock_run"], run_id, source)
    if status is None:
        raise NoSuchCleansingError("The source has no cleansing of that id.")
    if status in ("undoing", "undone"):
        return
    await _refuse_busy(connection, source)
    await connection.execute(QUERIES["start_undo"], run_id)


async def list_cleansings(connection: Connection, source: str) -> list[asyncpg.Record]:
    """The cleansings of a source, the newest first."""
    return list(await connection.fetch(QUERIES["list_runs"], source))


async def _refuse_busy(connection: Connection, source: str) -> None:
    if await connection.fetchval(QUERIES["find_busy"], source) is not None:
        raise CleansingBusyError("The source is being cleansed already. Wait until that is done.")
