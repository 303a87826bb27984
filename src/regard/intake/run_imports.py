"""Runs the imports that people start in the browser, one after the other, and goes on after a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from regard.connectors.files.describe_table import Limits
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.account_rows import Account
from regard.intake.import_file import LEASE, FileImporter
from regard.intake.keep_imports import QUERIES, FileImport, ImportTakenOverError, Status, open_import
from regard.intake.receive_files import FileDesk
from regard.intake.revert_import import ImportReverter
from regard.intake.run_leased_work import LeasedRun, rounds_outlive, take_to_end
from regard.kit.clock import Clock
from regard.kit.work_rounds import until_stopped, work_rounds

_LOG = structlog.get_logger(__name__)
_ROUNDS = rounds_outlive(ImportTakenOverError)


class ImportWorker:
    """Works on what waits; several of them share the work by leases."""

    def __init__(
        self,
        pool: Pool,
        keyring: Keyring,
        clock: Clock,
        folder: Path,
        owner: str,
        limits: Limits | None = None,
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._owner = owner
        self._desk = FileDesk(pool, keyring, clock, folder)
        self._importer = FileImporter(pool, keyring, clock, limits)
        self._reverter = ImportReverter(pool, keyring, clock)
        self._swept = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; the batch at hand is finished or rolled back."""
        await work_rounds(
            "import", lambda: until_stopped(self._work(), stop), stop, _ROUNDS, idle=0.5, after_trouble=5.0
        )

    async def work_once(self) -> bool:
        """Run one import to its end if one waits."""
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(QUERIES["claim_waiting"], self._owner, LEASE)
            file = await open_import(connection, self._keyring, row) if row else None
        if file is None:
            return False
        leased = LeasedRun(
            "import", ImportTakenOverError, lambda: self._renew(file), lambda: self._release(file),
            lambda sentence: self._finish(file, "failed", None, sentence),
        )  # fmt: skip
        await take_to_end(leased, self._process(file), LEASE)
        return True

    async def _work(self) -> bool:
        if not self._swept:
            await self._desk.remove_leftovers()
            self._swept = True
        return await self.work_once()

    async def _process(self, file: FileImport) -> None:
        path = self._desk.path_of(file.import_id)
        if file.status == "reverting":
            await self._reverter.run(file, self._owner)
            await self._finish(file, "reverted", None, None)
            _LOG.info("import_reverted", statements=file.revert_total)
            return
        try:
            if file.status == "dry_running":
                account = await self._importer.dry_run(file, path, self._owner)
            else:
                account = await self._importer.run(file, path, self._owner)
        except FileNotFoundError:
            error = f"{file.filename} is no longer on the server; upload it again"
            await self._finish(file, "failed", None, error)
            return
        await self._finish(file, "checked" if file.status == "dry_running" else "done", account, None)
        _LOG.info("import_finished", rows=account.read, quarantined=account.quarantined)

    async def _renew(self, file: FileImport) -> None:
        held = await self._pool.fetchval(QUERIES["renew_import"], file.import_id, self._owner, LEASE)
        if held is None:
            raise ImportTakenOverError(f"{file.filename}: another process works on this import")

    async def _finish(
        self, file: FileImport, status: Status, account: Account | None, error: str | None
    ) -> None:
        async with self._pool.acquire() as connection:
            await finish_import(connection, file, self._owner, status, account, error, self._clock)

    async def _release(self, file: FileImport) -> None:
        async with self._pool.acquire() as connection:
            await connection.execute(QUERIES["release_import"], file.import_id, self._owner)


async def finish_import(
    connection: Connection,
    file: FileImport, owner: str, status: Status, account: Account | None, error: str | None, clock: Clock,
) -> None:  # fmt: skip
    """Write down how an import ended."""
    total = account.read if account else None
    await connection.execute(
        QUERIES["finish_import"], file.import_id, owner, status, total, error, clock.now()
    )
