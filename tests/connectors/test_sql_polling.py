"""Polling SQL databases: nothing is missed between two readings, whatever the database and its clock do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
)
from tests.connectors.polled_databases import Engine, contacts


async def test_what_changed_is_read_and_nothing_else(database: Engine) -> None:
    database.run(*contacts(3))
    polled = database.polled(table="contact", cursor="changed_at")
    async with polled.opened() as client:
        await client.check()
        assert sorted(await polled.read(client)) == ["1", "2", "3"]
        await polled.read(client)
        assert await polled.read(client) == []
        database.run("UPDATE contact SET name = 'Ann', changed_at = '2026-06-01 10:00:07' WHERE id = 2")
        assert await polled.read(client) == ["2"]
    assert polled.records["2"]["name"] == "Ann"
    assert polled.times["2"] is not None


async def test_a_second_change_in_the_same_second_is_not_lost(database: Engine) -> None:
    database.run(*contacts(2))
    polled = database.polled(table="contact", cursor="changed_at")
    async with polled.opened() as client:
        await polled.read(client)
        database.run("UPDATE contact SET name = 'first', changed_at = '2026-06-01 11:00:00' WHERE id = 1")
        assert "1" in await polled.read(client)
        database.run("UPDATE contact SET name = 'second', changed_at = '2026-06-01 11:00:00' WHERE id = 1")
        database.run("UPDATE contact SET name = 'other', changed_at = '2026-06-01 11:00:00' WHERE id = 2")
        assert sorted(await polled.read(client)) == ["1", "2"]
    assert [polled.records[one]["name"] for one in "12"] == ["second", "other"]


async def test_a_row_committed_late_with_an_older_time_is_found_within_the_overlap(database: Engine) -> None:
    database.run(*contacts(1))
    polled = database.polled(table="contact", cursor="changed_at", overlap=120)
    database.run("INSERT INTO contact VALUES (5, 'newest', '2026-06-01 11:00:00')")
    await polled.read()
    database.run("INSERT INTO contact VALUES (6, 'late', '2026-06-01 10:58:30')")
    assert "6" in await polled.read()


async def test_more_rows_of_one_second_than_a_page_holds_are_all_read(database: Engine) -> None:
    database.run(*contacts(1))
    polled = database.polled(table="contact", cursor="changed_at")
    await polled.read()
    values = ", ".join(f"({n}, 'x', '2026-06-01 11:00:00')" for n in range(100, 2_700))
    database.run(f"INSERT INTO contact VALUES {values}")
    await polled.read()
    assert len(polled.records) == 2_601


async def test_a_reading_that_was_killed_goes_on_where_it_stood(database: Engine) -> None:
    database.run(*contacts(2_500))
    polled = database.polled(table="contact", cursor="changed_at")
    first = await polled.read(most=1)
    assert len(first) == 1_000
    database.run("DELETE FROM contact WHERE id = 5", "DELETE FROM contact WHERE id = 2000")
    database.run("UPDATE contact SET name = 'moved', changed_at = '2026-06-01 11:30:00' WHERE id = 7")
    again = await polled.read()
    assert len(again) < 1_600
    await polled.read()
    assert polled.records["7"]["name"] == "moved"
    assert "2000" not in polled.records
    polled.clock.advance(timedelta(hours=25))
    await polled.read()
    assert len(polled.records) == 2_498


async def test_deleted_rows_are_found_by_the_daily_comparison(database: Engine) -> None:
    database.run(*contacts(3))
    polled = database.polled(table="contact", cursor="changed_at", compare_hours=24)
    await polled.read()
    database.run("DELETE FROM contact WHERE id = 2")
    await polled.read()
    assert "2" in polled.records
    polled.clock.advance(timedelta(hours=25))
    await polled.read()
    assert set(polled.records) == {"1", "3"}


async def test_rows_whose_time_is_not_filled_are_read_too(database: Engine) -> None:
    database.run(*contacts(1), "INSERT INTO contact VALUES (2, 'b', NULL), (3, 'c', NULL)")
    polled = database.polled(table="contact", cursor="changed_at")
    await polled.read()
    assert set(polled.records) == {"1", "2", "3"}
    assert polled.times["2"] is None
    database.run("INSERT INTO contact VALUES (4, 'd', NULL)")
    assert "4" in await polled.read()


async def test_one_row_from_the_future_does_not_hide_the_present(database: Engine) -> None:
    database.run(*contacts(2), "INSERT INTO contact VALUES (9, 'wrong clock', '2036-06-01 10:00:00')")
    polled = database.polled(table="contact", cursor="changed_at")
    await polled.read()
    await polled.read()
    database.run("UPDATE contact SET name = 'now', changed_at = '2026-06-01 11:59:50' WHERE id = 1")
    assert "1" in await polled.read()


async def test_an_increasing_number_is_compared_as_a_number_even_when_it_is_stored_as_text(
    database: Engine,
) -> None:
    database.run("CREATE TABLE journal (no varchar(20) PRIMARY KEY, what varchar(20))")
    database.run(*(f"INSERT INTO journal VALUES ('{n}', 'x')" for n in (9, 10, 99, 100)))
    with pytest.raises(SettingsRefusedError, match="as text '99' would come after '230'"):
        await database.polled(table="journal", cursor="no").read()
    polled = database.polled(table="journal", cursor="no", cursor_type="number", overlap=0)
    await polled.read()
    database.run("INSERT INTO journal VALUES ('230', 'y')", "INSERT INTO journal VALUES ('1000', 'z')")
    assert set(await polled.read()) >= {"230", "1000"}


async def test_a_number_column_looks_back_for_numbers_that_were_committed_late(database: Engine) -> None:
    database.run("CREATE TABLE entry (id bigint PRIMARY KEY, t varchar(9))")
    database.run("INSERT INTO entry VALUES (9007199254740993, 'a'), (9007199254740999, 'b')")
    polled = database.polled(table="entry", cursor="id")
    await polled.read()
    database.run("INSERT INTO entry VALUES (9007199254740996, 'late')")
    assert "9007199254740996" in await polled.read()
    assert polled.records["9007199254740993"]["id"] == 9007199254740993


async def test_a_renamed_column_is_named_at_once_and_the_next_reading_goes_on(database: Engine) -> None:
    database.run(*contacts(2))
    polled = database.polled(table="contact", cursor="changed_at")
    async with polled.opened() as client:
        await polled.read(client)
        database.run("ALTER TABLE contact RENAME COLUMN name TO full_name")
        with pytest.raises(SourceUnavailableError, match="“name” is gone and “full_name” is new") as told:
            await polled.read(client)
        assert told.value.retry_after == 1
        assert sorted(await polled.read(client)) == ["1", "2"]
    assert polled.records["2"]["full_name"] == "name 2"


async def test_a_renamed_column_that_the_settings_name_is_said_at_once(database: Engine) -> None:
    database.run(*contacts(2))
    polled = database.polled(table="contact", cursor="changed_at")
    async with polled.opened() as client:
        await polled.read(client)
        database.run("ALTER TABLE contact RENAME COLUMN changed_at TO touched_at")
        with pytest.raises(SettingsRefusedError, match=r"no column “changed_at”.*touched_at"):
            await polled.read(client)


async def test_a_column_that_a_query_names_in_vain_is_told_by_its_name(database: Engine) -> None:
    database.run(*contacts(2))
    polled = database.polled(query="SELECT id, nickname FROM contact", name="contacts")
    async with polled.opened() as client:
        with pytest.raises(SourceRefusesError, match="there is no column “nickname”"):
            await client.check()
