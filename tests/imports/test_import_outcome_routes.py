"""Behind the numbers of an import: its rows, old against new, and taking it back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from regard.db.pool import Pool
from regard.kit.clock import SetClock
from tests.api.world import World, open_world
from tests.imports.conftest import run_next_import
from tests.laws.back_end import open_back_end
from tests.views.customers import record

PEOPLE = "id,name,email,phone,city\n1,Anna Nowak,anna@example.com,030 901820,Leeds\n2,Ben Smith,,,Bath\n"


@pytest.fixture
async def world(pool: Pool, clock: SetClock, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(await open_back_end(pool, clock, tmp_path), tmp_path) as world:
        await world.add_source("old", "Old system")
        yield world


async def work(world: World) -> None:
    await run_next_import(world)
    await world.back_end.projector.catch_up()


async def bring(
    world: World, content: str = PEOPLE, stream: str = "customers"
) -> tuple[httpx.AsyncClient, str]:
    client = await world.as_role("data_steward")
    address = f"/api/v1/imports?source=old&stream={stream}&filename={stream}.csv"
    one = f"/api/v1/imports/{(await client.post(address, content=content)).json()['id']}"
    assert (await client.post(f"{one}/run")).status_code == 202
    await work(world)
    return client, one


async def read(client: httpx.AsyncClient, address: str) -> Any:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_stored_rows_lead_to_their_customers(world: World) -> None:
    client, one = await bring(world)
    first = await read(client, f"{one}/rows?outcome=stored&limit=1")
    assert [row["row"] for row in first["rows"]] == [2]
    [became] = first["rows"][0]["became"]
    assert became["customer"]["name"] == "Anna Nowak"
    assert "Nowak" in str(await read(client, f"/api/v1/customers/{became['customer']['id']}"))
    rest = await read(client, f"{one}/rows?outcome=stored&after={first['next']}")
    assert [row["became"][0]["customer"]["name"] for row in rest["rows"]] == ["Ben Smith"]
    assert (await read(client, f"{one}/rows?outcome=unchanged"))["rows"] == []


async def test_who_sees_no_customers_sees_no_names_of_them(world: World) -> None:
    _, one = await bring(world)
    blind = await world.as_role("administrator")
    rows = (await read(blind, f"{one}/rows?outcome=stored"))["rows"]
    assert [row["became"][0]["customer"] for row in rows] == [None, None]
    compared = await blind.get(f"{one}/comparison")
    assert "Anna" not in compared.text
    assert "xxx@xxx.xxx" in compared.text


async def test_a_sample_stands_beside_the_customers_of_today(world: World) -> None:
    client, one = await bring(world)
    world.back_end.clock.advance(timedelta(minutes=5))
    newer = record(
        "crm", "people", "9", world.back_end.clock.now(), full_name="Anna Nowak", email="anna@example.com",
        phone="+49 30 901820", city="York",
    )  # fmt: skip
    await world.back_end.deliver([newer])
    report = await read(client, f"{one}/comparison?rows=5")
    anna, ben = report["rows"]
    by_field = {field["field"]: field for field in anna["fields"]}
    assert by_field["city"]["said"] == ["Leeds"]
    assert by_field["city"]["now"] == "York"
    assert (by_field["city"]["verdict"], by_field["city"]["source"]) == ("different", "crm")
    assert by_field["email"]["verdict"] == "same"
    assert {field["verdict"] for field in ben["fields"]} == {"same"}
    totals = {total["field"]: total for total in report["totals"]}
    assert (totals["city"]["same"], totals["city"]["different"], totals["city"]["missing"]) == (1, 1, 0)


async def test_rows_of_orders_stand_beside_the_timeline(world: World) -> None:
    client, one = await bring(
        world, "order id,customer id,order date,status\nO1,1,2024-01-01,paid\n", stream="orders"
    )
    [row] = (await read(client, f"{one}/comparison"))["rows"]
    assert {field["field"]: field["verdict"] for field in row["fields"]}["status"] == "same"
    [stored] = (await read(client, f"{one}/rows?outcome=stored"))["rows"]
    assert stored["became"][0]["what"] == "order"


async def test_an_import_is_taken_back_and_says_so(world: World) -> None:
    client, one = await bring(world)
    started = await client.post(f"{one}/revert")
    assert started.status_code == 202
    assert started.json()["status"] == "reverting"
    await work(world)
    done = await read(client, one)
    assert done["status"] == "reverted"
    assert done["revert"] == {"of": 2, "done": 2, "handed_over": 0}
    assert (await read(client, "/api/v1/customers?q=Nowak"))["results"] == []
    assert all(row["taken_back"] for row in (await read(client, f"{one}/rows?outcome=stored"))["rows"])
    again = await client.post(f"{one}/revert")
    assert (again.status_code, again.json()["status"]) == (202, "reverted")


async def test_what_stored_nothing_cannot_be_taken_back(world: World) -> None:
    await bring(world)
    client, copy = await bring(world)
    answer = await client.post(f"{copy}/revert")
    assert answer.status_code == 409
    assert answer.json()["code"] == "nothing_to_revert"


async def test_taking_back_needs_the_right_to_import(world: World) -> None:
    _, one = await bring(world)
    agent = await world.as_role("support_agent")
    assert (await agent.post(f"{one}/revert")).status_code == 403
    assert (await agent.get(f"{one}/comparison")).status_code == 403
    assert (await agent.get(f"{one}/rows?outcome=stored")).status_code == 403
