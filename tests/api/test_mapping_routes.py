"""What a stream's records mean is looked at on live samples, changed and put back through the API."""

from __future__ import annotations

from typing import Any

import pytest

from regard.connectors.connector_contract import RawRecord
from regard.intake.receive_raw_records import RawIntake
from regard.intake.remap_records import Remapper
from regard.sources.manage_sources import Source, create_source, read_source
from tests.api.world import World

PATH = "/sources/bookings/streams/bookings/mapping"
BOOKINGS = [
    {
        "id": n, "created": f"2026-01-0{n}T10:00:00Z", "status": "confirmed",
        "total": {"value": 100 + n, "currency": "EUR"}, "secret_wish": "a cake",
        "guest": {"firstName": first, "lastName": last, "email": f"{first}@example.com".lower()},
    }
    for n, (first, last) in enumerate([("Anna", "Lee"), ("John", "Smith"), ("Maria", "Rossi")], 1)
]  # fmt: skip


@pytest.fixture
async def booked(world: World) -> World:
    back_end = world.back_end
    async with back_end.pool.acquire() as connection:
        source = Source("bookings", "Bookings", "records_api")
        await create_source(connection, source, back_end.clock.now())
        source = await read_source(connection, "bookings")
    records = [RawRecord("bookings", str(body["id"]), body) for body in BOOKINGS]
    await RawIntake(back_end.pool, back_end.keyring, back_end.clock).receive(source, records)
    return world


async def post(world: World, path: str, role: str = "administrator", **body: Any) -> Any:
    client = await world.as_role(role)
    answer = await client.post(f"/api/v1{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_unknown_stream_gets_a_proposal_that_finds_the_person_inside(booked: World) -> None:
    shown = await post(booked, f"{PATH}/preview")
    assert shown["proposed"]
    assert shown["stated"] == {"order": 3, "person": 3}
    fields = {path["path"]: path["used_as"] for path in shown["places"]}
    assert "person.email" in fields["guest.email"]
    assert shown["unmapped"] == ["secret_wish"]


async def test_somebody_who_may_see_no_customers_sees_only_the_shape_of_samples(booked: World) -> None:
    shown = await post(booked, f"{PATH}/preview", role="administrator")
    text = str(shown)
    assert "Anna" not in text
    assert "anna@example.com" not in text
    assert "a cake" not in text
    assert all(place["masked"] for place in shown["places"])
    items = [item for one in shown["records"] for item in one["items"]]
    assert all(set(item["masked"]) == set(item["fields"]) for item in items)


async def test_a_saved_mapping_reads_what_was_kept_and_can_be_put_back(booked: World) -> None:
    client = await booked.as_role("administrator")
    proposed = (await post(booked, f"{PATH}/propose"))["mapping"]
    saved = await client.put(f"/api/v1{PATH}", json={"mapping": proposed})
    assert saved.json() == {"number": 1, "behind": 3}
    back_end = booked.back_end
    remapper = Remapper(back_end.pool, back_end.keyring, back_end.clock)
    assert await remapper.work_once() == 3
    await back_end.projector.catch_up()
    found = await back_end.pool.fetchval("SELECT count(*) FROM profiles.profile")
    assert found == 3
    now = await booked.json("administrator", PATH)
    assert (now["number"], now["behind"]) == (1, 0)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"mapping": {"items": [{"target": "customer", "id": "id"}]}}, "is no target"),
        ({"mapping": {"items": [{"target": "person", "id": "a..b["}]}}, "is no path"),
        ({"yaml": "stream: bookings\nitems: ["}, "not YAML"),
        ({"yaml": "stream: other\nitems: []"}, "make them equal"),
        ({}, "send a mapping"),
        ({"mapping": {"itemz": []}}, "itemz"),
    ],
)
async def test_a_mapping_that_cannot_be_followed_is_refused_with_its_place(
    booked: World, body: dict[str, Any], says: str
) -> None:
    client = await booked.as_role("administrator")
    answer = await client.put(f"/api/v1{PATH}", json=body)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


async def test_a_source_is_profiled_before_it_is_shown(booked: World) -> None:
    twice = {**BOOKINGS[0], "id": 9, "guest": {**BOOKINGS[0]["guest"], "phone": "not a number"}}
    async with booked.back_end.pool.acquire() as connection:
        source = await read_source(connection, "bookings")
    back_end = booked.back_end
    intake = RawIntake(back_end.pool, back_end.keyring, back_end.clock)
    await intake.receive(source, [RawRecord("bookings", "9", twice)])
    shown = await post(booked, "/sources/bookings/profile")
    assert (shown["records"], shown["customers"]) == (3, 3), "one mailbox is one person's record here"
    [persons] = shown["kinds"]
    fields = {one["field"]: one for one in persons["fields"]}
    assert fields["email"]["filled_share"] == 1.0
    assert fields["email"]["valid_share"] == 1.0
    assert "anna" not in str(shown).lower()


@pytest.mark.parametrize("field", ["currency", "state"])
async def test_a_value_at_the_wrong_place_is_named_by_its_place_alone(booked: World, field: str) -> None:
    """An administrator sees no customers, and reads what a mapping refuses."""
    target = {"currency": "order", "state": "consent"}[field]
    item = {"target": target, "id": "id", "fields": {"amount": "total.value", field: "guest.email"}}
    shown = await post(booked, f"{PATH}/preview", mapping={"items": [item]})
    assert field in str(shown["refused"])
    assert "example.com" not in str(shown).lower()
