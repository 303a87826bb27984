"""A source is asked what it has while its settings are filled in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from tests.api.world import World


async def found(world: World, source: str, **settings: Any) -> dict[str, Any]:
    client = await world.as_role("administrator")
    kind = "sql" if source == "erp" else "records_api"
    await client.post("/api/v1/sources", json={"slug": source, "title": source, "connector": kind})
    answer = await client.post(f"/api/v1/sources/{source}/connection/find", json={"settings": settings})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_the_tables_of_a_database_are_offered_and_nothing_is_kept(world: World) -> None:
    path = world.services.settings.home / "inbox" / "erp.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE contact (id integer PRIMARY KEY, updated_at timestamp)")
    told = await found(world, "erp", kind="sqlite", database=str(path))
    entry = {"table": "contact", "cursor": "updated_at"}
    assert told["found"] == [{"title": "contact", "detail": "changes by “updated_at”", "entry": entry}]
    assert (await world.json("administrator", "/sources/erp/connection"))["settings"] == {}


async def test_what_cannot_be_looked_into_says_why(world: World) -> None:
    assert "Kind of database" in (await found(world, "erp"))["detail"]
    told = await found(world, "erp", kind="sqlite", database="x", timeout_seconds="soon")
    assert "timeout_seconds" in told["detail"]
    assert "nothing can be found" in (await found(world, "pushed"))["detail"]
    agent = await world.as_role("support_agent")
    assert (await agent.post("/api/v1/sources/erp/connection/find", json={})).status_code == 403
