"""Recorded requests of PostHog's and Snowplow's clients are answered rightly and kept once."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from regard.events.interaction_events import InteractionStated
from regard.events.record_events import RecordPatched
from regard.intake.keep_quarantine import list_items, lock_open_item, open_body
from tests.intake.captured_requests import CapturedRequest, read_requests
from tests.intake.conftest import Door
from tests.intake.hostile_bodies import HOSTILE_BODIES

# The application id is the key that Snowplow's tracker sends.
CAPTURES = {
    "posthog-python-7.91.1": "phc_TEST",
    "posthog-node-5.70.0": "phc_TEST",
    "snowplow-python-1.1.0": "app1",
}
TP2 = "/com.snowplowanalytics.snowplow/tp2"


def items(request: CapturedRequest) -> list[dict[str, Any]]:
    body = json.loads(request.text)
    return list(body.get("batch") or body["data"])


async def replay(door: Door, name: str, folder: Path) -> list[CapturedRequest]:
    requests = read_requests(folder, name)
    for request in requests:
        answer = await door.send(request.method, request.path, request.body, request.headers)
        assert answer.status_code == 200, answer.text
    return requests


async def kept_ids(door: Door) -> list[str]:
    return sorted(
        event.event_id for event in await door.log() if event.event_id and event.event_id[:1] != "~"
    )


async def capture(door: Door, path: str, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await door.send("POST", path, content, headers)


def seen(number: int, **more: Any) -> dict[str, Any]:
    return {"event": "Seen", "distinct_id": "u1", "uuid": f"s{number}", **more}


@pytest.mark.parametrize("name", CAPTURES)
async def test_every_event_of_a_client_stands_in_the_log_once_however_often_it_was_sent(
    door: Door, shared_data: Path, name: str
) -> None:
    await door.allow(CAPTURES[name])
    requests = await replay(door, name, shared_data)
    sent = [str(item.get("uuid") or item.get("eid")) for request in requests for item in items(request)]
    assert await kept_ids(door) == sorted(sent)
    before = await door.count("SELECT sum(seq) FROM eventlog.partition_head")
    await replay(door, name, shared_data)
    assert await door.count("SELECT sum(seq) FROM eventlog.partition_head") == before
    assert await door.count("SELECT count(*) FROM intake.quarantine") == 0


async def test_what_two_libraries_of_one_maker_say_about_one_person_is_the_same(
    door: Door, shared_data: Path
) -> None:
    await door.allow("phc_TEST")
    for name in ("posthog-python-7.91.1", "posthog-node-5.70.0"):
        await replay(door, name, shared_data)
    bodies = [event.body for event in await door.log()]
    told = [body.fields for body in bodies if isinstance(body, RecordPatched) and body.stream == "users"]
    assert told.count({"user_id": "u1", "anonymous_id": ["anon1"]}) == 2
    assert {"email": "Ann@Example.com", "user_id": "u1"} in told
    orders = [body for body in bodies if isinstance(body, InteractionStated)]
    assert {(order.interaction, order.amount_minor) for order in orders} == {("order", 1250)}


@pytest.mark.parametrize(
    "path", ["/batch/", "/capture/", "/e/", "/i/v0/e/", "/i/v0/e", "/track/", "/i/v0/ai/batch/"]
)
async def test_events_come_as_one_as_a_list_and_as_a_batch(door: Door, path: str) -> None:
    key = door.web_key
    bodies: list[Any] = [
        {"api_key": key, "batch": [seen(1), seen(2)], "sent_at": "2026-06-01T12:00:00Z"},
        seen(3, api_key=key),
        [seen(4, properties={"token": key}), seen(5)],
        {"token": key, "batch": [seen(6)]},
    ]
    for body in bodies:
        answer = await capture(door, path, body)
        assert (answer.status_code, answer.json()) == (200, {"status": 1})
    form = urlencode({"data": base64.b64encode(json.dumps(seen(7, api_key=key)).encode()).decode()})
    assert (await capture(door, path, form.encode())).status_code == 200
    packed = gzip.compress(json.dumps([seen(8, api_key=key)]).encode())
    assert (await capture(door, path + "?compression=gzip-js", packed)).status_code == 200
    assert await kept_ids(door) == [f"s{number}" for number in range(1, 9)]


async def test_the_newer_form_is_told_what_became_of_each_event(door: Door) -> None:
    bad = seen(2) | {"distinct_id": "undefined"}
    body = json.dumps({"created_at": "2026-06-01T12:00:00Z", "batch": [seen(1), bad]}).encode()
    headers = {"authorization": f"Bearer {door.web_key}", "content-encoding": "deflate"}
    answer = await door.send("POST", "/i/v1/analytics/events", zlib.compress(body), headers)
    results = answer.json()["results"]
    assert results["s1"] == {"result": "ok"}
    assert results["s2"]["result"] == "drop"
    assert "one person" in results["s2"]["details"]
    assert await door.count("SELECT count(*) FROM intake.quarantine") == 1


async def test_a_key_in_a_refused_event_is_not_kept_with_it(door: Door) -> None:
    body = [{"event": "", "api_key": door.web_key, "properties": {"token": door.web_key, "a": 1}}]
    assert (await capture(door, "/e/", body)).status_code == 200
    async with door.pool.acquire() as connection, connection.transaction():
        (listed,) = await list_items(connection, "web", None, "open", 10)
        item, sealed = await lock_open_item(connection, "web", listed.id)
        kept = await open_body(connection, door.keyring, item, sealed)
    assert json.loads(kept) == {"event": "", "properties": {"a": 1}}


async def test_clients_that_ask_for_flags_hear_that_there_are_none(door: Door) -> None:
    for path in ("/flags/?v=2", "/decide/?v=3", "/flags/?v=4&config=true"):
        answer = await capture(door, path, {"token": door.web_key, "distinct_id": "u1"})
        assert answer.status_code == 200
        assert (answer.json()["flags"], answer.json()["featureFlags"]) == ({}, {})
        assert answer.json()["errorsWhileComputingFlags"] is False
        assert answer.json()["sessionRecording"] is False
    config = await door.send("GET", f"/array/{door.web_key}/config", b"")
    assert config.json()["surveys"] is False
    script = await door.send("GET", f"/array/{door.web_key}/config.js", b"")
    assert script.headers["content-type"].startswith("application/javascript")
    assert json.dumps(door.web_key) in script.text


async def test_browsers_may_send_from_any_page(door: Door) -> None:
    origin = {"origin": "https://shop.example"}
    for path in ("/e/", "/flags/", f"/snowplow/{door.web_key}{TP2}"):
        answer = await door.send(
            "OPTIONS", path, b"", origin | {"access-control-request-headers": "content-type"}
        )
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    # The browser tracker sends with credentials, which needs leave of its own.
    assert answer.headers["access-control-allow-credentials"] == "true"
    refused = await door.send("POST", "/e/", b'{"api_key":"wrong"}', origin)
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://shop.example"


def pinged(number: int, **more: Any) -> dict[str, Any]:
    return {"e": "pv", "eid": f"p{number}", "uid": "u1", "url": "https://x.example/", **more}


async def test_the_key_of_a_tracker_stands_in_its_address_or_is_its_application(door: Door) -> None:
    key = door.web_key
    by_path = await capture(door, f"/snowplow/{key}{TP2}", {"data": [pinged(1)]})
    by_application = await capture(door, TP2, {"data": [pinged(2, aid=key)]})
    query = urlencode(pinged(3))
    pixel = await door.send("GET", f"/snowplow/{key}/i?{query}", b"")
    assert [one.status_code for one in (by_path, by_application, pixel)] == [200, 200, 200]
    assert pixel.headers["content-type"] == "image/gif"
    assert pixel.content[:6] == b"GIF89a"
    assert await kept_ids(door) == ["p1", "p2", "p3"]
    assert all(key not in json.dumps(event.body.properties) for event in await door.log()
               if isinstance(event.body, InteractionStated))  # fmt: skip
    wrong = [
        await capture(door, f"/snowplow/wrong{TP2}", {"data": [pinged(4)]}),
        await capture(door, TP2, {"data": [pinged(4)]}),
        await door.send("GET", "/i", b""),
    ]
    assert [one.status_code for one in wrong] == [401, 401, 401]


async def test_the_good_half_of_a_batch_is_kept_and_the_bad_half_in_quarantine(door: Door) -> None:
    bad = [
        b'{"event":"Seen"}',
        b'{"event":"Seen","distinct_id":"u","properties":{"a":NaN}}',
        b"17",
        b'{"e":"??"}',
    ]
    for number, (path, member, one) in enumerate((("/batch/", "batch", seen(1)), (TP2, "data", pinged(1)))):
        listed = b",".join([json.dumps(one).encode(), *bad])
        text = b'{"%s":[%s]}' % (member.encode(), listed)
        answer = await capture(door, path, text, authorization=f"Bearer {door.web_key}")
        assert answer.status_code == 200
        assert await door.count("SELECT count(*) FROM intake.quarantine") == len(bad) * (number + 1)
    assert await kept_ids(door) == ["p1", "s1"]


async def test_no_hostile_body_is_answered_with_a_failure_of_its_own(door: Door) -> None:
    headers = {"authorization": f"Bearer {door.web_key}"}
    for name, (body, _) in HOSTILE_BODIES.items():
        for path in ("/batch/", "/e/", "/i/v1/analytics/events", "/flags/", TP2):
            answer = await door.send("POST", path, body, headers)
            assert answer.status_code in (200, 400, 413), (name, path, answer.status_code, answer.text)
            wrapped = b'{"batch":[' + body + b'],"data":[' + body + b"]}"
            answer = await door.send("POST", path, wrapped, headers)
            assert answer.status_code in (200, 400, 413), (name, path, answer.status_code, answer.text)


async def test_a_damaged_or_endless_packed_body_is_refused(door: Door) -> None:
    headers = {"authorization": f"Bearer {door.web_key}", "content-encoding": "deflate"}
    sound = zlib.compress(json.dumps({"batch": [seen(1)]}).encode())
    bomb = zlib.compress(b" " * 100_000_000)
    statuses = [
        (await door.send("POST", "/batch/", body, headers)).status_code
        for body in (sound, sound[:-5], sound[:10] + b"\0" + sound[11:], bomb)
    ]
    assert statuses == [200, 400, 400, 413]
    form = b"data=%%%"
    assert (await door.send("POST", "/e/", form, headers)).status_code == 400
