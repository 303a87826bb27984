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


async def test_a_figure_leads_to_its_records_with_the_value_and_what_was_probably_meant(world: World) -> None:
    async with world.back_end.pool.acquire() as connection:
        crm = Source("crm", "CRM", "records_api")
        await create_source(connection, crm, world.back_end.clock.now())
    await world.back_end.deliver([
        record("crm", "people", "1", NOON, full_name="Anna Nowak", email=["anna@gmial.com", "anna@fine.com"]),
        record("crm", "people", "2", NOON, full_name="Jan Kowal", email=["jan@example.com"]),
        record("crm", "people", "3", NOON, full_name="Ewa Lis", email=["ewa@gmial.com"]),
    ])  # fmt: skip
    [persons] = (await world.json("data_steward", "/sources/crm/quality"))["kinds"]
    email = next(one for one in persons["fields"] if one["field"] == "email")
    [reason] = [one for one in email["reasons"] if one["verdict"] == "suspect"]
    assert reason["records"] == 2
    address = f"/sources/crm/quality/records?flag={reason['flag']}&limit=1"
    first = await world.json("data_steward", address)
    second = await world.json("data_steward", f"{address}&after={first['next']}")
    found = {one["id"]: one for one in (*first["records"], *second["records"])}
    assert found["1"]["values"] == [{"value": "anna@gmial.com", "suggestion": "anna@gmail.com"}]
    assert found["1"]["customer"]["name"] == "Anna Nowak"
    assert found.keys() == {"1", "3"}


async def test_who_sees_no_customers_sees_how_a_flagged_value_is_written(world: World) -> None:
    async with world.back_end.pool.acquire() as connection:
        crm = Source("crm", "CRM", "records_api")
        await create_source(connection, crm, world.back_end.clock.now())
    await world.back_end.deliver([record("crm", "people", "1", NOON, email=["anna@gmial.com"])])
    answer = await world.json("administrator", "/sources/crm/quality/records?flag=email:suspect:mail_typo")
    [one] = answer["records"]
    assert one["customer"] is None
    assert one["values"][0]["value"] == "xxx@xxx.xxx"
    agent = await world.as_role("support_agent")
    refused = await agent.get("/api/v1/sources/crm/quality/records?flag=email:suspect:mail_typo")
    assert refused.status_code == 403
