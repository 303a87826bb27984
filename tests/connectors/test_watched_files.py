"""Files in a watched folder or a bucket: each row once, whatever is half written, broken, changed or huge."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
import openpyxl
import pytest
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import MemoryStore

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    SettingsRefusedError,
    SourceUnavailableError,
    Surroundings,
)
from regard.connectors.folder.folder_settings import FileSettings, read_bucket_settings
from regard.connectors.folder.look_into_bucket import BucketShelf, open_store
from regard.connectors.folder.name_streams import is_wanted, name_stream
from regard.connectors.folder.watch_files import BROKEN, FilesClient, open_folder
from regard.kit.clock import SetClock

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WRITTEN = NOW - timedelta(hours=1)
PEOPLE = "customer_id,name,email\n1,Ann,ann@home.example\n2,Bob,bob@home.example\n"


class Inbox:
    """A watched folder and the source that watches it; `cursor` is what was committed last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.clock = SetClock(NOW)
        self.cursor: Cursor | None = None
        self.marks: dict[str, str] = {}
        self.settings: dict[str, Any] = {"path": "."}

    def put(self, name: str, content: str | bytes, changed: datetime = WRITTEN) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (changed.timestamp(), changed.timestamp()))
        return path

    def client(self) -> FilesClient:
        allowed = (self.folder,)
        around = Surroundings(
            "files", self.clock, "Europe/Berlin", folders=allowed, read_marks=self.read_marks
        )
        return open_folder(self.settings, around)

    async def read_marks(self, stream: str) -> dict[str, str]:
        return dict(self.marks)

    def commit(self, batch: Batch) -> None:
        """Keep cursor and marks; both go through JSON as in the database."""
        self.cursor = json.loads(json.dumps(batch.cursor))
        for name, mark in batch.marks.items():
            self.marks.pop(name, None)
            if mark is not None:
                self.marks[name] = mark

    async def read(self, client: FilesClient | None = None, most: int | None = None) -> list[Batch]:
        """One reading, killed after so many batches."""
        batches: list[Batch] = []
        async for batch in (client or self.client()).read("files", self.cursor):
            batches.append(batch)
            self.commit(batch)
            if most is not None and len(batches) >= most:
                break
        return batches


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox")


def records(batches: Sequence[Batch]) -> list[RawRecord]:
    return [record for batch in batches for record in batch.records]


def keys(batches: Sequence[Batch]) -> list[tuple[str, str]]:
    return [(record.stream, record.external_id) for record in records(batches)]


async def test_files_of_all_kinds_become_rows_of_streams_named_after_them(inbox: Inbox) -> None:
    inbox.put("Customers_2026-03-01.csv", PEOPLE)
    inbox.put("orders.jsonl", '{"order_id": 9007199254740993, "lines": [{"sku": "a"}]}\n')
    inbox.put("tickets (2).json", '[{"id": "t1", "subject": "Help"}]')
    inbox.put("people.csv.gz", gzip.compress(b"id;name\n7;Zo\xc3\xab\n"))
    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    book.active.append([5, "Eve"])
    book.save(inbox.folder / "staff.xlsx")
    cities = {"id": Array([1, 2], DataType.int64()), "city": Array(["Rome", "Oslo"], DataType.utf8())}
    write_parquet(Table.from_pydict(cities), inbox.folder / "cities.parquet")
    inbox.clock.advance(timedelta(days=3_650))
    found = await inbox.read()
    assert sorted(keys(found)) == [
        ("cities", "1"), ("cities", "2"), ("customers", "1"), ("customers", "2"),
        ("orders", "9007199254740993"), ("people", "7"), ("staff", "5"), ("tickets", "t1"),
    ]  # fmt: skip
    bodies = {record.stream: record.body for record in records(found)}
    assert bodies["people"] == {"id": "7", "name": "Zoë"}
    assert bodies["orders"] is not None
    assert bodies["orders"]["order_id"] == "9007199254740993"
    assert next(one.updated_at for one in records(found) if one.stream == "customers") == WRITTEN
    assert await inbox.read() == []


