"""A field that vanishes from a stream empties no customer: its records wait until a person decides."""

from __future__ import annotations

from typing import Any

import pytest

from regard.connectors.connector_contract import RawRecord
from regard.intake.hold_vanished_fields import lacks, list_holds
from regard.intake.judge_health import read_health
from regard.intake.remap_records import Remapper
from tests.intake.raw_desk import Desk

PEOPLE = """
stream: people
items:
  - target: person
    id: id
    fields: {full_name: name, phone: PHONE}
"""


def person(number: int, **more: Any) -> RawRecord:
    return RawRecord("people", str(number), {"id": number, "name": f"Person {number}", **more})


async def fill(desk: Desk) -> None:
    await desk.map(PEOPLE.replace("PHONE", "phone"))
    await desk.take(*[person(n, phone=f"+49 30 9018{n:02}") for n in range(30)])


async def phones(desk: Desk) -> int:
    back_end = desk.door.world.back_end
    remapper = Remapper(desk.door.pool, desk.door.keyring, back_end.clock)
    while await remapper.work_once():
        pass
    await back_end.projector.catch_up()
    return int(await desk.door.pool.fetchval(
        "SELECT count(*) FROM records.source_record WHERE fields ? 'phone' AND NOT deleted"
    ))  # fmt: skip


async def health(desk: Desk) -> tuple[str, str]:
    async with desk.door.pool.acquire() as connection:
        found = await read_health(connection, desk.door.world.back_end.clock.now())
    return next((one.state, one.sentence) for one in found if one.source == "shop")


async def test_a_renamed_field_empties_nobody_and_the_source_is_not_well(desk: Desk) -> None:
    await fill(desk)
    assert (await health(desk))[0] == "well"
    renamed = [person(n, telephone=f"+49 30 9018{n:02}") for n in range(25)]
    assert await desk.take(*renamed) == ["accepted"] * 25
    assert await phones(desk) == 30
    state, sentence = await health(desk)
    assert state == "failing"
    assert "“phone” vanished" in sentence
    assert "25 records wait" in sentence
    assert await desk.take(*renamed) == ["duplicate"] * 25  # the next poll brings the same
    await desk.take(person(99, telephone="+49 30 901899"))  # new ones have nothing to lose
    assert await desk.door.pool.fetchval("SELECT count(*) FROM records.source_record") == 30
    assert await phones(desk) == 30


async def test_a_mapping_that_reads_the_new_field_beside_the_old_one_ends_the_waiting(desk: Desk) -> None:
    await fill(desk)
    await desk.take(*[person(n, telephone=f"+49 30 8018{n:02}") for n in range(25)])
    await desk.map(PEOPLE.replace("PHONE", "[phone]"))
    assert (await health(desk))[0] == "failing"
    await desk.map(PEOPLE.replace("PHONE", "[telephone, phone]"))
    assert await phones(desk) == 30
    assert (await health(desk))[0] == "well"
    changed = "SELECT count(*) FROM records.source_record WHERE fields ->> 'phone' LIKE '%8018%'"
    assert await desk.door.pool.fetchval(changed) == 25


async def test_a_person_goes_on_without_the_field_and_it_is_written_down(desk: Desk) -> None:
    await fill(desk)
    await desk.take(*[person(n) for n in range(25)])
    client = await desk.door.world.as_role("administrator")
    listed = (await client.get("/api/v1/sources/shop/streams")).json()["streams"]
    held = next(one["held"] for one in listed if one["stream"] == "people")
    assert (held["places"], held["records"]) == (["phone"], 25)
    agent = await desk.door.world.as_role("support_agent")
    path = "/api/v1/sources/shop/streams/people/go-on"
    assert (await agent.post(path)).status_code == 403
    assert (await client.post(path)).json() == {"places": ["phone"]}
    assert await phones(desk) == 5
    assert (await health(desk))[0] == "well"
    acts = "SELECT fields FROM access.audit_read WHERE action = 'field_given_up'"
    assert await desk.door.pool.fetchval(acts) == "source=shop;stream=people;places=phone"
    await desk.take(person(27))
    assert await phones(desk) == 4


async def test_a_record_that_lost_the_field_by_itself_waits_for_the_next_one_that_has_it(
    desk: Desk,
) -> None:
    await fill(desk)
    await desk.take(person(3))
    assert await phones(desk) == 30
    await desk.take(person(4, phone="+49 30 555555"))
    assert (await health(desk))[0] == "well"
    assert await phones(desk) == 29
    await desk.take(person(5))  # from now on a record may lack it
    assert await phones(desk) == 28


async def test_a_field_without_a_value_has_not_vanished(desk: Desk) -> None:
    await fill(desk)
    await desk.take(*[person(n, phone=None) for n in range(25)])
    async with desk.door.pool.acquire() as connection:
        assert await list_holds(connection) == []
    assert await phones(desk) == 5


async def test_what_the_source_deletes_is_deleted_while_others_wait(desk: Desk) -> None:
    await fill(desk)
    await desk.take(person(1), RawRecord("people", "2", None))
    gone = "SELECT count(*) FROM records.source_record WHERE deleted"
    assert await phones(desk) == 29
    assert await desk.door.pool.fetchval(gone) == 1


@pytest.mark.parametrize(
    ("place", "missing"), [("a", False), ("b.c", True), ("b.d", False), ("n.x", False), ("z.q", True)]
)
def test_a_key_is_missing_only_where_what_holds_it_is_there(place: str, missing: bool) -> None:
    assert lacks({"a": None, "b": {"d": 1}, "n": None}, place) is missing
