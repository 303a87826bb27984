"""What the worker of imports waits out, what ends an import, and whose import it is meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from regard.intake import run_imports
from regard.intake.account_rows import Account
from regard.intake.import_file import FileImporter
from regard.intake.keep_imports import FileImport, ImportTakenOverError
from tests.imports.conftest import Desk


async def waiting(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[[], Awaitable[Account]]
) -> FileImport:
    """An import that was started, and whose rows are taken by `work`."""
    path = folder / "people.csv"
    path.write_text("id;name\n1;Anne\n")
    file = await desk.upload(path, "people")
    await desk.start(file)

    async def run(*_: Any) -> Account:
        return await work()

    monkeypatch.setattr(FileImporter, "run", run)
    return file


@pytest.mark.parametrize("trouble", [asyncpg.DeadlockDetectedError("x"), asyncpg.InterfaceError("x")])
async def test_a_trouble_of_the_database_that_passes_is_waited_out(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    async def work() -> Account:
        raise trouble

    file = await waiting(desk, tmp_path, monkeypatch, work)
    with pytest.raises(type(trouble)):
        await desk.worker().work_once()
    assert (await desk.state(file)).status == "running"


async def test_what_the_database_refuses_ends_the_import_with_a_sentence(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> Account:
        raise asyncpg.NumericValueOutOfRangeError("x")

    file = await waiting(desk, tmp_path, monkeypatch, work)
    assert await desk.worker().work_once()
    done = await desk.state(file)
    assert done.status == "failed"
    assert "It stopped because of a fault in Regard" in (done.error or "")


async def test_an_import_stays_with_its_worker_however_long_a_batch_takes(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_imports, "LEASE", timedelta(seconds=0.3))
    claimed = "SELECT expires_at, owner FROM imports.import"

    async def work() -> Account:
        first = await desk.pool.fetchrow(claimed)
        async with asyncio.timeout(60):
            while True:
                if (await desk.pool.fetchrow(claimed))["expires_at"] > first["expires_at"]:
                    break
                await asyncio.sleep(0.01)
            await desk.pool.execute("UPDATE imports.import SET owner = 'another'")
            await asyncio.Event().wait()
        return Account()

    await waiting(desk, tmp_path, monkeypatch, work)
    with pytest.raises(ImportTakenOverError, match="another process"):
        await desk.worker().work_once()
