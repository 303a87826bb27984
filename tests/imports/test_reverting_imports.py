"""An import can be taken back as a whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from regard.db.pool import Connection
from regard.eventlog.append_events import append_events
from regard.events.envelope import Event, RecordKey
from regard.events.record_events import RecordUpserted
from regard.identity.match_model import default_model
from regard.intake.import_file import LEASE
from regard.intake.keep_imports import QUERIES, FileImport, ImportBusyError
from regard.intake.keep_taken_rows import list_taken_rows
from regard.intake.revert_import import ImportReverter, NothingToRevertError, start_revert
from regard.pipeline.rebuild_projections import digest_customers
from regard.pipeline.resolve_identity import Resolver
from regard.pipeline.run_projector import Projector
from regard.sources.manage_sources import SourceRemovedError
from tests.imports.conftest import Desk
from tests.imports.helpers import write

FIRST = "id,name,email\n1,Anna Nowak,anna@example.com\n2,Ben Smith,ben@example.com\n"
SECOND = "id,name,email\n2,Benjamin Smith,ben@example.com\n3,Cleo Marsh,cleo@example.com\n"
ORDERS = "order id,customer id,order date,status\nO1,2,2024-01-01,paid\nO2,9,2024-01-02,paid\n"


class Company:
    """Imports with the customers that follow from them."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self._folder = folder
        self._projector = Projector(desk.pool, desk.keyring, desk.clock, Resolver(default_model()))

    async def bring(self, name: str, content: str, stream: str = "customers") -> FileImport:
        path = self._folder / name
        path.write_text(content)
        file = await self.desk.upload(path, stream)
        await self.desk.finish(file)
        return file

    async def digests(self) -> dict[UUID, str]:
        await self._projector.catch_up()
        async with self.desk.pool.acquire() as connection:
            return await digest_customers(connection)

    async def ask_back(self, file: FileImport) -> None:
        known = await self.desk.state(file)
        async with self.desk.pool.acquire() as connection, connection.transaction():
            await start_revert(connection, known)

    async def revert(self, file: FileImport) -> FileImport:
        await self.ask_back(file)
        await self.desk.worker().work_once()
        return await self.desk.state(file)

    async def names(self) -> set[str]:
        await self._projector.catch_up()
        return {row["name"] for row in await self.desk.pool.fetch("SELECT name FROM profiles.profile")}


@pytest.fixture
async def company(desk: Desk, tmp_path: Path) -> Company:
    return Company(desk, tmp_path)


async def test_customers_are_then_what_they_were(company: Company) -> None:
    await company.bring("first.csv", FIRST)
    before = await company.digests()
    company.desk.clock.advance(LEASE)
    second = await company.bring("second.csv", SECOND)
    orders = await company.bring("orders.csv", ORDERS, "orders")
    assert await company.digests() != before
    assert (await company.revert(orders)).status == "reverted"
    done = await company.revert(second)
    assert (done.status, done.revert_total, done.revert_done, done.handed_over) == ("reverted", 2, 2, 0)
    assert await company.digests() == before


async def test_the_log_keeps_everything(company: Company) -> None:
    file = await company.bring("first.csv", FIRST)
    assert await company.desk.events() == 2
    await company.revert(file)
    assert await company.desk.events() == 4


async def test_taking_it_back_twice_does_nothing_more(company: Company) -> None:
    file = await company.bring("first.csv", FIRST)
    await company.revert(file)
    events = await company.desk.events()
    assert (await company.revert(file)).status == "reverted"
    assert await company.desk.events() == events


async def test_what_a_later_import_changed_stays_as_it_says(company: Company) -> None:
    first = await company.bring("first.csv", FIRST)
    company.desk.clock.advance(LEASE)
    await company.bring("second.csv", SECOND)
    await company.revert(first)
    assert await company.names() == {"Benjamin Smith", "Cleo Marsh"}


async def test_what_a_later_import_found_unchanged_stays_until_that_is_taken_back_too(
    company: Company,
) -> None:
    first = await company.bring("first.csv", FIRST)
    again = await company.bring(
        "copy.csv", FIRST.replace("id,", "id,").replace("1,Anna", "7,Emil Fox,e@x.org\n1,Anna")
    )
    done = await company.revert(first)
    assert (done.revert_done, done.handed_over) == (2, 2)
    assert await company.names() == {"Anna Nowak", "Ben Smith", "Emil Fox"}
    await company.revert(again)
    assert await company.names() == set()


