"""A source that is not shown is filled and seen nowhere; hiding and showing it loses nothing."""

from __future__ import annotations

from typing import Any

from regard.connectors.connector_contract import RawRecord
from regard.intake.remap_records import Remapper
from regard.views.count_customers import count_customers
from tests.intake.raw_desk import ORDERS, PARTIES, Desk, order, show

ADA = {"id": 1, "name": "Ada Marsh", "email": "ada@example.com"}
BEA = {"id": 2, "name": "Bea Lund", "email": "bea@example.com"}


async def switch(desk: Desk, *, shown: bool) -> None:
    """Hide or show the shop, and let everything follow from it."""
    back_end = desk.door.world.back_end
    await show(desk, shown=shown)
    remapper = Remapper(desk.door.pool, desk.door.keyring, back_end.clock)
    while await remapper.work_once():
        pass
    await back_end.projector.catch_up()


async def seen(desk: Desk, text: str = "") -> list[str]:
    client = await desk.door.world.as_role("data_steward")
    body = (await client.get("/api/v1/customers", params={"q": text})).json()
    return sorted(str(one["name"]) for one in body["results"])


async def fill(desk: Desk) -> None:
    await desk.map(ORDERS)
    await desk.map(PARTIES)
    await show(desk, shown=True)
    known = {"stream": "users", "id": "u", "kind": "person", "fields": {"full_name": "Cleo Vance"}}
    client = await desk.door.world.as_role("administrator")
    await client.post("/api/v1/sources", json={"slug": "crm", "title": "CRM", "connector": "records_api"})
    key = (await client.post("/api/v1/sources/crm/keys")).json()["key"]
    await desk.door.push("records", known, "crm", authorization=f"Bearer {key}")
    guest = order(7, [1], email=None, customer={"id": 99})  # of a party that nobody ever stated
    await desk.take(RawRecord("parties", "1", ADA), RawRecord("parties", "2", BEA), order(5, [1]), guest)
    await desk.door.world.back_end.projector.catch_up()


async def test_customers_of_a_hidden_source_are_in_no_list_search_or_count(desk: Desk) -> None:
    await fill(desk)
    health = "SELECT count(*) FROM profiles.profile"
    assert await desk.door.pool.fetchval(health) == 5
    assert len(await seen(desk)) == 5
    assert await seen(desk, "ada@example.com") == ["Ada Marsh"]
    await switch(desk, shown=False)
    assert await seen(desk) == ["Cleo Vance"]
    for text in ("ada@example.com", "Bea Lund", "442079460001", "5", "#7"):
        assert await seen(desk, text) == []
    assert await count(desk) == 1
    await switch(desk, shown=True)
    assert len(await seen(desk)) == 5
    assert await seen(desk, "ada@example.com") == ["Ada Marsh"]
    assert await count(desk) == 5


async def count(desk: Desk) -> Any:
    async with desk.door.pool.acquire() as connection:
        return await count_customers(connection)


async def test_hiding_and_showing_adds_no_version_of_a_mapping_and_loses_nothing(desk: Desk) -> None:
    await fill(desk)
    back_end = desk.door.world.back_end
    versions = "SELECT count(*) FROM intake.stream_mapping"
    before = await desk.door.pool.fetchval(versions)
    names = await seen(desk)
    for _ in range(3):
        await switch(desk, shown=False)
        await desk.take(order(6, [2]))  # comes while nobody sees it
        await switch(desk, shown=True)
    assert await desk.door.pool.fetchval(versions) == before
    assert await seen(desk) == names
    assert await desk.door.pool.fetchval("SELECT count(*) FROM timeline.entry WHERE NOT deleted") == 6
    incremental = await back_end.digests()
    await back_end.rebuild()
    assert await back_end.digests() == incremental
    assert await desk.take(RawRecord("parties", "1", ADA), order(5, [1])) == ["duplicate", "duplicate"]
    await desk.map(PARTIES.replace("full_name: name", "full_name: name, nickname: name"))
    await switch(desk, shown=True)
    assert await seen(desk) == names
    stale = await Remapper(desk.door.pool, desk.door.keyring, back_end.clock).work_once()
    assert stale == 0


async def test_a_stream_is_up_to_date_after_being_hidden_and_shown(desk: Desk) -> None:
    await fill(desk)
    await switch(desk, shown=False)
    await switch(desk, shown=True)
    client = await desk.door.world.as_role("administrator")
    streams = (await client.get("/api/v1/sources/shop/streams")).json()["streams"]
    assert [one["waiting_for_mapping"] for one in streams] == [0] * len(streams)
