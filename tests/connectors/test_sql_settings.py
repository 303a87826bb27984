"""What a source that polls is told, and what it tells when it cannot read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
    Surroundings,
)
from regard.connectors.sql import open_engine as engines
from regard.connectors.sql.sql_source import open_sql_source
from regard.kit.clock import SetClock
from tests.connectors.polled_databases import NOON, Engine, Polled, contacts


async def test_nothing_can_be_written_over_the_connection(database: Engine) -> None:
    database.run(*contacts(1))
    polled = database.polled(table="contact")
    async with polled.opened() as client:
        with pytest.raises(sa.exc.SQLAlchemyError), client._engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM contact")


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