async def test_a_reading_that_was_killed_goes_on_at_the_row_behind_the_last_commit(inbox: Inbox) -> None:
    rows = "".join(f"{number},name {number}\n" for number in range(1_800))
    inbox.put("customers.csv", "id,name\n" + rows)
    first = await inbox.read(most=2)
    second = await inbox.read(most=1)
    third = await inbox.read()
    ids = [int(external_id) for _, external_id in keys([*first, *second, *third])]
    assert (len(keys(first)), len(keys(second))) == (1_000, 500)
    assert ids == list(range(1_800))


async def test_equal_rows_are_counted_on_across_a_kill(inbox: Inbox) -> None:
    inbox.put("visits.csv", "page,device\n" + "home,phone\n" * 700)
    inbox.settings |= {"stream": "page_views"}
    batches = [*await inbox.read(most=1), *await inbox.read()]
    assert len(set(keys(batches))) == len(keys(batches)) == 700


async def test_a_file_that_is_still_written_waits_until_it_rests(inbox: Inbox) -> None:
    client = inbox.client()
    inbox.put("customers.csv", PEOPLE[:40], NOW)
    inbox.put("upload.csv.part", PEOPLE)
    inbox.put(".hidden.csv", PEOPLE)
    assert await inbox.read(client) == []
    inbox.clock.advance(timedelta(seconds=1))
    inbox.put("customers.csv", PEOPLE, NOW + timedelta(seconds=1))
    assert await inbox.read(client) == []
    inbox.clock.advance(timedelta(seconds=2))
    assert keys(await inbox.read(client)) == [("customers", "1"), ("customers", "2")]


async def test_a_changed_file_is_read_again(inbox: Inbox) -> None:
    inbox.put("customers.csv", PEOPLE)
    await inbox.read()
    inbox.put("customers.csv", PEOPLE + "3,Cy,cy@home.example\n", WRITTEN + timedelta(minutes=1))
    assert keys(await inbox.read()) == [("customers", "1"), ("customers", "2"), ("customers", "3")]


async def test_a_file_that_changes_while_it_is_read_is_not_done(inbox: Inbox) -> None:
    inbox.put("customers.csv", "customer_id,name\n" + "".join(f"{number},x\n" for number in range(600)))
    reading = inbox.client().read("files", None)
    first = await anext(reading)
    inbox.put("customers.csv", PEOPLE, NOW)
    rest = [batch async for batch in reading]
    assert keys(rest) == []
    inbox.commit(first)
    inbox.clock.advance(timedelta(minutes=2))
    assert keys(await inbox.read()) == [("customers", "1"), ("customers", "2")]


async def test_a_broken_file_is_named_and_its_neighbours_go_on(inbox: Inbox) -> None:
    inbox.put("a.csv", PEOPLE, WRITTEN)
    inbox.put("broken.pdf", b"%PDF-1.4 nonsense", WRITTEN + timedelta(minutes=1))
    inbox.put("cut.csv.gz", gzip.compress(PEOPLE.encode() * 50)[:-20], WRITTEN + timedelta(minutes=2))
    inbox.put("z.csv", PEOPLE, WRITTEN + timedelta(minutes=3))
    found = records(await inbox.read())
    assert {record.stream for record in found} >= {"a", "z", BROKEN}
    problems = {record.external_id: record.problem for record in found if record.stream == BROKEN}
    assert set(problems) == {"broken.pdf", "cut.csv.gz"}
    assert "PDF" in str(problems["broken.pdf"])
    assert await inbox.read() == [], "a broken file is not tried again and again"
    inbox.put("broken.pdf", PEOPLE, WRITTEN + timedelta(minutes=9))
    healed = records(await inbox.read())
    assert [record.deleted for record in healed if record.stream == BROKEN] == [True]


async def test_a_row_that_cannot_be_read_is_named_and_the_others_go_on(inbox: Inbox) -> None:
    inbox.put("customers.csv", PEOPLE + "3,too,many,cells\n4,Dee,dee@home.example\n,Nobody,n@home.example\n")
    found = records(await inbox.read())
    assert [record.external_id for record in found if not record.problem] == ["1", "2", "4"]
    ragged, nameless = (record for record in found if record.problem)
    assert "customers.csv, row 4: the row has 4 cells" in str(ragged.problem)
    assert nameless.problem == "customers.csv, row 6: the row has no id in “customer_id”; fill it in"
    assert nameless.body is not None
    assert nameless.body["name"] == "Nobody"


