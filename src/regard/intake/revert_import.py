"""Takes an import back as a whole: customers are then what they would be without it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.import_file import LEASE
from regard.intake.keep_imports import QUERIES, FileImport, ImportBusyError, ImportTakenOverError
from regard.intake.withdraw_statements import Place, StatementWithdrawer
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.sources.manage_sources import read_source

_WORKING = ("running", "dry_running", "reverting")


class NothingToRevertError(RegardError):
    """The import cannot be taken back; the message says why."""

    code = "nothing_to_revert"
    status = 409


async def start_revert(connection: Connection, file: FileImport) -> None:
    """Have the worker take an import back, in the caller's transaction; once it was, this does nothing.

    Raises `NothingToRevertError` and `ImportBusyError`, and `SourceRemovedError` while its source is removed.
    """
    await read_source(connection, file.source)
    if file.status == "reverting":
        return
    if file.status in _WORKING:
        raise ImportBusyError("The import is running. Wait until it is done.")
    owned = await connection.fetchval(QUERIES["count_owned"], file.import_id)
    if owned == 0:
        if file.status != "reverted":
            raise NothingToRevertError(_why_nothing(file))
        return
    if await connection.fetchval(QUERIES["start_revert"], file.import_id, owned) is None:
        raise ImportBusyError("The import is running. Wait until it is done.")
    await connection.execute(QUERIES["count_reverts"], file.source, file.survey.digest)


class ImportReverter:
    """Takes imports back, step by step; a step that was begun and not finished never happened."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock, at_once: int = 250) -> None:
        self._withdrawer = StatementWithdrawer(pool, keyring, clock, at_once)

    async def run(self, file: FileImport, owner: str) -> None:
        """Go on where an earlier run was stopped, to the end."""
        ledger = ImportLedger(file.import_id, owner)
        await self._withdrawer.withdraw(file.source, ledger, f"import {file.import_id} was taken back")


class ImportLedger:
    """What an import stored and answers for."""

    def __init__(self, import_id: UUID, owner: str) -> None:
        self._import_id = import_id
        self._owner = owner

    async def left(self, connection: Connection, limit: int) -> list[Place]:
        """What is still to be taken back."""
        rows = await connection.fetch(QUERIES["list_owned"], self._import_id, limit)
        return [(row["part"], row["seq"]) for row in rows]

    async def release(self, connection: Connection, places: Sequence[Place]) -> list[Place]:
        """What a later import found unchanged becomes its own and stays."""
        rows = await connection.fetch(QUERIES["hand_over"], self._import_id, *_columns(places))
        return [(row["part"], row["seq"]) for row in rows]

    async def settle(self, connection: Connection, places: Sequence[Place], released: int) -> None:
        """Note what was taken back; raises `ImportTakenOverError`."""
        kept = await connection.fetchval(
            QUERIES["settle_revert"], self._import_id, self._owner, *_columns(places), released, LEASE
        )
        if kept is None:
            raise ImportTakenOverError("another process takes this import back")


def _columns(places: Sequence[Place]) -> tuple[list[int], list[int]]:
    return [part for part, _ in places], [seq for _, seq in places]


def _why_nothing(file: FileImport) -> str:
    if not file.remembers:
        return (
            "This import was made by a version of Regard that did not keep what an import stores,"
            " so it cannot be taken back."
        )
    return "This import has stored nothing, so there is nothing to take back."
