"""Whatever is sent, the doors answer with a reason, keep nothing by halves and never break."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest
from starlette.requests import Request

from regard.api.read_request_body import BodyTooSlowError, read_request_body
from regard.intake.read_json import JsonRefusedError, read_json
from tests.intake.conftest import Door
from tests.intake.hostile_bodies import HOSTILE_BODIES, ITEM


async def test_the_records_api_answers_every_hostile_body_as_it_should(door: Door) -> None:
    wrong = {}
    for name, (body, status) in HOSTILE_BODIES.items():
        answer = await door.push("records", body)
        told = answer.json()
        if answer.status_code != status:
            wrong[name] = (status, answer.status_code, answer.text[:200])
        elif status == 200:
            assert told["sent"] == told["accepted"] + told["duplicate"] + told["rejected"], name
            assert all(one["detail"] and one["quarantine_id"] for one in told["rejections"]), name
        else:
            assert answer.headers["content-type"] == "application/problem+json"
            assert len(told["detail"]) > 20, name
    assert wrong == {}


async def test_the_event_api_answers_no_hostile_body_with_a_failure_of_its_own(door: Door) -> None:
    for name, (body, _) in HOSTILE_BODIES.items():
        as_event = (
            b'{"batch":['
            + body
            + b',{"type":"track","event":"E","userId":"u","messageId":"%s"}]}' % name.encode()
        )
        for path, sent in (("/v1/batch", body), ("/v1/batch", as_event), ("/v1/track", body)):
            answer = await door.send("POST", path, sent, {"authorization": f"Bearer {door.web_key}"})
            assert answer.status_code in (200, 400, 413), (name, path, answer.status_code, answer.text)


async def test_one_bad_event_never_spoils_its_batch(door: Door) -> None:
    def good(number: int) -> bytes:
        return b'{"type":"track","event":"E","userId":"u","messageId":"good-%d"}' % number

    bad = [
        b'{"type":"track","event":"E","userId":"u","properties":{"x":NaN}}',
        rb'{"type":"track","event":"E","userId":"u","properties":{"x":"\ud800"}}',
        b'{"type":"track","event":"E","userId":"u","properties":{"x":"\xff"}}',
        b'{"type":"track","event":"E","userId":"u","userId":"v"}',
        rb'{"type":"track","event":"E","userId":"u","properties":{"x":"\u0000"}}',
        b'{"type":"track","event":"E","userId":"u","properties":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
        b'{"type":"track","event":"E"}',
        b'{"type":"dance","userId":"u"}',
        b'{"type":"track","userId":"u"}',
        b'{"type":"track","event":"Order Completed","userId":"u","properties":{"total":"a lot"}}',
        b'{"type":"track","event":"E","userId":"u","timestamp":"yesterday"}',
        b'{"type":"group","userId":"u"}',
        b'{"type":"alias","userId":"u"}',
        b"17",
    ]
    items = [piece for number, one in enumerate(bad) for piece in (good(number), one)]
    body = b'{"sentAt":"2026-06-01T12:00:00Z","batch":[' + b",".join(items) + b"]}"
    answer = await door.send("POST", "/v1/batch", body, {"authorization": f"Bearer {door.web_key}"})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    kept = [
        event.event_id for event in await door.log() if event.event_id and event.event_id.startswith("good")
    ]
    assert sorted(kept) == sorted(f"good-{number}" for number in range(len(bad)))
    reasons = await door.pool.fetch("SELECT code, reason FROM intake.quarantine ORDER BY id")
    assert len(reasons) == len(bad)
    assert all(len(row["reason"]) > 20 for row in reasons)
    traffic = await door.pool.fetchrow("SELECT accepted, duplicate, rejected FROM sources.traffic")
    assert traffic is not None
    assert tuple(traffic) == (len(bad), 0, len(bad))


async def test_a_body_is_read_whatever_it_says_it_is(door: Door) -> None:
    kinds = (
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
    )
    for number, kind in enumerate(kinds):
        item = ITEM.replace(b'"1"', b'"%d"' % number)
        answer = await door.push("records", item, **{"content-type": kind})
        assert answer.json()["accepted"] == 1
    by_magic = await door.push("records", gzip.compress(ITEM.replace(b'"1"', b'"m"')))
    by_header = await door.push(
        "records", gzip.compress(ITEM.replace(b'"1"', b'"h"')), **{"content-encoding": "gzip"}
    )
    unpacked_on_the_way = await door.push(
        "records", ITEM.replace(b'"1"', b'"u"'), **{"content-encoding": "gzip"}
    )
    assert [one.json()["accepted"] for one in (by_magic, by_header, unpacked_on_the_way)] == [1, 1, 1]
    unknown = await door.push("records", ITEM, **{"content-encoding": "br"})
    assert unknown.status_code == 415


async def test_a_big_number_keeps_all_its_digits(door: Door) -> None:
    body = ITEM.replace(b'"Ann"', b'"Ann","card":12345678901234567890123').replace(
        b'"id":"1"', b'"id":9007199254740993'
    )
    assert (await door.push("records", body)).json()["accepted"] == 1
    (event,) = await door.log()
    assert event.subject.external_id == "9007199254740993"
    assert event.body.fields["card"] == "12345678901234567890123"  # type: ignore[union-attr, index]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b'{"a":[1,{"b":"x\\u0000"}]}', "$.a[1].b"),
        (b'{"a":[1,{"b":"x\\ud800"}]}', "$.a[1].b"),
        (b'{"a":[1,{"b":NaN}]}', "$.a[1].b"),
        (b'{"a":"abc\xff"}', "byte 9"),
        (b'{"a":1,}', "byte 7"),
        (b'{"name":1,"name":2}', "name"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: bytes, place: str) -> None:
    with pytest.raises(JsonRefusedError) as refused:
        read_json(text)
    assert place in str(refused.value)


@pytest.mark.parametrize(
    "value",
    [
        {"a": '":'},
        {'":': '"":"'},
        {"a": ":", "b": {"a": [":", {}]}},
        {"a b": " :", "": ""},
        [[[]]],
        "x",
        -0.5,
        {},
    ],
)
def test_sound_json_is_read_as_it_is(value: Any) -> None:
    for separators in ((",", ":"), (", ", ": "), (" , ", " : ")):
        assert read_json(json.dumps(value, separators=separators).encode()) == value
    assert read_json(json.dumps(value, indent=2).encode()) == value


async def test_a_body_that_trickles_is_given_up() -> None:
    async def trickle() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    request = Request({"type": "http", "method": "POST", "headers": [], "path": "/"}, trickle)
    with pytest.raises(BodyTooSlowError):
        await read_request_body(request, seconds=0.1)