async def test_read_files_are_moved_away_only_after_their_rows_are_committed(inbox: Inbox) -> None:
    inbox.settings |= {"after": "move"}
    inbox.put("sub/customers.csv", PEOPLE)
    reading = inbox.client().read("files", None)
    last = await anext(reading)
    assert (inbox.folder / "sub/customers.csv").exists(), "the batch is not committed yet"
    await reading.aclose()
    inbox.commit(last)
    await inbox.read()
    assert (inbox.folder / "done/sub/customers.csv").read_text() == PEOPLE
    inbox.put("sub/customers.csv", PEOPLE, NOW)
    inbox.clock.advance(timedelta(minutes=2))
    assert len(keys(await inbox.read())) == 2
    assert sorted(path.name for path in (inbox.folder / "done/sub").iterdir()) == [
        "2-customers.csv",
        "customers.csv",
    ]


async def test_a_file_that_holds_everything_begins_and_ends_its_stream(inbox: Inbox) -> None:
    inbox.settings |= {"content": "everything"}
    inbox.put("customers.csv", "id,name\n" + "".join(f"{number},x\n" for number in range(600)))
    batches = await inbox.read()
    assert [(list(one.begins), list(one.ends)) for one in batches] == [
        (["customers"], []),
        ([], ["customers"]),
    ]
    inbox.put("customers.csv.gz", gzip.compress(b"id,name\n" + b"5,x\n" * 90)[:-12])
    assert [one for batch in await inbox.read() for one in batch.ends] == [], "half a file ends nothing"


async def test_what_is_written_with_a_batch_does_not_grow_with_the_files_that_are_done(inbox: Inbox) -> None:
    for number in range(30):
        inbox.put(f"day-{number}.csv", PEOPLE, WRITTEN + timedelta(seconds=number))
    inbox.settings |= {"stream": "people"}
    batches = await inbox.read()
    assert len(batches) == len(inbox.marks) == 30
    assert {len(json.dumps(one.cursor)) for one in batches} == {len(json.dumps(batches[0].cursor))}
    assert [len(one.marks) for one in batches] == [1] * 30
    client = inbox.client()
    assert await inbox.read(client) == []
    (inbox.folder / "day-3.csv").unlink()
    [gone] = await inbox.read(client)
    assert gone.marks == {"day-3.csv": None}
    # Read again from the beginning: what was done counts no more, also after a kill.
    inbox.cursor = None
    assert len(keys(await inbox.read(most=5))) == 10
    assert len(keys(await inbox.read())) == 48


async def test_a_cursor_of_an_older_version_is_believed(inbox: Inbox) -> None:
    inbox.put("a.csv", PEOPLE)
    inbox.put("bad.pdf", b"%PDF-1.4 nonsense")
    await inbox.read()
    states = {name: mark.split(" ", 2)[2] for name, mark in inbox.marks.items()}
    assert inbox.cursor is not None
    inbox.cursor = {"done": states, "broken": ["bad.pdf"], "names": inbox.cursor["names"]}
    inbox.marks = {}
    assert keys(await inbox.read()) == []
    assert set(inbox.marks) == {"a.csv", "bad.pdf"}
    assert "done" not in inbox.cursor
    inbox.put("bad.pdf", PEOPLE, WRITTEN + timedelta(minutes=9))
    assert (BROKEN, "bad.pdf") in keys(await inbox.read())


