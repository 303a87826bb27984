"""What is kept of imports is read without writing, and what was destroyed stays destroyed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from regard.intake.keep_imports import list_imports
from regard.kit.ids import derived_id
from tests.imports.conftest import Desk

DESTROY = "DELETE FROM eventlog.subject_key WHERE subject = $1"


async def upload_some(desk: Desk, folder: Path, count: int) -> None:
    for number in range(count):
        file = folder / f"people{number}.csv"
        file.write_text(f"id;name\n{number};Anne\n")
        await desk.upload(file, "people")


async def asked_for_list(desk: Desk) -> list[str]:
    asked: list[str] = []

    def note(query: Any) -> None:
        asked.append(query.query)

    async with desk.pool.acquire() as connection:
        connection.add_query_logger(note)
        await list_imports(connection, desk.keyring)
        connection.remove_query_logger(note)
    return asked


async def test_a_longer_list_of_imports_asks_no_more_questions(desk: Desk, tmp_path: Path) -> None:
    await upload_some(desk, tmp_path, 1)
    few = await asked_for_list(desk)
    await upload_some(desk, tmp_path, 4)
    many = await asked_for_list(desk)
    assert len(many) == len(few)
    assert not [query for query in many if "INSERT" in query]


async def test_the_list_of_imports_leaves_the_samples_where_they_are(desk: Desk, tmp_path: Path) -> None:
    await upload_some(desk, tmp_path, 1)
    (listed,) = await desk.imports()
    assert listed.samples == {}
    assert (await desk.state(listed)).samples["name"] == ["Anne"]


async def test_reading_an_import_whose_key_was_destroyed_makes_no_new_key(desk: Desk, tmp_path: Path) -> None:
    await upload_some(desk, tmp_path, 2)
    newest, other = await desk.imports()
    subject = derived_id("import", str(newest.import_id))
    async with desk.pool.acquire() as connection:
        await connection.execute(DESTROY, subject)
    listed, untouched = await desk.imports()
    assert "its key was destroyed" in (listed.error or "")
    assert "its key was destroyed" in ((await desk.state(newest)).error or "")
    assert (untouched.import_id, untouched.error) == (other.import_id, None)
    await desk.start(newest)
    assert await desk.worker().work_once()
    assert (await desk.state(newest)).status == "failed"
    async with desk.pool.acquire() as connection:
        keys = "SELECT count(*) FROM eventlog.subject_key WHERE subject = $1"
        assert await connection.fetchval(keys, subject) == 0
