"""A source to import into, and a desk that runs imports to their end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from regard.db.pool import Pool
from regard.eventlog.check_keyring import open_keyring
from regard.eventlog.measure_log import count_events
from regard.eventlog.seal_bodies import Keyring
from regard.intake.account_rows import Account
from regard.intake.keep_imports import FileImport, change_mapping, list_imports, read_import, start_import
from regard.intake.propose_import import edit_mapping
from regard.intake.receive_files import FileDesk
from regard.intake.run_imports import ImportWorker
from regard.kit.clock import SetClock
from regard.sources.manage_sources import Source, create_source
from tests.api.world import World


@dataclass
class Desk:
    """Uploads, runs, and looks: what a person does in the browser, without it."""

    pool: Pool
    keyring: Keyring
    clock: SetClock
    folder: Path

    @property
    def files(self) -> FileDesk:
        return FileDesk(self.pool, self.keyring, self.clock, self.folder)

    def worker(self, owner: str = "test") -> ImportWorker:
        return ImportWorker(self.pool, self.keyring, self.clock, self.folder, owner)

    async def upload(self, path: Path, stream: str, **changes: Any) -> FileImport:
        async def pieces() -> AsyncIterator[bytes]:
            with path.open("rb") as file:
                while piece := file.read(100_000):
                    yield piece

        received = await self.files.receive("shop", stream, path.name, pieces(), "tester")
        if changes:
            mapping = edit_mapping(received, changes, None, None)
            async with self.pool.acquire() as connection:
                await change_mapping(connection, received.import_id, mapping)
        return received

    async def start(self, file: FileImport, status: Any = "running") -> None:
        async with self.pool.acquire() as connection:
            await start_import(connection, file.import_id, status)

    async def state(self, file: FileImport) -> FileImport:
        async with self.pool.acquire() as connection:
            return await read_import(connection, self.keyring, file.import_id)

    async def finish(self, file: FileImport, status: Any = "running") -> Account:
        """Start an import and run it to its end."""
        await self.start(file, status)
        assert await self.worker().work_once()
        done = await self.state(file)
        assert done.error is None
        assert done.account is not None
        assert done.account.balanced
        return done.account

    async def bring(self, path: Path, stream: str, **changes: Any) -> Account:
        """Upload and run."""
        return await self.finish(await self.upload(path, stream, **changes))

    async def events(self) -> int:
        async with self.pool.acquire() as connection:
            return await count_events(connection)

    async def imports(self) -> list[FileImport]:
        async with self.pool.acquire() as connection:
            return await list_imports(connection, self.keyring)


async def run_next_import(world: World) -> None:
    """As the worker of a running product does."""
    services = world.services
    folder = services.settings.home / "imports"
    worker = ImportWorker(services.pool, services.keyring, services.clock, folder, "test")
    assert await worker.work_once()


@pytest.fixture
async def desk(pool: Pool, clock: SetClock, tmp_path: Path) -> Desk:
    """A desk with the source `shop`."""
    async with pool.acquire() as connection:
        keyring = await open_keyring(connection, tmp_path / "root.key")
        await create_source(connection, Source("shop", "Shop", "file"), clock.now())
    return Desk(pool, keyring, clock, tmp_path / "imports")
