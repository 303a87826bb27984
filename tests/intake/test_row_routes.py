"""Change streams that are pushed arrive once, with an account of every message."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import httpx
import pytest
import yaml

from regard.connectors.mapping.describe_stream_mapping import read_stream_mapping
from regard.events.raw_events import RawReceived
from regard.events.record_events import RecordDeleted, RecordUpserted
from regard.intake import receive_pushed_rows
from regard.intake.keep_deliveries import note_deliveries
from regard.intake.keep_quarantine import QuarantineResolvedError
from regard.intake.keep_stream_mappings import save_mapping
from regard.intake.receive_pushed_rows import PushedRowDoor
from tests.intake.conftest import Door
from tests.intake.hostile_bodies import HOSTILE_BODIES

DEBEZIUM, EVENTS = "/v1/debezium", "/v1/cloudevents"
MILLIS = 1_700_000_000_000


def change(number: int, op: str = "c", name: str = "Ann", at: int = 0) -> dict[str, Any]:
    row = {"id": number, "name": name}
    sides = {"before": row, "after": None} if op == "d" else {"before": None, "after": row}
    return {"op": op, **sides, "source": {"schema": "public", "table": "customers", "ts_ms": MILLIS + at}}


def event(number: int, **given: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"e{number}", "source": "/shop", "type": "com.acme.customer.updated",
        "subject": "c1", "time": f"2026-05-01T08:00:{number:02}Z", "data": {"number": number}, **given,
    }  # fmt: skip


async def push(door: Door, path: str, body: Any, **headers: str) -> httpx.Response:
    given = {"authorization": f"Bearer {door.shop_key}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await door.send("POST", path, content, given)


def counts(answer: httpx.Response) -> tuple[int, int, int, int]:
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["sent"] == told["accepted"] + told["duplicate"] + told["rejected"]
    return told["sent"], told["accepted"], told["duplicate"], told["rejected"]


async def rows(door: Door) -> list[tuple[str, str, Any]]:
    """The raw rows in the order of the log."""
    return [
        (event.body.stream, event.body.external_id, json.loads(event.body.raw or "null"))
        for event in await door.log() if isinstance(event.body, RawReceived)
    ]  # fmt: skip


async def test_changes_come_one_by_one_as_a_list_and_as_records_and_each_counts_once(door: Door) -> None:
    bodies: list[Any] = [
        change(1), [change(2), change(3)], {"records": [{"key": {"id": 4}, "value": change(4)}]},
    ]  # fmt: skip
    assert [counts(await push(door, DEBEZIUM, body)) for body in bodies] == [
        (1, 1, 0, 0), (2, 2, 0, 0), (1, 1, 0, 0),
    ]  # fmt: skip
    assert [counts(await push(door, DEBEZIUM, body))[2] for body in bodies] == [1, 2, 1]
    assert sorted(key for _, key, _ in await rows(door)) == ["1", "2", "3", "4"]


async def test_a_row_is_changed_and_deleted_and_an_old_state_that_comes_again_brings_it_not_back(
    door: Door,
) -> None:
    sent = [change(1), change(1, "u", "Anne", 1), change(1, "d", at=2)]
    assert counts(await push(door, DEBEZIUM, sent)) == (3, 3, 0, 0)
    heads = "SELECT deleted FROM intake.raw_head WHERE external_id = '1'"
    assert await door.pool.fetchval(heads) is True
    await push(door, DEBEZIUM, sent[:2])
    assert await door.pool.fetchval(heads) is True


async def test_a_batch_is_noted_at_once_and_many_states_of_one_row_share_no_long_transaction(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[int] = []

    async def note(connection: Any, source: str, names: Any, now: Any) -> set[str]:
        noted.append(len(names))
        return await note_deliveries(connection, source, names, now)

    monkeypatch.setattr(receive_pushed_rows, "note_deliveries", note)
    batch = {"content_type": "application/cloudevents-batch+json"}
    events = [event(number, subject=f"c{number}") for number in range(50)]
    assert counts(await push(door, EVENTS, [*events, events[0]], **batch)) == (51, 50, 1, 0)
    assert noted == [50]
    # One row that changes twenty times within a batch: three short transactions, the order kept.
    states = [event(100 + number, data={"number": number}) for number in range(20)]
    for number, one in enumerate(states):
        one |= {"time": f"2026-05-02T08:00:{number:02}Z", "subject": "busy"}
    assert counts(await push(door, EVENTS, [*states, events[0]], **batch)) == (21, 20, 1, 0)
    assert noted[1:] == [8, 8, 5, 4]
    assert [body["number"] for _, key, body in await rows(door) if key == "busy"] == list(range(20))


async def test_what_is_no_row_is_no_failure(door: Door) -> None:
    for body in (b"", b"null", b'{"ts_ms":1}', b"[]"):
        answer = await push(door, DEBEZIUM, body)
        assert answer.json()["rejected"] == 0
        assert answer.status_code == 200
    assert await rows(door) == []


async def test_the_good_half_of_a_batch_is_kept_and_the_bad_half_in_quarantine(door: Door) -> None:
    text = b'[%s,{"op":NaN},17,%s]' % (json.dumps(change(1)).encode(), json.dumps(change(2, "t")).encode())
    answer = await push(door, DEBEZIUM, text)
    assert counts(answer) == (4, 1, 0, 3)
    assert all(one["detail"] and one["quarantine_id"] for one in answer.json()["rejections"])
    assert await door.count("SELECT count(*) FROM intake.quarantine WHERE dialect = 'debezium'") == 3
    traffic = await door.pool.fetchrow("SELECT accepted, duplicate, rejected FROM sources.traffic")
    assert traffic is not None
    assert tuple(traffic) == (1, 0, 3)


async def test_events_come_in_binary_structured_and_batch_form(door: Door) -> None:
    binary = await push(
        door, EVENTS, {"number": 1}, ce_specversion="1.0", ce_id="e1", ce_source="/shop", ce_type="a.b",
        content_type="application/json",
    )  # fmt: skip
    structured = await push(
        door, EVENTS, event(2), content_type="application/cloudevents+json; charset=utf-8"
    )
    batch = await push(
        door, EVENTS, [event(3), event(4, subject="c2")], content_type="application/cloudevents-batch+json"
    )
    assert [counts(one)[1] for one in (binary, structured, batch)] == [1, 1, 2]
    kept = await rows(door)
    assert sorted((stream, key) for stream, key, _ in kept) == [
        ("a.b", "/shop#e1"), ("com.acme.customer", "c1"), ("com.acme.customer", "c1"),
        ("com.acme.customer", "c2"),
    ]  # fmt: skip
    assert [body["number"] for _, key, body in kept if key == "c1"] == [2, 3]


async def test_an_event_with_the_same_source_and_id_is_the_same_event(door: Door) -> None:
    assert counts(await push(door, EVENTS, [event(1), event(2)])) == (2, 2, 0, 0)
    # Changed content or not: the name says that it was received.
    again = [event(1, data={"number": 9}), event(2), event(3), event(3, data={"number": 8})]
    assert counts(await push(door, EVENTS, again)) == (4, 1, 3, 0)
    assert counts(await push(door, EVENTS, again)) == (4, 0, 4, 0)
    assert sorted(body["number"] for _, _, body in await rows(door)) == [1, 2, 3]
    other = event(1, source="/crm")
    assert counts(await push(door, EVENTS, other))[1] == 1
    traffic = await door.pool.fetchrow("SELECT accepted, duplicate, rejected FROM sources.traffic")
    assert traffic is not None
    assert tuple(traffic) == (4, 7, 0)


async def test_a_sender_that_asks_first_is_welcome(door: Door) -> None:
    headers = {"webhook-request-origin": "eventgrid.example"}
    answer = await door.send("OPTIONS", f"{EVENTS}?key={door.shop_key}", b"", headers)
    assert (answer.status_code, answer.headers["webhook-allowed-origin"]) == (200, "eventgrid.example")
    assert (await door.send("OPTIONS", f"{EVENTS}?key=wrong", b"", headers)).status_code == 401


@pytest.mark.parametrize("path", [DEBEZIUM, EVENTS])
async def test_the_key_decides_who_may_push(door: Door, path: str) -> None:
    body = json.dumps(change(1) if path == DEBEZIUM else event(1)).encode()
    assert (await door.send("POST", path, body)).status_code == 401
    assert (await door.send("POST", path, body, {"authorization": "Bearer wrong"})).status_code == 401
    assert (await door.send("POST", f"{path}?key={door.shop_key}", body)).status_code == 200


async def test_no_hostile_body_is_answered_with_a_failure_of_its_own(door: Door) -> None:
    for name, (body, _) in HOSTILE_BODIES.items():
        inside = b'[{"op":"c","after":' + body + b',"source":{"table":"t"}}]'
        for path in (DEBEZIUM, EVENTS):
            for sent in (body, inside):
                answer = await push(door, path, sent)
                assert answer.status_code in (200, 400, 413), (name, path, answer.status_code, answer.text)


async def test_what_was_refused_may_be_corrected_and_taken_after_all(door: Door) -> None:
    left_out = change(1)
    left_out["after"]["note"] = "__debezium_unavailable_value"
    refused = (await push(door, f"{DEBEZIUM}?columns=id", left_out)).json()["rejections"][0]
    assert "REPLICA IDENTITY" in refused["detail"]
    rows_of_the_shop = PushedRowDoor(door.pool, door.keyring, door.world.back_end.clock)
    item = UUID(refused["quarantine_id"])
    again = await rows_of_the_shop.retry("shop", item, None, "anna")
    assert again is not None
    assert (again.verdict, again.quarantine_id) == ("rejected", item)
    taken = await rows_of_the_shop.retry("shop", item, change(1), "anna")
    assert taken is not None
    assert taken.verdict == "accepted"
    assert [key for _, key, _ in await rows(door)] == ["1"]
    traffic = await door.pool.fetchrow(
        "SELECT sum(accepted), sum(duplicate), sum(rejected) FROM sources.traffic"
    )
    assert traffic is not None
    assert tuple(traffic) == (1, 0, 0)
    with pytest.raises(QuarantineResolvedError):
        await rows_of_the_shop.retry("shop", item, None, "anna")


async def test_an_item_that_is_no_row_is_left_to_its_own_door(door: Door) -> None:
    await door.call("/v1/track", {"type": "track", "userId": "u"})
    item = await door.pool.fetchval("SELECT id FROM intake.quarantine")
    rows_of_the_web = PushedRowDoor(door.pool, door.keyring, door.world.back_end.clock)
    assert await rows_of_the_web.retry("web", item, None, "anna") is None


CUSTOMERS = """
stream: customers
items:
  - target: person
    id: id
    fields: {full_name: name, email: email}