async def test_the_settings_name_stream_id_and_time_of_the_rows(inbox: Inbox) -> None:
    inbox.settings |= {
        "stream": "buyers",
        "id_columns": ["shop", "nr"],
        "updated_column": "stand",
        "pattern": "*.csv",
    }
    inbox.put("x.csv", "shop;nr;stand\nA;1.0;02.03.2026 10:00\n")
    inbox.put("x.txt", "shop;nr;stand\nB;1;02.03.2026 10:00\n")
    (only,) = records(await inbox.read())
    assert (only.stream, only.external_id) == ("buyers", "A|1")
    assert only.updated_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    inbox.put("y.csv", "shop;stand\nA;02.03.2026\n")
    inbox.cursor = None
    problems = [record.problem for record in records(await inbox.read()) if record.stream == BROKEN]
    assert ["has no column “nr”" in str(problem) for problem in problems] == [True]


async def test_only_allowed_folders_are_read_and_no_link_leads_out(inbox: Inbox, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "keys.csv").write_text(PEOPLE)
    for path in ("../secret", str(tmp_path / "secret"), "/etc", "x/../../secret"):
        inbox.settings = {"path": path}
        with pytest.raises(SettingsRefusedError, match="may not be read"):
            inbox.client()
    (inbox.folder / "out").symlink_to(tmp_path / "secret")
    inbox.settings = {"path": "out"}
    with pytest.raises(SettingsRefusedError, match="may not be read"):
        inbox.client()
    inbox.settings = {"path": "."}
    (inbox.folder / "keys.csv").symlink_to(tmp_path / "secret" / "keys.csv")
    assert await inbox.read() == []
    with pytest.raises(SettingsRefusedError, match="REGARD_WATCH_FOLDERS"):
        open_folder({"path": "."}, Surroundings("files", inbox.clock))
    inbox.settings = {"path": "not/there"}
    with pytest.raises(SourceUnavailableError, match="not there"):
        await inbox.client().check()


async def test_a_bucket_is_read_as_a_folder_is() -> None:
    store = MemoryStore()
    obstore.put(store, "crm/customers-20260301.csv", PEOPLE.encode())
    obstore.put(store, "crm/bad.csv", b"")
    shelf = BucketShelf(store, "bucket “b”", "*.csv")
    client = FilesClient(shelf, FileSettings(after="move"), Surroundings("files", SetClock(NOW)))
    await client.check()
    batches = [batch async for batch in client.read("files", None)]
    assert batches[-1].marks
    assert keys(batches) == [("customers", "1"), ("customers", "2"), (BROKEN, "crm/bad.csv")]
    left = [meta["path"] for page in obstore.list(store) for meta in page]
    assert sorted(left) == ["crm/bad.csv", "done/crm/customers-20260301.csv"]
    obstore.put(store, "crm/bad.csv", PEOPLE.encode())
    again = [batch async for batch in client.read("files", batches[-1].cursor)]
    assert ("bad", "1") in keys(again)


async def test_a_store_that_does_not_answer_is_trouble_that_passes() -> None:
    settings = read_bucket_settings({
        "bucket": "b", "endpoint": "http://127.0.0.1:9", "access_key": "a", "secret_key": "s",
    })  # fmt: skip
    store = open_store(settings, retries=0)
    client = FilesClient(
        BucketShelf(store, "bucket “b”", "*"), FileSettings(), Surroundings("f", SetClock(NOW))
    )
    with pytest.raises(SourceUnavailableError, match="check “endpoint”") as caught:
        await client.check()
    assert "Error" not in str(caught.value)


@pytest.mark.parametrize(
    ("filename", "stream"),
    [
        ("Customers.csv", "customers"),
        ("customers_2026-03-01.csv.gz", "customers"),
        ("20260301T120000Z-customer-orders.jsonl", "customer_orders"),
        ("Kunden (3).xlsx", "kunden"),
        ("export_kunden_v2.csv", "kunden"),
        ("crm/2026/03/orders.parquet", "orders"),
        ("2026-03-01.csv", "files"),
        ("Müller & Söhne.csv", "müller_söhne"),
    ],
)
def test_a_stream_is_named_after_its_file_without_dates_and_numbers(filename: str, stream: str) -> None:
    assert name_stream(filename) == stream


@given(st.text(max_size=300))
def test_every_file_gets_a_name_that_a_stream_may_have(filename: str) -> None:
    assert 0 < len(name_stream(filename)) <= 100
    is_wanted(filename, "*.csv, [x")
