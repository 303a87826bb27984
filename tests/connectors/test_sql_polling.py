"""Polling SQL databases: nothing is missed between two readings, whatever the database and its clock do."""

from __future__ import annotations

import gzip
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
    Surroundings,
)
from regard.connectors.sql import open_engine as engines
from regard.connectors.sql.sql_source import SqlSource, open_sql_source
from regard.kit.clock import SetClock
from tests.source_postgres import SourceDatabase

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Polled:
    """What Regard keeps of one stream, reading after reading."""

    def __init__(self, settings: dict[str, Any], zone: str = "UTC") -> None:
        self.clock = SetClock(NOON)
        self.settings = settings
        self.zone = zone
        self.cursor: Cursor | None = None
        self.records: dict[str, Any] = {}
        self.times: dict[str, datetime | None] = {}
        self.unseen: set[str] | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[SqlSource]:
        folders = (Path(self.settings["database"]).parent,) if self.settings["kind"] == "sqlite" else ()
        around = Surroundings("erp", self.clock, self.zone, folders=folders)
        client = open_sql_source(self.settings, around)
        try:
            yield client
        finally:
            await client.close()

    async def read(self, client: SqlSource | None = None, most: int = 1_000) -> list[str]:
        """One reading of the only stream; gives the ids handed on. At most `most` batches are committed."""
        if client is None:
            async with self.opened() as client:
                return await self.read(client, most)
        (spec,) = await client.streams()
        told: list[str] = []
        if spec.full_compare:
            self.unseen = set(self.records)
        async for batch in client.read(spec.name, None if spec.full_compare else self.cursor):
            if most == 0:
                return told
            most -= 1
            self._commit(batch, told)
        if spec.full_compare:
            self._end()
        return told

    def _commit(self, batch: Batch, told: list[str]) -> None:
        if batch.begins:
            self.unseen = set(self.records)
        for record in batch.records:
            told.append(record.external_id)
            self.records[record.external_id] = record.body
            self.times[record.external_id] = record.updated_at
            if self.unseen is not None:
                self.unseen.discard(record.external_id)
        if batch.ends:
            self._end()
        if batch.cursor is not None:
            self.cursor = batch.cursor

    def _end(self) -> None:
        for gone in self.unseen or ():
            del self.records[gone]
        self.unseen = None


class Engine:
    """A database as its own application sees it."""

    def __init__(self, url: sa.URL | str, settings: dict[str, Any]) -> None:
        self.settings = settings
        self._engine = sa.create_engine(url)

    def run(self, *statements: str) -> None:
        with self._engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def polled(self, zone: str = "UTC", **stream: Any) -> Polled:
        return Polled({**self.settings, "streams": [stream]}, zone)

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "erp & co.db"
    engine = Engine(f"sqlite:///{path}", {"kind": "sqlite", "database": str(path)})
    engine.run("CREATE TABLE about (n int)")
    yield engine
    engine.close()


