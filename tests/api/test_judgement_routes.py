"""Merging, splitting and taking back, as the steward's screen does it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from tests.api.world import World, id_of
from tests.views.customers import record
from tests.views.test_compose_view import NOON

ONE = record(
    "crm", "contacts", "1", NOON - timedelta(days=300), full_name="Anne Kowalczyk", email="anne@example.com"
)
TWO = record(
    "shop",
    "customers",
    "2",
    NOON - timedelta(days=200),
    full_name="A. Smith-Jones",
    email="smith@example.org",
)


@asynccontextmanager
async def projecting(world: World) -> AsyncIterator[None]:
    """The projector at work beside the product."""

    async def follow() -> None:
        while True:
            await world.back_end.projector.catch_up()
            await asyncio.sleep(0.02)

    task = asyncio.create_task(follow())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def customers(world: World) -> set[str]:
    rows = await world.fetch("SELECT customer_id::text AS id FROM profiles.profile")
    return {row["id"] for row in rows}


async def test_a_merge_joins_keeps_both_ids_and_can_be_taken_back(world: World) -> None:
    await world.deliver(ONE, TWO)
    before = await customers(world)
    assert before == {str(id_of(ONE)), str(id_of(TWO))}
    steward = await world.as_role("data_steward")
    async with projecting(world):
        body = {"with": str(id_of(TWO)), "reason": "She told me"}
        merged = (await steward.post(f"/api/v1/customers/{id_of(ONE)}/merge", json=body)).json()
        assert merged["applied"] is True
        assert await customers(world) == {merged["customer"]} == {str(id_of(ONE))}
        view: Any = await world.json("data_steward", f"/customers/{id_of(TWO)}")
        assert view["id"] == str(id_of(ONE))
        assert view["header"]["identity"]["records"] == 2
        identity = await world.json("data_steward", f"/customers/{id_of(ONE)}/identity")
        (judgement,) = identity["judgements"]
        assert (judgement["by"], judgement["reason"], judgement["active"]) == (
            "data_steward",
            "She told me",
            True,
        )
        assert identity["joins"][0]["words"] == "A person decided that they are the same."
        again = await steward.post(f"/api/v1/customers/{id_of(ONE)}/merge", json=body)
        assert (again.status_code, again.json()["code"]) == (422, "judgement_refused")
        undone = await steward.delete(f"/api/v1/judgements/{judgement['id']}", params={"reason": "A mistake"})
        assert undone.json()["applied"] is True
        assert await customers(world) == before
        twice = await steward.delete(f"/api/v1/judgements/{judgement['id']}")
        assert twice.status_code == 422


async def test_a_split_detaches_the_named_records(world: World) -> None:
    twin = record("shop", "customers", "2", NOON, full_name="Anne Kowalczyk", email="anne@example.com")
    await world.deliver(ONE, twin)
    assert len(await customers(world)) == 1
    steward = await world.as_role("data_steward")
    async with projecting(world):
        path = f"/api/v1/customers/{id_of(ONE)}/split"
        body = {"records": [str(id_of(twin))], "reason": "Mother and daughter"}
        assert (await steward.post(path, json=body)).json()["applied"] is True
        assert await customers(world) == {str(id_of(ONE)), str(id_of(twin))}
    everything = {"records": [str(id_of(ONE))], "reason": ""}
    assert (await steward.post(path, json=everything)).status_code == 422


async def test_only_stewards_judge_and_only_about_what_exists(world: World) -> None:
    await world.deliver(ONE, TWO)
    body = {"with": str(id_of(TWO)), "reason": ""}
    seller = await world.as_role("sales_rep")
    assert (await seller.post(f"/api/v1/customers/{id_of(ONE)}/merge", json=body)).status_code == 403
    steward = await world.as_role("data_steward")
    for path in ("nobody", "00000000-0000-8000-8000-000000000000"):
        assert (await steward.post(f"/api/v1/customers/{path}/merge", json=body)).status_code == 404
    missing = await steward.delete("/api/v1/judgements/00000000-0000-8000-8000-000000000000")
    assert missing.status_code == 404
