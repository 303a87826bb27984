"""A database is asked which tables it has, before anybody names one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from regard.connectors.connector_contract import FoundEntry, SettingsRefusedError, Surroundings
from regard.connectors.sql.sql_source import SQL
from regard.kit.clock import SetClock
from tests.connectors.polled_databases import NOON, Engine, contacts


async def found_in(database: Engine, other: Mapping[str, object] | None = None) -> list[FoundEntry]:
    settings = {**database.settings, **(other or {})}
    folders = (Path(database.settings["database"]).parent,) if settings["kind"] == "sqlite" else ()
    assert SQL.discovery is not None
    return list(await SQL.discovery.find(settings, Surroundings("erp", SetClock(NOON), folders=folders)))


async def test_tables_and_views_are_found_each_with_how_it_would_be_read(database: Engine) -> None:
    database.run(
        *contacts(1),
        "CREATE TABLE town (id integer PRIMARY KEY, name varchar(50))",
        "CREATE TABLE visit (note varchar(50), updated_at timestamp NULL)",
        "CREATE VIEW named AS SELECT id, name FROM contact",
    )
    found = {one.title: one for one in await found_in(database)}
    assert set(found) - {"about"} == {"contact", "named", "town", "visit"}
    assert found["contact"].entry == {"table": "contact", "cursor": "changed_at"}
    assert found["town"].entry == {"table": "town"}
    assert "no primary key" in found["visit"].detail
    polled = database.polled(**found["contact"].entry)
    assert await polled.read() == ["1"]


async def test_settings_that_reach_nothing_are_told_as_when_they_are_tried(sqlite: Engine) -> None:
    with pytest.raises(SettingsRefusedError, match="database"):
        await found_in(sqlite, {"database": ""})