async def test_other_sources_may_say_things_meanwhile(company: Company) -> None:
    await company.bring("first.csv", FIRST)
    key = RecordKey("crm", "people", "5")
    now = company.desk.clock.now()
    fields = {"full_name": "Cleo Marsh", "email": "cleo@example.com"}
    other = Event("crm", "e1", key, now, now, now, RecordUpserted("people", "5", "person", dict(fields)))
    async with company.desk.pool.acquire() as connection:
        await append_events(connection, company.desk.keyring, [other])
    before = await company.digests()
    second = await company.bring("second.csv", SECOND)
    later = replace(
        other, event_id="e2", body=RecordUpserted("people", "5", "person", fields | {"city": "Leeds"})
    )
    async with company.desk.pool.acquire() as connection:
        await append_events(connection, company.desk.keyring, [later])
    await company.revert(second)
    after = await company.digests()
    assert after.keys() == before.keys()
    assert await company.names() == {"Anna Nowak", "Ben Smith", "Cleo Marsh"}


async def test_the_same_file_can_be_imported_again_and_taken_back_again(company: Company) -> None:
    file = await company.bring("first.csv", FIRST)
    before = await company.digests()
    await company.revert(file)
    assert await company.digests() == {}
    account = await company.desk.finish(file)
    assert (account.stored, account.unchanged) == (2, 0)
    assert (await company.digests()).keys() == before.keys()
    assert (await company.desk.finish(file)).unchanged == 2
    await company.revert(file)
    assert await company.digests() == {}


async def test_a_dry_run_after_it_foresees_that_everything_is_stored_again(company: Company) -> None:
    file = await company.bring("first.csv", FIRST)
    await company.revert(file)
    assert (await company.desk.finish(file, "dry_running")).stored == 2


class _StoppedError(Exception):
    """Stands for a killed process."""


async def test_a_run_that_was_killed_goes_on_where_it_was(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"{number},Person {number},p{number}@example.com\n" for number in range(20))
    before = await company.digests()
    file = await company.bring("many.csv", f"id,name,email\n{rows}")
    await company.ask_back(file)
    state = await company.desk.state(file)
    reverter = ImportReverter(company.desk.pool, company.desk.keyring, company.desk.clock, at_once=4)
    async with company.desk.pool.acquire() as connection:
        await connection.fetchrow(QUERIES["claim_waiting"], "killed", LEASE)
    calls = 0
    settle = QUERIES["settle_revert"]

    async def stop_at_third(connection: Connection, *values: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise _StoppedError
        return await connection.fetchval(settle, *values)

    monkeypatch.setattr(
        "regard.intake.revert_import.ImportLedger.settle",
        lambda self, connection, places, released: stop_at_third(
            connection,
            file.import_id,
            "killed",
            [p for p, _ in places],
            [s for _, s in places],
            released,
            LEASE,
        ),
    )
    with pytest.raises(_StoppedError):
        await reverter.run(state, "killed")
    monkeypatch.undo()
    assert (await company.desk.state(file)).revert_done == 8
    async with company.desk.pool.acquire() as connection:
        await connection.execute(QUERIES["release_import"], file.import_id, "killed")
    await company.desk.worker().work_once()
    done = await company.desk.state(file)
    assert (done.status, done.revert_done) == ("reverted", 20)
    assert await company.desk.events() == 40
    assert await company.digests() == before


async def test_an_import_of_before_it_was_remembered_says_that_it_cannot_be_taken_back(
    company: Company,
) -> None:
    file = await company.bring("first.csv", FIRST)
    await company.desk.pool.execute("DELETE FROM imports.taken_row")
    await company.desk.pool.execute("UPDATE imports.import SET remembers = false")
    with pytest.raises(NothingToRevertError, match="did not keep what an import stores"):
        await company.ask_back(file)


async def test_an_import_under_way_cannot_be_started_or_changed(company: Company) -> None:
    file = await company.bring("first.csv", FIRST)
    await company.ask_back(file)
    with pytest.raises(ImportBusyError):
        await company.desk.start(file)


async def test_each_number_of_the_account_has_its_rows(desk: Desk, tmp_path: Path) -> None:
    lines = [f"{number},Person {number % 3}\n" for number in (1, 2, 1, 3)]
    file = await desk.upload(write(tmp_path, "a.csv", "id,name\n" + "".join(lines)), "customers")
    account = await desk.finish(file)
    known = await desk.state(file)
    async with desk.pool.acquire() as connection:
        stored = await list_taken_rows(connection, file.import_id, known.run, "stored", 0, 10)
        same = await list_taken_rows(connection, file.import_id, known.run, "unchanged", 0, 10)
        page = await list_taken_rows(connection, file.import_id, known.run, "stored", 2, 1)
    assert [row.row for row in stored] == [2, 3, 5]
    assert [row.row for row in same] == [4]
    assert (len(stored), len(same)) == (account.stored, account.unchanged)
    assert [row.row for row in page] == [3]
    assert same[0].objects == stored[0].objects == (RecordKey("shop", "customers", "1").record_id,)


async def test_an_import_of_a_removed_source_waits_for_the_source(company: Company) -> None:
    first = await company.bring("first.csv", FIRST)
    removed = "UPDATE sources.source SET removed_at = now() WHERE slug = $1"
    await company.desk.pool.execute(removed, first.source)
    with pytest.raises(SourceRemovedError, match="Bring it back first"):
        await company.ask_back(first)
