"""Runs the imports that people start in the browser, one after the other, and goes on after a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import structlog

from regard.connectors.files.describe_table import Limits
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.account_rows import Account
from regard.intake.import_file import LEASE, FileImporter
from regard.intake.keep_imports import QUERIES, FileImport, ImportTakenOverError, Status, open_import
from regard.intake.receive_files import FileDesk
from regard.intake.revert_import import ImportReverter
from regard.kit.clock import Clock
from regard.kit.errors import RegardError, Transient
from regard.kit.work_rounds import until_stopped, work_rounds

_LOG = structlog.get_logger(__name__)
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ImportTakenOverError)


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
            "import", lambda: until_stopped(self._work(), stop), stop, _AWAY, idle=0.5, after_trouble=5.0
        )

    async def work_once(self) -> bool:
        """Run one import to its end if one waits."""
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(QUERIES["claim_waiting"], self._owner, LEASE)
            file = await open_import(connection, self._keyring, row) if row else None
        if file is None:
            return False
        try:
            await self._process(file)
        except asyncio.CancelledError:
            await self._release(file)
            raise
        return True

    async def _work(self) -> bool:
        if not self._swept:
            await self._desk.remove_leftovers()
            self._swept = True
        return await self.work_once()

    async def _process(self, file: FileImport) -> None:
        path = self._desk.path_of(file.import_id)
        try:
            if file.status == "reverting":
                await self._reverter.run(file, self._owner)
                await self._finish(file, "reverted", None, None)
                _LOG.info("import_reverted", statements=file.revert_total)
                return
            if file.status == "dry_running":
                account = await self._importer.dry_run(file, path, self._owner)
                await self._finish(file, "checked", account, None)
            else:
                account = await self._importer.run(file, path, self._owner)
                await self._finish(file, "done", account, None)
            _LOG.info("import_finished", rows=account.read, quarantined=account.quarantined)
        except FileNotFoundError:
            error = f"{file.filename} is no longer on the server; upload it again"
            await self._finish(file, "failed", None, error)
        except _AWAY:
            raise
        except RegardError as problem:
            if isinstance(problem, Transient):
                raise OSError(str(problem)) from problem
            await self._finish(file, "failed", None, str(problem))
        except Exception as problem:  # noqa: BLE001 - the import must not stay “running” for ever
            # What failed once in our own code fails again: say so instead of trying for ever.
            _LOG.exception("import_failed", error=type(problem).__name__)
            fault = type(problem).__name__
            error = f"{file.filename} could not be imported because of a fault in Regard ({fault})"
            await self._finish(file, "failed", None, error)

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
