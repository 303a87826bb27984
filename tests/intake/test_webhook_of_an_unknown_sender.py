"""A sender whom nobody has described: signed pushes, the mapping that is proposed for them, and customers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from regard.db.pool import Pool
from regard.intake.remap_records import Remapper
from regard.kit.clock import SetClock
from tests.api.world import open_world
from tests.connectors import signed_requests as signed
from tests.intake.pushing_hooks import SECRET, Hooks
from tests.laws.back_end import open_back_end


@pytest.fixture
async def pushed(pool: Pool, clock: SetClock, tmp_path: Path) -> AsyncIterator[Hooks]:
    async with open_world(await open_back_end(pool, clock, tmp_path), tmp_path) as world:
        yield Hooks(world)


async def push(hooks: Hooks, body: dict[str, Any] | list[Any], **headers: str) -> int:
    raw = json.dumps(body).encode()
    sign = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return (await hooks.push("webhook", signed.request({"x-acme-proof": sign, **more}, raw))).status_code


async def test_a_caught_push_sent_again_later_with_a_fresh_name_changes_nothing(pushed: Hooks) -> None:
    await pushed.add("webhook")
    old, new = {"id": 7, "status": "trial"}, {"id": 7, "status": "customer"}
    for body, name in ((old, "a"), (new, "b"), (old, "c")):
        assert await push(pushed, body, webhook_id=name) == 200
        assert await push(pushed, body, svix_id=f"{name} again") == 200
    assert [json.loads(one.raw) for one in await pushed.raw()] == [old, new]
    assert (await pushed.counts("webhook"))["seen_before"] == 3
    # Whether it was a copy nobody can tell, so it waits, once.
    (item,) = await pushed.pool.fetch("SELECT * FROM intake.quarantine")
    assert (item["code"], item["status"]) == ("unsure_return", "open")
    door = pushed.world.services.webhooks
    result = await door.retry("webhook", item["id"], None, "ann")
    assert result is not None
    assert result.verdict == "accepted"
    assert [json.loads(one.raw) for one in await pushed.raw()][2:] == [old]


async def test_a_deletion_whose_answer_was_lost_is_sent_again_and_waits_for_nobody(pushed: Hooks) -> None:
    await pushed.add("webhook")
    gone = {"id": 4, "event": "contact.deleted"}
    for body in ({"id": 4, "event": "contact.updated", "name": "Ann"}, gone, gone):
        assert await push(pushed, body) == 200
        pushed.clock.advance(timedelta(minutes=1))
    assert await pushed.pool.fetchval("SELECT count(*) FROM intake.quarantine") == 0
    assert (await pushed.counts("webhook"))["seen_before"] == 1
    assert len(await pushed.raw()) == 2


def stamped(raw: bytes, stamp: str) -> dict[str, str]:
    sign = hmac.new(SECRET.encode(), f"{stamp}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"x-acme-signature": f"t={stamp},v1={sign}"}


async def test_a_return_is_kept_where_nobody_can_copy_it(pushed: Hooks) -> None:
    await pushed.add("webhook")
    first = int(pushed.clock.now().timestamp())
    said: list[str] = []
    for number, status in enumerate(("open", "closed", "open", "open")):
        raw = json.dumps({"id": 1, "status": status}).encode()
        for _copy in range(2):
            answer = await pushed.push("webhook", signed.request(stamped(raw, str(first + number)), raw))
            assert answer.status_code == 200
        said.append(status)
    for status in ("open", "closed", "open", "open"):
        raw = json.dumps({"id": 2, "status": status}).encode()
        answer = await pushed.push("webhook", signed.request({"authorization": f"Bearer {SECRET}"}, raw))
        assert answer.status_code == 200
    stated = [json.loads(one.raw) for one in await pushed.raw()]
    for number in (1, 2):
        mine = sorted(one["status"] for one in stated if one["id"] == number)
        assert mine == ["closed", "open", "open"]
    raw = json.dumps({"id": 1, "status": "closed"}).encode()
    await pushed.push("webhook", signed.request(stamped(raw, str(first + 1)), raw))
    assert len(await pushed.raw()) == len(stated)


async def test_a_return_is_kept_where_the_settings_say_that_it_is_meant(pushed: Hooks) -> None:
    await pushed.add("webhook", {"repeats_meant": True})
    for status in ("open", "open", "closed", "open"):
        assert await push(pushed, {"id": 7, "status": status}) == 200
    stated = sorted(json.loads(one.raw)["status"] for one in await pushed.raw())
    assert stated == ["closed", "open", "open"]


async def test_a_header_names_the_stream_unless_the_settings_do(pushed: Hooks) -> None:
    await pushed.add("webhook")
    body = {"id": 4, "name": "Ann", "updated_at": "2026-05-01T10:00:00Z"}
    assert await push(pushed, body, x_acme_event="contact.updated") == 200
    assert [stream for stream, _ in await pushed.heads()] == ["contact"]


async def test_a_bad_item_of_a_list_waits_in_quarantine_and_the_others_are_taken(pushed: Hooks) -> None:
    await pushed.add("webhook")
    items = [{"id": "L3", "email": "ann@example.com"}, {"nope": 1}, {"id": "L4", "email": "bo@example.com"}]
    assert await push(pushed, items) == 200
    assert sorted(json.loads(one.raw)["id"] for one in await pushed.raw()) == ["L3", "L4"]
    (row,) = await pushed.pool.fetch("SELECT reason FROM intake.quarantine")
    assert row["reason"].startswith("Item 2 of 3: There is no id at “id”")


async def test_a_name_that_standard_webhooks_signed_tells_deliveries_apart(pushed: Hooks) -> None:
    await pushed.add("webhook", secret=signed.STANDARD_SECRET)
    stamp = str(int(pushed.clock.now().timestamp()))
    key = base64.b64decode(signed.STANDARD_SECRET.removeprefix("whsec_"))
    for name, status in (("m1", "open"), ("m2", "closed"), ("m3", "open"), ("m3", "open")):
        raw = json.dumps({"id": 7, "status": status}).encode()
        sign = signed.b64(signed.digest(key, f"{name}.{stamp}.".encode() + raw))
        headers = {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{sign}"}
        answer = await pushed.push("webhook", signed.request({**headers, "svix-id": "x"}, raw))
        assert answer.status_code == 200
    stated = [json.loads(one.raw)["status"] for one in await pushed.raw()]
    assert sorted(stated) == ["closed", "open", "open"]
    assert (await pushed.counts("webhook"))["seen_before"] == 1


async def test_the_proposed_mapping_makes_customers_of_what_is_pushed(pushed: Hooks) -> None:
    await pushed.add("webhook")
    for number, name in enumerate(("Ann Lee", "Bo Ray"), 1):
        guest = {"email": f"{name.split()[0].lower()}@example.com", "name": name}
        booking = {
            "uid": f"b{number}", "title": "Demo", "startTime": f"2026-05-2{number}T09:30:00Z",
            "endTime": f"2026-05-2{number}T10:30:00Z", "attendees": [guest],
        }  # fmt: skip
        assert await push(pushed, {"triggerEvent": "BOOKING_CREATED", "payload": booking}) == 200
    client = await pushed.world.as_role("administrator")
    path = "/api/v1/sources/webhook/streams/booking/mapping"
    proposed = (await client.post(f"{path}/propose", json={})).json()["mapping"]
    assert (await client.put(path, json={"mapping": proposed})).status_code == 200
    back_end = pushed.world.back_end
    assert await Remapper(back_end.pool, back_end.keyring, back_end.clock).work_once() == 2
    await back_end.projector.catch_up()
    assert await pushed.pool.fetchval("SELECT count(*) FROM profiles.profile") == 2
    types = await pushed.pool.fetch("SELECT type FROM timeline.entry")
    assert [row["type"] for row in types] == ["meeting", "meeting"]
