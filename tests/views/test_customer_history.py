"""What became of a customer, in words, and under every id it ever had."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from regard.events.envelope import Event, RecordKey
from regard.events.judgement_events import JudgementRecorded, JudgementWithdrawn
from regard.kit.clock import SetClock
from regard.kit.ids import derived_id
from tests.api.world import World, id_of
from tests.views.customers import record

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ANNE = record(
    "crm", "contacts", "C-17", NOON - timedelta(days=300), full_name="Anne Kowalczyk",
    email="anne.kowalczyk@example.com", phone="+49 171 2345678", birth_date="1980-02-03",
)  # fmt: skip
TWIN = record(
    "shop", "customers", "K-9", NOON - timedelta(days=20), full_name="Anna Kowalczyk",
    email="anne.kowalczyk@example.com", phone="+49 171 2345678", birth_date="1980-02-03",
)  # fmt: skip
JAN = record("shop", "customers", "K-10", NOON - timedelta(days=10), full_name="Jan Nowak")
JUDGEMENT = derived_id("a judgement of this test")
SUBJECT = RecordKey("regard", "judgements", str(JUDGEMENT))


def _judged() -> Event:
    body = JudgementRecorded(JUDGEMENT, "same", [id_of(ANNE), id_of(TWIN)], [id_of(JAN)], "kim", "he told us")
    return Event("regard", "made", SUBJECT, NOON, NOON, NOON, body)


def _taken_back() -> Event:
    later = NOON + timedelta(minutes=1)
    body = JudgementWithdrawn(JUDGEMENT, "lee", "a mistake")
    return Event("regard", "withdrawn", SUBJECT, later, later, later, body)


async def _tell(world: World, clock: SetClock) -> None:
    await world.add_source("crm", "CRM")
    await world.add_source("shop", "Web shop")
    for events in ([ANNE], [TWIN], [JAN], [_judged()], [_taken_back()]):
        clock.advance(timedelta(seconds=1))
        await world.deliver(*events)


async def test_the_history_says_in_words_who_was_joined_by_whom_and_why(
    world: World, clock: SetClock
) -> None:
    await _tell(world, clock)
    answer = await world.json("data_steward", f"/customers/{id_of(ANNE)}/changes")
    assert [(row["what"], row["because"]) for row in answer["changes"]] == [
        ("Split: Web shop K-10 became a customer of its own", "because lee took a judgement back"),
        ("Joined with Web shop K-10", "because kim judged so: he told us"),
        ("Web shop K-9 joined", answer["changes"][2]["because"]),
        ("CRM C-17 was first seen", ""),
    ]
    assert answer["changes"][2]["because"].startswith("because of same ")
    identity = await world.json("data_steward", f"/customers/{id_of(ANNE)}/identity")
    assert identity["changes"] == answer["changes"]


async def test_both_sides_of_a_split_know_where_they_are_from(world: World, clock: SetClock) -> None:
    await _tell(world, clock)
    answer = await world.json("data_steward", f"/customers/{id_of(JAN)}/changes")
    assert [row["what"] for row in answer["changes"]] == [
        "Split off from CRM C-17",
        "Joined with CRM C-17",
        "Web shop K-10 was first seen",
    ]
    assert answer["changes"][1]["before"] == sorted([str(id_of(ANNE)), str(id_of(JAN))])


async def test_the_history_comes_in_pages(world: World, clock: SetClock) -> None:
    await _tell(world, clock)
    path = f"/customers/{id_of(ANNE)}/changes"
    whole = (await world.json("data_steward", path))["changes"]
    first = await world.json("data_steward", f"{path}?limit=3")
    client = await world.as_role("data_steward")
    second = (await client.get(f"/api/v1{path}", params={"before": first["next"]})).json()
    assert first["changes"] + second["changes"] == whole
    assert second["next"] is None
    refused = await client.get(f"/api/v1{path}", params={"before": "yesterday"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unreadable_place")


async def test_an_id_from_before_a_merge_opens_the_customer_of_today_and_says_so(world: World) -> None:
    await world.deliver(ANNE, TWIN, JAN, _judged())
    steward = await world.as_role("data_steward")
    answer = await steward.get(f"/api/v1/customers/{id_of(JAN)}")
    assert answer.json()["id"] == str(id_of(ANNE))
    assert answer.headers["content-location"] == f"/api/v1/customers/{id_of(ANNE)}"
    today = await steward.get(f"/api/v1/customers/{id_of(ANNE)}")
    assert "content-location" not in today.headers


async def test_who_may_not_see_identities_is_not_told_their_history(world: World) -> None:
    await world.deliver(ANNE)
    administrator = await world.as_role("administrator")
    answer = await administrator.get(f"/api/v1/customers/{id_of(ANNE)}/changes")
    assert answer.status_code == 403
    steward = await world.as_role("data_steward")
    missing = await steward.get(f"/api/v1/customers/{id_of(JAN)}/changes")
    assert missing.status_code == 404