"""


async def test_a_pushed_row_becomes_a_customer_and_a_deleted_one_is_gone(door: Door) -> None:
    async with door.pool.acquire() as connection:
        mapping = read_stream_mapping(yaml.safe_load(CUSTOMERS))
        await save_mapping(connection, "shop", mapping, "anna", door.world.back_end.clock.now())
    row = change(1)
    row["after"]["email"] = "ann@example.com"
    moved = event(
        1,
        type="customers.updated.v1",
        subject="1",
        data={"id": 1, "name": "Anne", "email": "ann@example.com"},
    )
    assert counts(await push(door, DEBEZIUM, row))[1] == 1
    # A later state that comes in another form is the next state of the same row.
    assert counts(await push(door, f"{EVENTS}?stream=customers", moved))[1] == 1
    await door.world.back_end.projector.catch_up()
    known = "SELECT count(*) FROM identity.membership"
    assert await door.count(known) == 1
    stated = [one.body for one in await door.log() if isinstance(one.body, RecordUpserted)]
    assert [one.fields["full_name"] for one in stated] == ["Ann", "Anne"]
    gone = event(2, type="customers.deleted", subject="1", data=None, time="2026-05-02T08:00:00Z")
    assert counts(await push(door, f"{EVENTS}?stream=customers", gone))[1] == 1
    assert [one.body.external_id for one in await door.log() if isinstance(one.body, RecordDeleted)] == ["1"]
