"""The scorecard of a source, and the second look at a value that somebody is typing."""

from __future__ import annotations

from regard.sources.manage_sources import Source, create_source
from tests.api.world import World
from tests.views.customers import record
from tests.views.test_compose_view import NOON


async def test_a_source_shows_how_filled_and_how_valid_its_fields_are(world: World) -> None:
    async with world.back_end.pool.acquire() as connection:
        crm = Source("crm", "CRM", "records_api")
        await create_source(connection, crm, world.back_end.clock.now())
    await world.back_end.deliver([
        record("crm", "people", "1", NOON, given_name="Anna", email=["anna@gmial.com"]),
        record("crm", "people", "2", NOON, given_name="Jan", email=["jan@example.com", "not an address"]),
        record("crm", "people", "3", NOON, given_name="Test"),
    ])  # fmt: skip
    [persons] = (await world.json("data_steward", "/sources/crm/quality"))["kinds"]
    assert persons["records"] == 3
    fields = {one["field"]: one for one in persons["fields"]}
    assert (fields["email"]["filled"], fields["email"]["suspect"], fields["email"]["invalid"]) == (2, 1, 1)
    assert fields["given_name"]["valid_share"] == 0.6667
    assert fields["email"]["reasons"][0]["detail"]


async def test_a_typing_error_is_asked_back(world: World) -> None:
    client = await world.as_role("support_agent")
    body = {"field": "email", "value": "anna@gmial.com"}
    answer = (await client.post("/api/v1/check-value", json=body)).json()
    assert (answer["verdict"], answer["suggestion"]) == ("suspect", "anna@gmail.com")


async def test_nobody_outside_may_ask(world: World) -> None:
    answer = await world.client().post("/api/v1/check-value", json={"field": "email", "value": "a@b.de"})
    assert answer.status_code == 401
