"""Setting sources up, their keys, what they sent, and the quarantine, as the screen uses them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from regard.kit.clock import SetClock
from regard.sources.ingest_keys import KeyDirectory, create_key, is_well_formed, make_token
from regard.sources.manage_sources import SourceReport, list_sources
from tests.intake.conftest import Door

RECORD = {"stream": "contacts", "id": "1", "kind": "person", "fields": {"full_name": "Wilhelmine"}}
BASE = "/api/v1/sources"


async def test_a_source_is_set_up_gets_a_key_and_can_push(door: Door) -> None:
    client = await door.world.as_role("administrator")
    made = await client.post(
        BASE, json={"slug": "crm", "title": "CRM", "connector": "records_api", "currency": "EUR"}
    )
    assert made.status_code == 201
    assert (
        await client.post(BASE, json={"slug": "crm", "title": "C", "connector": "file"})
    ).status_code == 409
    key = (await client.post(f"{BASE}/crm/keys")).json()["key"]
    assert (await door.push("records", RECORD, "crm", authorization=f"Bearer {key}")).json()["accepted"] == 1
    listed = (await client.get(BASE)).json()["sources"]
    (crm,) = [source for source in listed if source["slug"] == "crm"]
    assert (crm["accepted"], crm["last_hour"], crm["lag_seconds"], crm["quarantined"]) == (1, 1, 0.0, 0)


@pytest.mark.parametrize(
    "body",
    [
        {"slug": "Big", "title": "x", "connector": "file"},
        {"slug": "regard", "title": "x", "connector": "file"},
        {"slug": "-", "title": "x", "connector": "file"},
        {"slug": "ok", "title": " ", "connector": "file"},
        {"slug": "ok", "title": "x", "connector": "telepathy"},
        {"slug": "ok", "title": "x", "connector": "file", "currency": "eur"},
        {"slug": "ok"},
    ],
)
async def test_a_source_that_cannot_be_is_refused_with_the_remedy(door: Door, body: dict[str, Any]) -> None:
    client = await door.world.as_role("administrator")
    answer = await client.post(BASE, json=body)
    assert answer.status_code == 422
    assert len(answer.json()["detail"]) > 20


async def test_who_has_no_right_to_sources_learns_nothing_of_them(door: Door) -> None:
    refused = (await door.push("records", {"id": "1"})).json()["rejections"][0]["quarantine_id"]
    client = await door.world.as_role("support_agent")
    for method, path in (
        ("GET", ""), ("POST", "/shop/keys"), ("GET", "/shop/keys"), ("GET", "/shop/quarantine"),
        ("POST", f"/shop/quarantine/{refused}/retry"), ("POST", f"/shop/quarantine/{refused}/discard"),
        ("DELETE", "/shop/keys/00"),
    ):  # fmt: skip
        assert (await client.request(method, BASE + path)).status_code == 403
        assert (await door.world.client().request(method, BASE + path)).status_code == 401


async def test_a_key_is_shown_once_stored_as_a_hash_and_dies_when_revoked(door: Door) -> None:
    client = await door.world.as_role("administrator")
    key = (await client.post(f"{BASE}/shop/keys")).json()["key"]
    assert re.fullmatch(r"rgd_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}", key)
    rows = await door.pool.fetch("SELECT row_to_json(k)::text AS line FROM sources.ingest_key AS k")
    assert all(key not in row["line"] for row in rows)
    bearer = f"Bearer {key}"
    assert (await door.push("records", RECORD, authorization=bearer)).status_code == 200
    listed = (await client.get(f"{BASE}/shop/keys")).json()["keys"]
    (told,) = [one for one in listed if one["hint"] == key[-4:]]
    assert (await client.delete(f"{BASE}/shop/keys/{told['id']}")).status_code == 204
    assert (await door.push("records", RECORD, authorization=bearer)).status_code == 401
    assert (await client.delete(f"{BASE}/shop/keys/{told['id']}")).status_code == 404
    assert (await client.delete(f"{BASE}/shop/keys/nonsense")).status_code == 404


async def test_a_key_revoked_elsewhere_dies_within_a_minute(door: Door, clock: SetClock) -> None:
    seconds = [0.0]
    directory = KeyDirectory(door.pool, door.keyring.token_hash, lambda: seconds[0])
    async with door.pool.acquire() as connection:
        token = await create_key(connection, door.keyring.token_hash, "shop", clock.now())
    assert await directory.find(token) is not None
    await door.pool.execute("UPDATE sources.ingest_key SET revoked_at = now()")
    seconds[0] = 59.0
    assert await directory.find(token) is not None
    seconds[0] = 61.0
    assert await directory.find(token) is None


def test_a_mistyped_key_is_told_from_a_sound_one() -> None:
    token = make_token()
    assert is_well_formed(token)
    assert not is_well_formed(token[:20] + ("a" if token[20] != "a" else "b") + token[21:])
    assert not is_well_formed("rgd_live_")


async def quarantine(client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    answer = await client.get(f"{BASE}/shop/quarantine", params=params)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


async def test_a_refused_item_is_mended_and_the_account_still_adds_up(door: Door) -> None:
    client = await door.world.as_role("data_steward")
    broken = {name: value for name, value in RECORD.items() if name != "kind"}
    await door.push("records", [RECORD | {"id": "2"}, broken])
    (item,) = (await quarantine(client))["items"]
    assert (item["code"], item["status"], item["format"]) == ("missing", "open", "records")
    assert "Wilhelmine" not in str(item)
    path = f"{BASE}/shop/quarantine/{item['id']}"
    still = await client.post(f"{path}/retry", json={})
    assert (still.status_code, still.json()["code"]) == (422, "missing")
    other = await client.post(f"{path}/retry", json={"body": RECORD | {"kind": "animal"}})
    assert (other.status_code, other.json()["code"]) == (422, "unknown_word")
    assert (await quarantine(client))["items"][0]["code"] == "unknown_word"
    mended = await client.post(f"{path}/retry", json={"body": RECORD})
    assert (mended.status_code, mended.json()) == (200, {"verdict": "accepted"})
    assert (await client.post(f"{path}/retry", json={})).status_code == 409
    assert (await quarantine(client))["items"] == []
    assert [one["id"] for one in (await quarantine(client, status="retried"))["items"]] == [item["id"]]
    counts = await door.pool.fetchrow("SELECT accepted, duplicate, rejected FROM sources.traffic")
    assert counts is not None
    assert tuple(counts) == (2, 0, 0)
    assert sorted(event.subject.external_id for event in await door.log()) == ["1", "2"]


async def test_an_item_that_became_right_by_itself_is_retried_as_it_came(door: Door) -> None:
    client = await door.world.as_role("data_steward")
    order = {"stream": "o", "id": "1", "type": "order", "occurred_at": 1_780_000_000, "fields": {"amount": 5}}
    await door.push("interactions", order, "web", authorization=f"Bearer {door.web_key}")
    (item,) = (await client.get(f"{BASE}/web/quarantine")).json()["items"]
    await door.pool.execute("UPDATE sources.source SET currency = 'EUR'")
    answer = await client.post(f"{BASE}/web/quarantine/{item['id']}/retry")
    assert answer.json() == {"verdict": "accepted"}


async def test_an_event_call_is_retried_with_the_times_of_its_first_sending(
    door: Door, clock: SetClock
) -> None:
    client = await door.world.as_role("data_steward")
    call = {
        "userId": "u",
        "messageId": "m",
        "timestamp": "2026-06-01T11:50:00Z",
        "sentAt": "2026-06-01T11:55:00Z",
    }
    await door.call("/v1/track", call)
    clock.advance(timedelta(minutes=20))
    (item,) = (await client.get(f"{BASE}/web/quarantine")).json()["items"]
    path = f"{BASE}/web/quarantine/{item['id']}/retry"
    assert (await client.post(path, json={"body": call | {"event": "Seen"}})).status_code == 200
    event = next(event for event in await door.log() if event.event_id == "m")
    assert (event.occurred_at.isoformat(), event.received_at.isoformat()) == (
        "2026-06-01T11:55:00+00:00", "2026-06-01T12:00:00+00:00",
    )  # fmt: skip


async def test_items_are_paged_and_discarded(door: Door) -> None:
    client = await door.world.as_role("data_steward")
    await door.push("records", [{"id": str(number)} for number in range(5)])
    first = await quarantine(client, limit=3)
    second = await quarantine(client, limit=3, cursor=first["next"])
    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 2, None)
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(set(ids)) == 5
    assert (await client.post(f"{BASE}/shop/quarantine/{ids[0]}/discard")).status_code == 204
    assert (await client.post(f"{BASE}/shop/quarantine/{ids[0]}/discard")).status_code == 409
    assert (await client.post(f"{BASE}/web/quarantine/{ids[1]}/discard")).status_code == 404
    assert len((await quarantine(client))["items"]) == 4


async def test_an_item_whose_key_was_destroyed_can_be_discarded_but_not_opened(door: Door) -> None:
    client = await door.world.as_role("data_steward")
    await door.push("records", {"id": "1"})
    (item,) = (await quarantine(client))["items"]
    keys = "SELECT count(*) FROM eventlog.subject_key"
    await door.pool.execute("DELETE FROM eventlog.subject_key")
    refused = await client.post(f"{BASE}/shop/quarantine/{item['id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (410, "key_destroyed")
    assert await door.pool.fetchval(keys) == 0
    assert (await client.post(f"{BASE}/shop/quarantine/{item['id']}/discard")).status_code == 204
    assert await door.pool.fetchval(keys) == 0


async def test_a_source_gets_another_country_or_none(door: Door) -> None:
    client = await door.world.as_role("administrator")
    for country in ("DE", "PL", None):
        answer = await client.patch(f"{BASE}/shop", json={"country": country})
        assert (answer.status_code, answer.json()["country"]) == (200, country)
    assert (await client.patch(f"{BASE}/shop", json={"country": "de"})).status_code == 422
    assert (await client.patch(f"{BASE}/nobody", json={"country": "DE"})).status_code == 404
    agent = await door.world.as_role("support_agent")
    assert (await agent.patch(f"{BASE}/shop", json={"country": "DE"})).status_code == 403


async def counted(door: Door) -> dict[str, Any]:
    client = await door.world.as_role("administrator")
    listed = (await client.get(BASE)).json()["sources"]
    return next(dict(one) for one in listed if one["slug"] == "shop")


async def report(door: Door) -> SourceReport:
    async with door.pool.acquire() as connection:
        return (await list_sources(connection, door.world.back_end.clock.now(), "shop"))[0]


async def test_the_last_hour_is_counted_to_the_minute(door: Door, clock: SetClock) -> None:
    await door.push("records", [{**RECORD, "id": str(n)} for n in range(5)])
    clock.advance(timedelta(minutes=40))
    await door.push("records", [{**RECORD, "id": str(n)} for n in range(5, 7)])
    assert (await report(door)).last_hour == 7
    clock.advance(timedelta(minutes=21))
    assert (await report(door)).last_hour == 2
    clock.advance(timedelta(minutes=40))
    assert (await report(door)).last_hour == 0


async def test_the_delay_is_that_of_the_newest_thing(door: Door, clock: SetClock) -> None:
    started = clock.now()
    clock.advance(timedelta(hours=1))
    await door.push("records", {**RECORD, "updated_at": (started - timedelta(days=900)).isoformat()})
    assert (await report(door)).lag_seconds is None  # it happened before the source was set up
    changed = (clock.now() - timedelta(seconds=7)).isoformat()
    await door.push("records", {**RECORD, "id": "2", "updated_at": changed})
    assert (await report(door)).lag_seconds == 7.0
    clock.advance(timedelta(hours=1))
    await door.push("records", {**RECORD, "id": "3", "updated_at": (started - timedelta(days=9)).isoformat()})
    assert (await report(door)).lag_seconds == 7.0


async def test_rows_of_files_that_could_not_be_taken_count_in_the_list(door: Door) -> None:
    await door.push("records", {"id": "1"})
    assert ((await counted(door))["quarantined"], (await counted(door))["quarantined_in_imports"]) == (1, 0)
    await door.pool.execute(
        """INSERT INTO imports.import (import_id, filename, source, stream, status, runner, size_bytes,
               digest, encoding, compressed, format, columns, notes, samples, mapping, created_at, created_by)
           SELECT gen_random_uuid(), 'a.csv', 'shop', 'people', s, 'server', 1, s, 'utf-8', false, '{}',
               '[]', '[]', '', '{}', now(), 'ann' FROM unnest(ARRAY['done', 'checked', 'reverted']) AS s;
           INSERT INTO imports.quarantined_row (import_id, row_number, code, content)
           SELECT import_id, n, 'bad', '' FROM imports.import, generate_series(1, 3) AS n"""
    )
    told = await counted(door)
    assert (told["quarantined"], told["quarantined_in_imports"]) == (4, 3)
