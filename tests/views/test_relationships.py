"""Who belongs together without being one: households, and people with the place they work at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regard.events.envelope import Event, RecordKey
from regard.events.record_events import RecordDeleted
from tests.api.world import World, id_of
from tests.views.customers import record

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOME = {"street": "Hauptstraße", "house_number": "12", "postcode": "10115", "city": "Berlin"}
ANNE = record(
    "crm", "contacts", "1", NOON - timedelta(days=30), given_name="Anne", family_name="Kowalczyk",
    birth_date="1980-02-03", **HOME,
)  # fmt: skip
JAN = record(
    "shop", "customers", "2", NOON - timedelta(days=20), given_name="Jan", family_name="Kowalczyk",
    birth_date="1978-05-06", **HOME,
)  # fmt: skip
LODGER = record(
    "shop", "customers", "3", NOON - timedelta(days=10), given_name="Otto", family_name="Wolf",
    birth_date="1990-05-06", **HOME,
)  # fmt: skip
FIRM = record(
    "crm",
    "accounts",
    "A-1",
    NOON,
    "organisation",
    name="Harbour Studios Ltd",
    domain="harbour-studios.example",
)
WORKER = record(
    "shop", "customers", "4", NOON, full_name="Ada Quill", organisation="Harbour Studios",
    email="ada.quill@harbour-studios.example",
)  # fmt: skip


async def card(world: World, event: Event, name: str, role: str = "data_steward") -> Any:
    view = await world.json(role, f"/customers/{id_of(event)}")
    return next((card for card in view["cards"] if card["id"] == name), None)


async def household(world: World, event: Event) -> list[str]:
    return [row["title"] for row in (await card(world, event, "household"))["payload"]["rows"]]


async def customers(world: World) -> int:
    return len(await world.fetch("SELECT FROM profiles.profile"))


async def test_people_of_one_name_and_address_are_a_household_and_stay_two(world: World) -> None:
    await world.deliver(ANNE, JAN, LODGER)
    assert await customers(world) == 3
    assert await household(world, ANNE) == ["Jan Kowalczyk"]
    assert await household(world, JAN) == ["Anne Kowalczyk"]
    assert await household(world, LODGER) == []
    (row,) = (await card(world, ANNE, "household"))["payload"]["rows"]
    assert (row["customer"], row["detail"]) == (str(id_of(JAN)), "Same family name and address")


async def test_a_landline_is_shared_by_a_household_a_mobile_is_not(world: World) -> None:
    people = [
        record("crm", "contacts", str(n), NOON, given_name=given, family_name="Brandt",
               birth_date=f"19{n}0-02-03", phone=phone)
        for n, given, phone in (
            (5, "Vera", "+49 30 1234567"), (6, "Ulf", "+49 30 1234567"),
            (7, "Ida", "+49 171 2345678"), (8, "Max", "+49 171 2345678"),
        )
    ]  # fmt: skip
    await world.deliver(*people)
    assert await customers(world) == 4
    assert await household(world, people[0]) == ["Ulf Brandt"]
    assert await household(world, people[2]) == []


async def test_a_name_that_a_whole_house_bears_makes_no_household(world: World) -> None:
    many = [
        record("crm", "contacts", f"c{n}", NOON, given_name=chr(65 + n) * 4, family_name="Kowalczyk",
               birth_date=f"19{40 + n}-0{1 + n % 9}-11", **HOME)
        for n in range(12)
    ]  # fmt: skip
    await world.deliver(*many)
    assert await customers(world) > 8
    assert await household(world, many[0]) == []


async def test_a_person_works_at_the_organisation_of_the_same_name_and_domain(world: World) -> None:
    stranger = record("shop", "customers", "5", NOON, full_name="Bo Fern", organisation="Harbour Studios",
                      email="bo.fern@gmail.com")  # fmt: skip
    await world.deliver(FIRM, WORKER, stranger)
    (row,) = (await card(world, WORKER, "organisation"))["payload"]["rows"]
    assert row["customer"] == str(id_of(FIRM))
    people = (await card(world, FIRM, "people"))["payload"]["rows"]
    assert [row["title"] for row in people] == ["Ada Quill"]
    (other,) = (await card(world, stranger, "organisation"))["payload"]["rows"]
    assert "customer" not in other


async def test_open_screens_hear_of_who_moves_in_and_out(world: World) -> None:
    await world.deliver(ANNE, JAN)

    async def version() -> int:
        return (
            await world.fetch("SELECT version FROM profiles.profile WHERE customer_id = $1", id_of(ANNE))
        )[0][0]

    before = await version()
    gone = record("shop", "customers", "2", NOON, given_name="Jan", family_name="Kowalczyk",
                  birth_date="1978-05-06", street="Ringweg", house_number="1", city="Bern")  # fmt: skip
    await world.deliver(gone)
    assert await version() > before
    assert await household(world, ANNE) == []
    feed = await world.fetch(
        "SELECT kinds FROM pipeline.change_feed WHERE customer_id = $1 ORDER BY position DESC", id_of(ANNE)
    )
    assert feed[0]["kinds"] == ["ties"]


async def test_a_record_that_is_gone_ties_nobody_any_more(world: World) -> None:
    await world.deliver(ANNE, JAN)
    key = RecordKey("shop", "customers", "2")
    await world.deliver(Event("shop", None, key, NOON, NOON, NOON, RecordDeleted("customers", "2")))
    assert await household(world, ANNE) == []


@pytest.mark.parametrize("role", ["support_agent", "marketer", "privacy_officer"])
async def test_who_may_not_see_addresses_is_not_told_who_lives_together(world: World, role: str) -> None:
    await world.deliver(ANNE, JAN)
    assert await card(world, ANNE, "household", role) is None
