"""A file goes into the log once, row by row, with an account of every row."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from regard.connectors.files.describe_mapping import UnusableMappingError
from regard.connectors.files.describe_table import UnreadableFileError
from regard.db.pool import Pool
from regard.eventlog.read_events import read_batch
from regard.intake.import_file import FileImporter, Progress
from regard.intake.keep_imports import FileImport, ImportBusyError, change_mapping, read_mapping, save_mapping
from regard.intake.keep_quarantined_rows import QuarantinedRow, list_quarantined_rows
from regard.intake.receive_files import FileDesk, UploadRefusedError, safe_name
from regard.sources.manage_sources import list_sources
from tests.imports.conftest import Desk
from tests.imports.helpers import write

MIXED = (
    "id,name,email,born\n"
    "1,Anna,anna@example.com,1980-04-13\n"
    "2,Ben,ben@example.com\n"
    "3,Cleo,cleo@example.com,31.02.1980\n"
    ",Dora,dora@example.com,1981-01-01\n"
    "1,Anna,anna@example.com,1980-04-13\n"
    "6,Finn,finn@example.com,1990-12-31\n"
)  # fmt: skip


async def quarantined(desk: Desk, file: FileImport) -> list[QuarantinedRow]:
    async with desk.pool.acquire() as connection:
        return await list_quarantined_rows(connection, desk.keyring, file.import_id)


async def test_every_row_is_accounted_for_with_its_reason(desk: Desk, tmp_path: Path) -> None:
    file = await desk.upload(
        write(tmp_path, "people.csv", MIXED), "customers", columns={"born": "birth_date"}
    )
    account = await desk.finish(file)
    assert (account.read, account.stored, account.unchanged, account.quarantined) == (6, 2, 1, 3)
    assert {reason.code: reason.count for reason in account.reasons} == {
        "ragged": 1,
        "not_a_date": 1,
        "no_id": 1,
    }
    rows = await quarantined(desk, file)
    assert [(row.row, row.column, row.code) for row in rows] == [
        (3, None, "ragged"), (4, "born", "not_a_date"), (5, "id", "no_id"),
    ]  # fmt: skip
    assert rows[1].sentence.startswith("people.csv, row 4, column “born”: “31.02.1980” is not a date")
    assert '"Cleo"' in rows[1].content
    assert await desk.events() == 2


async def test_running_an_import_again_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "people.csv", MIXED)
    file = await desk.upload(path, "customers")
    first = await desk.finish(file)
    again = await desk.finish(file)
    assert (again.stored, again.unchanged) == (0, first.stored + first.unchanged)
    events = await desk.events()
    another_upload = await desk.bring(path, "customers")
    assert another_upload.stored == 0
    assert await desk.events() == events


async def test_another_file_with_the_same_rows_changes_nothing_and_a_changed_row_is_stored(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.bring(write(tmp_path, "a.csv", "id,name\n1,Anna\n2,Ben\n"), "customers")
    account = await desk.bring(write(tmp_path, "b.csv", "id,name\n2,Ben\n3,Cleo\n1,Anne\n"), "customers")
    assert (account.stored, account.unchanged) == (2, 1)


async def test_rows_without_a_time_are_unchanged_when_they_come_again_later(
    desk: Desk, tmp_path: Path
) -> None:
    path = write(tmp_path, "lines.csv", "order id,sku,quantity\n7,a,1\n7,b,2\n")
    first = await desk.bring(path, "order_lines")
    desk.clock.advance(desk.clock.now() - desk.clock.now().replace(hour=0))
    again = await desk.bring(path, "order_lines")
    assert (first.stored, again.stored, again.unchanged) == (2, 0, 2)


async def test_a_date_that_moved_is_news(desk: Desk, tmp_path: Path) -> None:
    header = "order id,customer id,order date\n"
    await desk.bring(write(tmp_path, "a.csv", f"{header}1,7,2024-01-01\n"), "orders")
    account = await desk.bring(write(tmp_path, "b.csv", f"{header}1,7,2024-01-02\n"), "orders")
    assert (account.stored, account.unchanged) == (1, 0)


async def test_a_dry_run_stores_nothing_and_says_exactly_what_the_run_then_says(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.bring(
        write(tmp_path, "before.csv", "id,name,email,born\n6,Finn,finn@example.com,1990-12-31\n"), "customers"
    )
    lines = MIXED.splitlines(keepends=True)
    # Several batches, with rows that repeat and change across them.
    text = (
        lines[0]
        + "".join(f"{n % 900},Name {n % 700},n{n}@example.com,\n" for n in range(2500))
        + "".join(lines[1:])
    )
    file = await desk.upload(write(tmp_path, "people.csv", text), "customers", columns={"born": "birth_date"})
    before = await desk.events()
    foreseen = await desk.finish(file, "dry_running")
    assert await desk.events() == before
    assert (await desk.state(file)).status == "checked"
    came = await desk.finish(file)
    assert came == foreseen
    assert came.unchanged > 0
    assert (await desk.state(file)).rows_total == came.read


async def test_a_run_that_was_killed_goes_on_with_nothing_lost_or_doubled(desk: Desk, tmp_path: Path) -> None:
    text = "order id,sku,quantity\n" + "".join(f"{n // 7},{n % 3},{n}\n" for n in range(4_200)) + "x\n"
    path = write(tmp_path, "lines.csv", text)
    file = await desk.upload(path, "order_lines")
    await desk.start(file)

    class Killed(BaseException):
        pass

    def kill(progress: Progress) -> None:
        if progress.account.read >= 2_000:
            raise Killed

    importer = FileImporter(desk.pool, desk.keyring, desk.clock)
    async with desk.pool.acquire() as connection:
        await connection.execute(
            "UPDATE imports.import SET owner = 'dead', expires_at = now() - interval '1 s'"
        )
    with pytest.raises(Killed):
        await importer.run(await desk.state(file), desk.files.path_of(file.import_id), "dead", kill)
    half = await desk.state(file)
    assert half.rows_read == 2_000
    async with desk.pool.acquire() as connection:
        await connection.execute("UPDATE imports.import SET expires_at = now() - interval '1 s'")
    assert await desk.worker("alive").work_once()
    done = await desk.state(file)
    assert done.status == "done"
    assert done.account is not None
    assert (done.account.read, done.account.stored, done.account.unchanged, done.account.quarantined) == (
        4_201,
        4_200,
        0,
        1,
    )
    assert await desk.events() == 4_200


async def test_a_worker_that_was_thought_dead_cannot_go_on(desk: Desk, tmp_path: Path) -> None:
    file = await desk.upload(write(tmp_path, "a.csv", "id,name\n1,Anna\n"), "customers")
    await desk.start(file)
    importer = FileImporter(desk.pool, desk.keyring, desk.clock)
    with pytest.raises(Exception, match="another process"):
        await importer.run(await desk.state(file), desk.files.path_of(file.import_id), "not the owner")
    assert await desk.events() == 0


async def test_stopping_the_worker_leaves_the_import_for_the_next_one(desk: Desk, tmp_path: Path) -> None:
    file = await desk.upload(
        write(tmp_path, "a.csv", "id,name\n" + "".join(f"{n},N{n}\n" for n in range(3000))), "customers"
    )
    await desk.start(file)
    stop = asyncio.Event()
    running = asyncio.create_task(desk.worker("first").run(stop))
    while (await desk.state(file)).rows_read == 0:  # noqa: ASYNC110 - it moves in the database
        await asyncio.sleep(0.01)
    stop.set()
    await running
    if (await desk.state(file)).status == "running":
        assert await desk.worker("second").work_once()
    done = await desk.state(file)
    assert done.account is not None
    assert (done.status, done.account.stored) == ("done", 3000)


async def test_of_two_rows_about_the_same_the_later_one_counts(desk: Desk, tmp_path: Path) -> None:
    await desk.bring(write(tmp_path, "a.csv", "id,name\n1,Anna\n1,Anne\n"), "customers")
    async with desk.pool.acquire() as connection:
        events = await read_batch(connection, desk.keyring, dict.fromkeys(range(16), 0), 100)
    newest = max((one.event for one in events if one.event), key=lambda event: event.version)
    assert newest.body.fields["full_name"] == "Anne"  # type: ignore[union-attr]


async def test_what_a_source_sent_by_file_is_counted_for_it(desk: Desk, tmp_path: Path) -> None:
    await desk.bring(write(tmp_path, "people.csv", MIXED), "customers", columns={"born": "birth_date"})
    async with desk.pool.acquire() as connection:
        [report] = await list_sources(connection, desk.clock.now(), "shop")
    assert (report.accepted, report.duplicate, report.rejected) == (2, 1, 3)


async def test_samples_accounts_and_rows_lie_sealed_in_the_database(desk: Desk, tmp_path: Path) -> None:
    file = await desk.upload(
        write(tmp_path, "people.csv", MIXED), "customers", columns={"born": "birth_date"}
    )
    await desk.finish(file)
    async with desk.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT i::text AS one FROM imports.import AS i"
            " UNION ALL SELECT q::text FROM imports.quarantined_row AS q"
        )
    stored = "".join(row["one"] for row in rows)
    # bytea shows as hexadecimal digits: look for both forms.
    for secret in ("cleo@example.com", "31.02.1980", "Anna"):
        assert secret not in stored
        assert secret.encode().hex() not in stored


async def test_the_next_file_of_a_stream_is_read_like_the_last_one(desk: Desk, tmp_path: Path) -> None:
    first = await desk.upload(
        write(tmp_path, "a.csv", "id,name,x\n1,Anna,Bern\n"), "customers", columns={"x": "city"}
    )
    async with desk.pool.acquire() as connection:
        changed = (await desk.state(first)).mapping
        await save_mapping(connection, "shop", changed, desk.clock.now(), "tester")
        await save_mapping(connection, "shop", changed, desk.clock.now(), "tester")
        assert await connection.fetchval("SELECT count(*) FROM imports.mapping") == 1
        assert await read_mapping(connection, "shop", "customers") == changed
    second = await desk.upload(write(tmp_path, "b.csv", "id,name,x\n2,Ben,Wien\n"), "customers")
    assert second.mapping.columns["x"] == "city"
    third = await desk.upload(write(tmp_path, "c.csv", "id,name,y\n2,Ben,Wien\n"), "customers")
    assert "x" not in third.mapping.columns


async def test_orders_point_to_the_stream_that_the_customers_came_from(desk: Desk, tmp_path: Path) -> None:
    people = await desk.upload(write(tmp_path, "a.csv", "id,name\n1,Anna\n"), "buyers")
    async with desk.pool.acquire() as connection:
        await save_mapping(connection, "shop", people.mapping, desk.clock.now(), "tester")
    orders = await desk.upload(
        write(tmp_path, "o.csv", "order id,customer id,order date\n1,1,2024-01-01\n"), "orders"
    )
    assert orders.mapping.party is not None
    assert orders.mapping.party.stream == "buyers"


async def test_an_import_that_cannot_be_read_fails_in_words_and_stores_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    file = await desk.upload(write(tmp_path, "a.csv", "id,name\n1,Anna\n"), "customers")
    desk.files.path_of(file.import_id).unlink()
    await desk.start(file)
    assert await desk.worker().work_once()
    failed = await desk.state(file)
    assert failed.status == "failed"
    assert failed.error is not None
    assert "upload it again" in failed.error
    assert await desk.events() == 0


async def test_a_running_import_keeps_its_mapping(desk: Desk, tmp_path: Path) -> None:
    file = await desk.upload(write(tmp_path, "a.csv", "id,name\n1,Anna\n"), "customers")
    await desk.start(file)
    async with desk.pool.acquire() as connection:
        with pytest.raises(ImportBusyError):
            await change_mapping(connection, file.import_id, file.mapping)
    with pytest.raises(ImportBusyError):
        await desk.start(file)


async def test_a_refused_upload_leaves_nothing_behind(desk: Desk, tmp_path: Path) -> None:
    for name, content in (("empty.csv", b""), ("x.pdf", b"%PDF-1.7")):
        with pytest.raises(UnreadableFileError):
            await desk.upload(write(tmp_path, name, content), "customers")
    small = FileDesk(desk.pool, desk.keyring, desk.clock, desk.folder, most_bytes=10)

    async def pieces() -> AsyncIterator[bytes]:
        yield b"id,name\n"
        yield b"1,Anna\n"

    with pytest.raises(UploadRefusedError, match="larger than 10 bytes"):
        await small.receive("shop", "customers", "a.csv", pieces(), "tester")
    assert list(desk.folder.iterdir()) == []
    assert await desk.imports() == []


async def test_uploads_that_a_crash_cut_off_are_removed_after_a_day(desk: Desk, tmp_path: Path) -> None:
    kept = await desk.upload(write(tmp_path, "a.csv", "id,name\n1,Anna\n"), "customers")
    leftover, fresh, foreign = (
        desk.folder / name for name in (f"{UUID(int=1)}.upload", f"{UUID(int=2)}.upload", "x.upload")
    )
    for path in (leftover, fresh, foreign):
        path.write_bytes(b"id\n")
    now = desk.clock.now().timestamp()
    for path in (leftover, foreign, desk.files.path_of(kept.import_id)):
        os.utime(path, (now - 100_000, now - 100_000))
    os.utime(fresh, (now, now))
    assert await desk.files.remove_leftovers() == 1
    assert {path.name for path in desk.folder.iterdir()} == {
        fresh.name,
        foreign.name,
        f"{kept.import_id}.upload",
    }


def test_names_of_uploads_are_never_paths() -> None:
    assert safe_name("../../etc/passwd") == "passwd"
    assert safe_name("C:\\Users\\x\\kunden.csv") == "kunden.csv"
    assert safe_name("a\x1b[31m\u202eb.csv") == "a[31mb.csv"
    with pytest.raises(Exception, match="filename"):
        safe_name("../..")


async def test_the_online_retailers_file_is_taken_whole(desk: Desk, shared_data: Path) -> None:
    path = shared_data / "uci_online_retail" / "online_retail_2010-12_2011-01.csv.gz"
    account = await desk.bring(path, "order_lines", currency="GBP")
    assert (account.read, account.stored, account.unchanged, account.quarantined) == (50_999, 50_999, 0, 0)
    assert await desk.events() == 50_999


async def test_amounts_without_currency_do_not_start(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "o.csv", "order id,customer id,order date,total\n1,7,2024-03-04,5\n")
    file = await desk.upload(path, "orders")
    await desk.start(file)
    assert await desk.worker().work_once()
    failed = await desk.state(file)
    assert failed.error is not None
    assert "currency" in failed.error
    with pytest.raises(UnusableMappingError):
        await desk.upload(path, "orders", columns={"total": "colour"})


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_quarantined_rows_can_be_paged_through(
    desk: Desk, tmp_path: Path, pool: Pool, limit: int
) -> None:
    text = "id,name\n" + "".join("x\n" if n % 2 else f"{n},N\n" for n in range(10))
    file = await desk.upload(write(tmp_path, "a.csv", text), "customers")
    await desk.finish(file)
    seen: list[int] = []
    async with pool.acquire() as connection:
        while page := await list_quarantined_rows(
            connection, desk.keyring, file.import_id, seen[-1] if seen else 0, limit
        ):
            seen += [row.row for row in page]
    assert seen == [3, 5, 7, 9, 11]


async def test_lines_of_separators_alone_are_counted_and_are_no_rows(desk: Desk, tmp_path: Path) -> None:
    lines = ["id,name,email", "1,Anna Nowak,a@example.com", ",,", "", "2,Ben Smith,b@example.com", ",,,"]
    path = write(tmp_path, "people.csv", "\n".join(lines) + "\n")
    file = await desk.upload(path, "customers")
    account = await desk.finish(file)
    assert (account.read, account.stored, account.empty) == (2, 2, 2)
    only = write(tmp_path, "more.csv", "id,name,email\n3,Cleo Marsh,c@example.com\n" + ",,\n" * 5_000)
    account = await desk.finish(await desk.upload(only, "customers"))
    assert (account.read, account.empty) == (1, 5_000)
