"""Tables without a column of changes, queries of one's own, single rows."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from regard.connectors.connector_contract import SettingsRefusedError, Warns
from tests.connectors.polled_databases import Engine, contacts
from tests.source_postgres import SourceDatabase


async def test_without_a_column_of_changes_everything_is_compared(database: Engine) -> None:
    database.run("CREATE TABLE pair (a integer, b varchar(9), v varchar(9), PRIMARY KEY (a, b))")
    values = ", ".join(f"({n}, 'x|{n % 7}', 'v')" for n in range(1, 2_301))
    database.run(f"INSERT INTO pair VALUES {values}")
    polled = database.polled(table="pair")
    async with polled.opened() as client:
        (spec,) = await client.streams()
        assert spec.full_compare
    await polled.read()
    assert len(polled.records) == 2_300
    assert polled.records["8|x\\|1"] == {"a": 8, "b": "x|1", "v": "v"}
    database.run("DELETE FROM pair WHERE a = 8", "UPDATE pair SET v = 'w' WHERE a = 9")
    await polled.read()
    assert "8|x\\|1" not in polled.records
    assert polled.records["9|x\\|2"]["v"] == "w"


async def test_rows_without_key_are_named_by_what_they_say(database: Engine) -> None:
    database.run("CREATE TABLE visit (who varchar(9), page varchar(9))")
    database.run("INSERT INTO visit VALUES ('a', '/'), ('b', NULL)")
    polled = database.polled(table="visit")
    await polled.read()
    database.run("UPDATE visit SET page = '/x' WHERE who = 'b'")
    await polled.read()
    assert sorted(one["page"] for one in polled.records.values()) == ["/", "/x"]
    with pytest.raises(SettingsRefusedError, match="no primary key"):
        await database.polled(table="visit", cursor="who").read()


async def test_equal_rows_of_a_table_without_a_key_are_told(database: Engine) -> None:
    database.run("CREATE TABLE visit (who varchar(9), page varchar(9))")
    database.run("INSERT INTO visit VALUES ('a', '/'), ('a', '/'), ('a', '/'), ('b', '/')")
    async with database.polled(table="visit").opened() as client:
        assert isinstance(client, Warns)
        assert {len(batch.records) async for batch in client.read("visit", None)} == {4}
        [told] = await client.warnings()
        assert "2 of its rows are equal to another" in told
        database.run("DELETE FROM visit WHERE who = 'a'")
        assert {len(batch.records) async for batch in client.read("visit", None)} == {1}
        assert await client.warnings() == []


async def test_a_query_of_ones_own_is_a_stream(database: Engine) -> None:
    database.run(*contacts(3), "CREATE TABLE note (contact_id integer, body varchar(50))")
    database.run("INSERT INTO note VALUES (1, 'half off: now'), (1, 'b')")
    query = (
        "SELECT c.id, c.name, c.changed_at, count(n.body) AS notes FROM contact c LEFT JOIN note n"
        " ON n.contact_id = c.id AND n.body NOT LIKE 'a:%' GROUP BY c.id, c.name, c.changed_at;"
    )
    polled = database.polled(name="active", query=query, key=["id"], cursor="changed_at")
    await polled.read()
    assert polled.records["1"]["notes"] == 2
    database.run("UPDATE contact SET name = 'x', changed_at = '2026-06-01 11:00:00' WHERE id = 3")
    assert "3" in await polled.read()


async def test_a_new_column_changes_the_rows_that_nobody_touched(database: Engine) -> None:
    database.run(*contacts(2))
    polled = database.polled(table="contact", cursor="changed_at")
    await polled.read()
    database.run("ALTER TABLE contact ADD COLUMN segment varchar(9) DEFAULT 'b2b'")
    await polled.read()
    assert [polled.records[one]["segment"] for one in "12"] == ["b2b", "b2b"]


async def test_single_rows_are_fetched(database: Engine) -> None:
    database.run(*contacts(2))
    async with database.polled(table="contact", cursor="changed_at").opened() as client:
        known, gone = await client.fetch("contact", ["2", "77"])
    assert known.body is not None
    assert known.body["name"] == "name 2"
    assert gone.deleted


@pytest.mark.parametrize(
    ("name", "table", "count"),
    [("chinook", "customer", 59), ("chinook", "invoice_line", 2_240), ("northwind", "orders", 830)],
)
async def test_public_sample_databases_are_read_whole(
    source_database: SourceDatabase, postgres: Engine, shared_data: Path, name: str, table: str, count: int
) -> None:
    dump = gzip.decompress((shared_data / "sample_dbs" / f"{name}_postgresql.sql.gz").read_bytes()).decode()
    unwanted = ("\\", "DROP DATABASE", "CREATE DATABASE")
    source_database.run("\n".join(line for line in dump.splitlines() if not line.startswith(unwanted)))
    polled = postgres.polled(table=table)
    await polled.read()
    assert len(polled.records) == count
