"""The records and interactions API: what goes in, what is refused with which words, and who may push."""

from __future__ import annotations

from typing import Any

from regard.events.interaction_events import InteractionDeleted, InteractionStated, PartyReference
from regard.events.record_events import RecordDeleted, RecordPatched, RecordUpserted
from tests.intake.conftest import Door

ANN = {"stream": "contacts", "id": "1", "kind": "person", "fields": {"full_name": "Ann"}}
ORDER = {
    "stream": "orders", "id": "1001", "type": "order", "occurred_at": "2026-05-30T10:00:00+02:00",
    "party": {"stream": "contacts", "id": 17},
    "fields": {"status": "Paid", "amount": "1.234,50", "gift": True},
}  # fmt: skip


async def test_one_a_list_and_a_named_list_are_taken_alike(door: Door) -> None:
    for body in (ANN, [ANN | {"id": "2"}], {"records": [ANN | {"id": "3"}, ANN | {"id": "4"}]}):
        answer = await door.push("records", body)
        assert answer.status_code == 200
        assert answer.json()["accepted"] == answer.json()["sent"]
    assert len(await door.log()) == 4


async def test_a_push_sent_again_is_a_duplicate_whether_it_has_ids_or_not(door: Door) -> None:
    for item in (ANN, ANN | {"event_id": "e1", "id": "2"}):
        first, again = [(await door.push("records", item)).json() for _ in range(2)]
        assert (first["accepted"], again["accepted"], again["duplicate"]) == (1, 0, 1)


async def test_records_are_stated_patched_and_deleted(door: Door) -> None:
    fields: dict[str, Any] = {
        "email": ["a@x.org", "b@x.org"], "phone": None, "loyalty": 7, "vip": True, "ratio": 2.5,
        "organisation_ref": {"stream": "companies", "id": 5}, "nested": {"a": {"b": [1]}}, "list": [1, "x"],
    }  # fmt: skip
    items = [
        ANN | {"fields": fields, "updated_at": 1_780_000_000},
        {
            "stream": "contacts",
            "id": "1",
            "kind": "person",
            "op": "patch",
            "fields": {"phone": None, "tier": "gold"},
        },
        {"stream": "contacts", "id": "1", "op": "delete"},
    ]
    assert (await door.push("records", items)).json()["accepted"] == 3
    events = await door.log()
    assert [event.body for event in events] == [
        RecordUpserted("contacts", "1", "person", {
            "email": ["a@x.org", "b@x.org"], "loyalty": "7", "vip": "true", "ratio": "2.5",
            "organisation_ref": {"stream": "companies", "id": "5"}, "nested": '{"a": {"b": [1]}}',
            "list": ["1", "x"],
        }),
        RecordPatched("contacts", "1", "person", {"phone": None, "tier": "gold"}),
        RecordDeleted("contacts", "1"),
    ]  # fmt: skip
    assert events[0].stated_at is not None
    assert events[0].stated_at.isoformat() == "2026-05-28T20:26:40+00:00"


async def test_an_interaction_comes_with_its_amount_in_minor_units_and_its_party(door: Door) -> None:
    assert (await door.push("interactions", ORDER)).json()["accepted"] == 1
    (event,) = await door.log()
    assert event.body == InteractionStated(
        "orders", "1001", "order", PartyReference("contacts", "17"), "paid", 123450, "EUR", {}, {"gift": True}
    )
    assert event.occurred_at.isoformat() == "2026-05-30T08:00:00+00:00"
    assert event.subject.external_id == "17"


async def test_an_interaction_of_a_guest_and_a_deletion_are_taken(door: Door) -> None:
    guest = {name: value for name, value in ORDER.items() if name != "party"}
    gone = {"stream": "orders", "id": "1001", "op": "delete"}
    assert (await door.push("interactions", {"interactions": [guest, gone]})).json()["accepted"] == 2
    bodies = [event.body for event in await door.log()]
    assert isinstance(bodies[0], InteractionStated)
    assert bodies[0].party is None
    assert bodies[1] == InteractionDeleted("orders", "1001")


async def test_a_refused_item_is_named_by_its_index_and_kept(door: Door) -> None:
    told = (await door.push("records", [ANN, ANN | {"kind": "animal"}, 17])).json()
    assert (told["sent"], told["accepted"], told["rejected"]) == (3, 1, 2)
    assert [(one["index"], one["code"]) for one in told["rejections"]] == [
        (1, "unknown_word"),
        (2, "wrong_type"),
    ]
    kept = await door.pool.fetch("SELECT id::text FROM intake.quarantine")
    assert {row["id"] for row in kept} == {one["quarantine_id"] for one in told["rejections"]}


async def test_a_source_without_a_currency_asks_for_one(door: Door) -> None:
    order = ORDER | {"fields": {"amount": 5}}
    told = (await door.push("interactions", order, "web", authorization=f"Bearer {door.web_key}")).json()
    assert told["rejections"][0]["code"] == "currency"


async def test_malformed_json_keeps_nothing_of_the_batch(door: Door) -> None:
    answer = await door.push(
        "records", b'[{"stream":"contacts","id":"1","kind":"person","fields":{}},{"stream":}]'
    )
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "byte 70" in answer.json()["detail"]
    assert await door.log() == []
    assert await door.count("SELECT count(*) FROM intake.quarantine") == 0


async def test_only_the_key_of_the_source_or_who_may_configure_sources_may_push(door: Door) -> None:
    for authorization, status in (
        ("", 401), ("Bearer nonsense", 401),
        (f"Bearer {door.web_key}", 403), (f"Bearer {door.shop_key}", 200),
    ):  # fmt: skip
        assert (await door.push("records", ANN, authorization=authorization)).status_code == status
    path = "/api/v1/sources/shop/records"
    for role, status in (
        ("administrator", 200),
        ("data_steward", 200),
        ("support_agent", 403),
        ("marketer", 403),
    ):
        client = await door.world.as_role(role)
        assert (await client.post(path, json=ANN)).status_code == status
    administrator = await door.world.as_role("administrator")
    assert (await administrator.post("/api/v1/sources/nowhere/records", json=ANN)).status_code == 404