@pytest.fixture
def postgres(source_database: SourceDatabase) -> Iterator[Engine]:
    host = source_database.server.host
    url = sa.URL.create("postgresql+psycopg2", "regard", host=host, port=5432, database=source_database.name)
    settings = {"kind": "postgresql", "host": host, "port": 5432, "user": "regard"}
    engine = Engine(url, {**settings, "database": source_database.name})
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def mariadb_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A MariaDB of this module's own on a free port of 127.0.0.1; skips where it or the driver is absent."""
    pytest.importorskip("pymysql", reason="the extra regard[mysql] is not installed")
    program, maker = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if program is None or maker is None:
        pytest.skip("MariaDB is not installed (apt-get install mariadb-server)")
    home = tmp_path_factory.mktemp("mariadb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    common = ["--no-defaults", f"--datadir={home}/data", "--user=root"]
    subprocess.run(
        [maker, *common, "--auth-root-authentication-method=normal"], check=True, capture_output=True
    )
    server = subprocess.Popen(
        [program, *common, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={home}/s",
         f"--pid-file={home}/pid", "--default-time-zone=+05:00", "--innodb-flush-log-at-trx-commit=0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def mariadb(mariadb_port: int) -> Iterator[Engine]:
    url = sa.URL.create("mysql+pymysql", "root", host="127.0.0.1", port=mariadb_port)
    maker = Engine(url, {})
    maker.run("DROP DATABASE IF EXISTS erp", "CREATE DATABASE erp CHARACTER SET utf8mb4")
    maker.close()
    settings = {"kind": "mysql", "host": "127.0.0.1", "port": mariadb_port, "user": "root", "database": "erp"}
    engine = Engine(url.set(database="erp", query={"init_command": "SET time_zone = '+00:00'"}), settings)
    yield engine
    engine.close()


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def database(request: pytest.FixtureRequest) -> Engine:
    """Each database in turn."""
    engine: Engine = request.getfixturevalue(request.param)
    return engine


def contacts(rows: int = 0) -> list[str]:
    """A table with a time of the last change that knows only seconds."""
    made = "CREATE TABLE contact (id integer PRIMARY KEY, name varchar(50), changed_at timestamp NULL)"
    values = ", ".join(f"({n}, 'name {n}', '2026-06-01 10:00:00')" for n in range(1, rows + 1))
    return [made, *([f"INSERT INTO contact VALUES {values}"] if rows else [])]


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


async def test_nothing_can_be_written_over_the_connection(database: Engine) -> None:
    database.run(*contacts(1))
    polled = database.polled(table="contact")
    async with polled.opened() as client:
        with pytest.raises(sa.exc.SQLAlchemyError), client._engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM contact")


async def test_single_rows_are_fetched(database: Engine) -> None:
    database.run(*contacts(2))
    async with database.polled(table="contact", cursor="changed_at").opened() as client:
        known, gone = await client.fetch("contact", ["2", "77"])
    assert known.body is not None
    assert known.body["name"] == "name 2"
    assert gone.deleted


async def test_what_is_named_and_not_there_is_said(database: Engine) -> None:
    database.run(*contacts(1))
    for stream, words in (
        ({"table": "nothing"}, "no table “nothing”"),
        ({"table": "contact", "cursor": "seen"}, "no column “seen”"),
        ({"table": "contact", "key": ["no"]}, "no column “no”"),
    ):
        async with database.polled(**stream).opened() as client:
            with pytest.raises(SettingsRefusedError, match=words):
                await client.check()
    async with database.polled(name="q", query="SELECT wrong FROM contact").opened() as client:
        with pytest.raises(SourceRefusesError):
            await client.check()


async def test_a_time_without_zone_is_in_the_zone_of_the_source(postgres: Engine) -> None:
    postgres.run("CREATE TABLE c (id int PRIMARY KEY, at timestamp, at_zone timestamptz)")
    postgres.run("INSERT INTO c VALUES (1, '2026-01-15 10:00:00', '2026-01-15 10:00:00+00')")
    local = postgres.polled("Europe/Berlin", table="c", cursor="at")
    await local.read()
    assert local.times["1"] == datetime(2026, 1, 15, 9, tzinfo=UTC)
    aware = postgres.polled("Europe/Berlin", table="c", cursor="at_zone")
    await aware.read()
    assert aware.times["1"] == datetime(2026, 1, 15, 10, tzinfo=UTC)


async def test_a_timestamp_of_mysql_is_an_instant_and_a_datetime_is_not(mariadb: Engine) -> None:
    """The server's zone is five hours from UTC, and so is that of its application."""
    mariadb.run("CREATE TABLE c (id int PRIMARY KEY, at timestamp NULL, local datetime)")
    mariadb.run(
        "SET time_zone = '+05:00'", "INSERT INTO c VALUES (1, '2026-01-15 10:00:00', '2026-01-15 10:00:00')"
    )
    polled = mariadb.polled("Europe/Berlin", table="c", cursor="at")
    await polled.read()
    assert polled.times["1"] == datetime(2026, 1, 15, 5, tzinfo=UTC)
    assert polled.records["1"]["at"] == "2026-01-15T05:00:00+00:00"
    local = mariadb.polled("Europe/Berlin", table="c", cursor="local")
    await local.read()
    assert local.times["1"] == datetime(2026, 1, 15, 9, tzinfo=UTC)


async def test_values_of_postgresql_become_json(postgres: Engine) -> None:
    postgres.run(
        "CREATE TABLE v (id uuid PRIMARY KEY, price numeric(30,4), raw bytea, day date, doc jsonb,"
        " tags text[],"
        " yes boolean)",
        "INSERT INTO v VALUES ('6b1c8f5e-0000-4000-8000-000000000001', 12345678901234567890.1000, '\\x00ff',"
        " '2026-02-03', '{\"id\": 9007199254740993}', ARRAY['a'], true)",
    )
    polled = postgres.polled(table="v")
    await polled.read()
    assert polled.records["6b1c8f5e-0000-4000-8000-000000000001"] == {
        "id": "6b1c8f5e-0000-4000-8000-000000000001", "price": "12345678901234567890.1000", "raw": "AP8=",
        "day": "2026-02-03", "doc": {"id": 9007199254740993}, "tags": ["a"], "yes": True,
    }  # fmt: skip


async def test_values_of_mysql_become_json(mariadb: Engine) -> None:
    mariadb.run(
        "CREATE TABLE v (id int PRIMARY KEY, price decimal(20,4), raw varbinary(9), gap time,"
        " kind set('a','b'))",
        "INSERT INTO v VALUES (1, 1.5000, x'00ff', '08:30:00', 'a,b'), (2, NULL, NULL, '-30:00:00', '')",
    )
    polled = mariadb.polled(table="v")
    await polled.read()
    assert polled.records["1"] == {
        "id": 1, "price": "1.5000", "raw": "AP8=", "gap": "08:30:00", "kind": ["a", "b"],
    }  # fmt: skip
    assert polled.records["2"]["gap"] == "PT-108000.000000S"


@pytest.mark.parametrize("kind", ["mysql", "mssql"])
def test_a_driver_that_is_not_installed_is_named_with_the_command(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda name: None)
    settings = {"kind": kind, "database": "x", "streams": [{"table": "t"}]}
    with pytest.raises(SettingsRefusedError, match=rf"pip install 'regard\[{kind}\]'"):
        open_sql_source(settings, Surroundings("erp", SetClock(NOON)))


async def test_a_database_that_is_away_is_a_passing_trouble_a_missing_file_is_not(tmp_path: Path) -> None:
    away = {"kind": "postgresql", "host": "127.0.0.1", "port": 9, "database": "x", "user": "u"}
    secret = {"password": "do not tell", "streams": [{"table": "t"}]}
    async with Polled({**away, **secret}).opened() as client:
        with pytest.raises(SourceUnavailableError) as trouble:
            await client.check()
    assert "do not tell" not in str(trouble.value)
    missing = {"kind": "sqlite", "database": str(tmp_path / "no.db"), "streams": [{"table": "t"}]}
    async with Polled(missing).opened() as client:
        with pytest.raises(SourceRefusesError, match="cannot be opened"):
            await client.check()
    assert not (tmp_path / "no.db").exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "oracle"}, "must be one of"),
        ({"database": ""}, "“database” is missing"),
        ({"streams": []}, "name no table"),
        ({"streams": [{"table": "a", "query": "SELECT 1"}]}, "either a table, or a query"),
        ({"streams": [{"query": "SELECT 1"}]}, "either a table, or a query"),
        ({"streams": [{"table": "a"}, {"table": "a"}]}, "Two streams"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(wrong: dict[str, Any], words: str) -> None:
    settings = {"kind": "sqlite", "database": "x", "streams": [{"table": "a"}], **wrong}
    with pytest.raises(SettingsRefusedError, match=words):
        open_sql_source(settings, Surroundings("erp", SetClock(NOON)))


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


def test_a_sqlite_file_is_opened_only_to_read(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    sqlite3.connect(path).close()
    before = path.stat().st_mtime_ns
    settings = {"kind": "sqlite", "database": str(path), "streams": [{"table": "t"}]}
    client = open_sql_source(settings, Surroundings("erp", SetClock(NOON), folders=(tmp_path,)))
    made: Callable[[], Any] = client._engine.connect
    with pytest.raises(sa.exc.OperationalError), made() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n int)")
    client._engine.dispose()
    assert path.stat().st_mtime_ns == before
