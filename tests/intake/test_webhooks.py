"""Pushed requests: proved, taken once, never older over newer, and never lost when they are genuine."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request

from regard.api.webhook_routes import address_of
from regard.connectors.connector_catalogue import find_connector
from regard.intake.keep_connections import Connected, save_connection
from regard.intake.keep_deliveries import drop_old_deliveries
from regard.intake.keep_wanted_records import read_wanted
from regard.sources.manage_sources import Source, create_source
from tests.connectors import signed_requests as signed
from tests.intake.pushing_hooks import SECRET, Hooks


def customer(version: int = 1, **more: Any) -> dict[str, Any]:
    at = f"2026-05-01T10:00:{version:02d}Z"
    return {"id": 7, "email": f"ann{version}@example.com", "updated_at": at, **more}


async def test_a_genuine_push_is_in_the_log_when_the_answer_comes(hooks: Hooks) -> None:
    await hooks.add("shopify")
    answer = await hooks.shopify(customer(), "customers/create")
    assert (answer.status_code, answer.json()) == (200, {})
    (raw,) = await hooks.raw()
    assert (raw.stream, raw.external_id) == ("customers", "7")
    assert json.loads(raw.raw) == customer()


async def test_a_forged_push_is_refused_counted_and_kept_nowhere(hooks: Hooks) -> None:
    await hooks.add("shopify")
    forged = signed.shopify(json.dumps(customer()).encode(), "another", 0)
    for _ in range(3):
        answer = await hooks.push("shopify", forged)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_signature")
    assert "secret" in answer.json()["detail"]
    assert await hooks.raw() == []
    assert await hooks.counts("shopify") == {"wrong_signature": 3}
    assert await hooks.pool.fetchval("SELECT count(*) FROM intake.quarantine") == 0


async def test_the_page_of_a_source_tells_its_address_and_why_pushes_are_turned_away(hooks: Hooks) -> None:
    await hooks.add("shopify")
    await hooks.push("shopify", signed.shopify(b"{}", "another", 0))
    await hooks.shopify({"id": 1, "order_id": 41}, "refunds/create")
    await hooks.world.services.webhooks.close()
    told = await hooks.world.json("data_steward", "/sources/shopify/pushes")
    assert told["address"] == "http://regard.test/hooks/shopify"
    assert told["secret_in_address"] is False
    assert [(one["code"], one["requests"]) for one in told["without_effect"]] == [("wrong_signature", 1)]
    assert (told["waiting"], told["failing"]) == (1, 0)
    assert (await hooks.world.get("marketer", "/sources/shopify/pushes")).status_code == 403
    await hooks.add("django_helpdesk")
    helpdesk = await hooks.world.json("data_steward", "/sources/django_helpdesk/pushes")
    assert helpdesk["secret_in_address"] is True


async def test_the_signature_is_judged_before_the_body_is_read(hooks: Hooks) -> None:
    await hooks.add("shopify")
    answer = await hooks.push("shopify", signed.shopify(b"\xff no JSON", "another", 0))
    assert answer.status_code == 401


async def test_a_stale_push_is_refused_by_the_clock_of_regard(hooks: Hooks) -> None:
    await hooks.add("stripe")
    event = {"object": "event", "id": "evt_1", "type": "customer.created", "created": 1,
             "data": {"object": {"object": "customer", "id": "cus_1"}}}  # fmt: skip
    old = await hooks.stripe(event, at=hooks.clock.now() - timedelta(minutes=6))
    ahead = await hooks.stripe(event, at=hooks.clock.now() + timedelta(minutes=6))
    assert [one.json()["code"] for one in (old, ahead)] == ["stale_signature"] * 2
    assert await hooks.raw() == []
    assert (await hooks.stripe(event)).status_code == 200


async def test_a_source_without_a_secret_takes_nothing(hooks: Hooks) -> None:
    async with hooks.pool.acquire() as connection:
        await create_source(connection, Source("shopify", "Shop", "shopify"), hooks.clock.now())
    answer = await hooks.push("shopify", signed.shopify(b"{}", "", 0))
    assert answer.status_code == 401
    assert "no webhook secret yet" in answer.json()["detail"]


async def test_unknown_sources_and_sources_that_take_no_webhooks_say_so(hooks: Hooks) -> None:
    async with hooks.pool.acquire() as connection:
        await create_source(connection, Source("list", "List", "file"), hooks.clock.now())
    asked = signed.shopify(b"{}", SECRET, 0)
    assert (await hooks.push("nothing", asked)).json()["code"] == "no_such_source"
    assert (await hooks.push("list", asked)).json()["code"] == "no_webhook"


async def test_a_source_that_is_switched_off_asks_the_sender_to_come_again(hooks: Hooks) -> None:
    await hooks.add("shopify")
    await hooks.pool.execute("UPDATE intake.connection SET enabled = false")
    answer = await hooks.shopify(customer(), "customers/create")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_the_same_delivery_again_has_no_effect(hooks: Hooks) -> None:
    await hooks.add("shopify")
    first = customer(1)
    del first["updated_at"]
    second = {**first, "email": "new@example.com"}
    assert (await hooks.shopify(first, "customers/update", x_shopify_webhook_id="a")).status_code == 200
    assert (await hooks.shopify(second, "customers/update", x_shopify_webhook_id="b")).status_code == 200
    again = await hooks.shopify(first, "customers/update", x_shopify_webhook_id="a")
    assert again.status_code == 200
    assert len(await hooks.raw()) == 2
    assert (await hooks.counts("shopify"))["seen_before"] == 1
    assert await traffic(hooks, "shopify") == (2, 1, 0)


async def test_the_same_content_under_another_name_changes_nothing(hooks: Hooks) -> None:
    await hooks.add("shopify")
    for name in "abc":
        await hooks.shopify(customer(), "customers/update", x_shopify_webhook_id=name)
    assert len(await hooks.raw()) == 1


async def test_an_older_push_that_comes_late_does_not_replace_a_newer_state(hooks: Hooks) -> None:
    await hooks.add("shopify")
    await hooks.shopify(customer(2), "customers/update", x_shopify_webhook_id="b")
    await hooks.shopify(customer(1), "customers/update", x_shopify_webhook_id="a")
    assert await hooks.heads() == {("customers", "7"): datetime(2026, 5, 1, 10, 0, 2, tzinfo=UTC)}


async def test_what_is_deleted_is_not_brought_back_by_an_update_that_was_late(hooks: Hooks) -> None:
    await hooks.add("shopify")
    await hooks.shopify(customer(1), "customers/create")
    await hooks.shopify({"id": 7}, "customers/delete")
    assert await hooks.heads() == {}
    await hooks.shopify(customer(2), "customers/update")
    assert await hooks.heads() == {}


@pytest.mark.parametrize("body", [b"no JSON", b"[1]", b'{"email":"x"}', b'{"id":{}}', b"\xff", b""])
async def test_what_is_genuine_and_cannot_be_read_is_kept_with_its_reason(hooks: Hooks, body: bytes) -> None:
    await hooks.add("webhook")
    answer = await hooks.push("webhook", signed.own_hash(body, SECRET, 0))
    assert answer.status_code == 200
    (item,) = (await hooks.world.json("data_steward", "/sources/webhook/quarantine"))["items"]
    assert item["format"] == "webhook"
    assert len(item["reason"]) > 20
    traffic = (await hooks.world.json("data_steward", "/sources"))["sources"][0]
    assert (traffic["rejected"], traffic["quarantined"]) == (1, 1)


async def test_a_refused_push_may_be_corrected_and_tried_again(hooks: Hooks) -> None:
    await hooks.add("webhook")
    await hooks.push("webhook", signed.own_hash(b'{"email":"x"}', SECRET, 0))
    client = await hooks.world.as_role("data_steward")
    path = "/api/v1/sources/webhook/quarantine"
    [item] = (await client.get(path)).json()["items"]
    still = await client.post(f"{path}/{item['id']}/retry", json={})
    assert still.status_code == 422
    assert still.json()["detail"].startswith(item["reason"][:20])
    dialect = "UPDATE intake.quarantine SET dialect = $1"
    await hooks.pool.execute(dialect, "one that is no more")
    unread = await client.post(f"{path}/{item['id']}/retry", json={})
    assert unread.json()["code"] == "unknown_dialect"
    [same] = (await client.get(path)).json()["items"]
    assert same["reason"] == item["reason"]
    await hooks.pool.execute(dialect, "webhook")
    body = {"id": 7, "email": "ann@example.com"}
    taken = await client.post(f"{path}/{item['id']}/retry", json={"body": body})
    assert taken.json() == {"verdict": "accepted"}, taken.text
    assert [one.external_id for one in await hooks.raw()] == ["7"]
    assert (await client.get(path)).json()["items"] == []
    assert await traffic(hooks, "webhook") == (1, 0, 0)


async def traffic(hooks: Hooks, source: str) -> tuple[int, int, int]:
    """Accepted, duplicate and rejected."""
    told = (await hooks.world.json("data_steward", "/sources"))["sources"]
    one = next(one for one in told if one["slug"] == source)
    return one["accepted"], one["duplicate"], one["rejected"]


async def test_a_secret_in_the_address_proves_those_who_cannot_sign(hooks: Hooks) -> None:
    await hooks.add("django_helpdesk", secret="s3cret/with slash")
    body = json.dumps({"ticket": {"id": 1, "title": "Broken", "followup_set": []}}).encode()
    path = "/hooks/django_helpdesk/s3cret%2Fwith%20slash"
    assert (await hooks.push("django_helpdesk", signed.request({}, body), path)).status_code == 200
    assert (await hooks.push("django_helpdesk", signed.request({}, body), path + "x")).status_code == 401
    assert (await hooks.push("django_helpdesk", signed.request({}, body))).status_code == 401
    assert [raw.external_id for raw in await hooks.raw()] == ["1"]


async def test_probes_are_answered_without_effect(hooks: Hooks) -> None:
    await hooks.add("django_helpdesk")
    probe = signed.request({}, b"", method="GET")
    assert (await hooks.push("django_helpdesk", probe)).status_code == 200
    assert (await hooks.push("django_helpdesk", signed.request({}, b"", method="HEAD"))).status_code == 200
    assert (await hooks.push("django_helpdesk", probe, "/hooks/django_helpdesk/wrong")).status_code == 401
    assert await hooks.counts("django_helpdesk") == {"wrong_signature": 1}


async def test_slack_hears_its_challenge(hooks: Hooks) -> None:
    await hooks.add("slack")
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()
    answer = await hooks.push("slack", signed.slack(body, SECRET, int(hooks.clock.now().timestamp())))
    assert answer.json() == {"challenge": "abc"}


async def test_a_large_body_is_refused_before_anything_else(hooks: Hooks) -> None:
    await hooks.add("shopify")
    answer = await hooks.push("shopify", signed.shopify(b" " * (4 * 1024 * 1024 + 1), SECRET, 0))
    assert answer.status_code == 413


async def test_the_old_secret_holds_beside_the_new_one(hooks: Hooks) -> None:
    await hooks.add("shopify", secret="new")
    kind = find_connector("shopify")
    assert kind is not None
    now = hooks.clock.now()
    connected = Connected("shopify", {}, True, "UTC", None, now, "test")
    async with hooks.pool.acquire() as connection, connection.transaction():
        await save_connection(
            connection, hooks.world.back_end.keyring, kind, connected, {"webhook_secret_before": SECRET}
        )
    assert (await hooks.shopify(customer(), "customers/create")).status_code == 200


async def test_names_of_deliveries_are_forgotten_after_a_month(hooks: Hooks) -> None:
    await hooks.add("shopify")
    await hooks.shopify(customer(), "customers/update", x_shopify_webhook_id="a" * 900)
    async with hooks.pool.acquire() as connection:
        assert await drop_old_deliveries(connection, hooks.clock.now() + timedelta(days=29), 10) == 0
        assert await drop_old_deliveries(connection, hooks.clock.now() + timedelta(days=31), 10) == 1


def asked_at(host: str, path: bytes, query: bytes = b"", **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({
        "type": "http", "method": "POST", "scheme": "http", "path": path.decode(), "raw_path": path,
        "query_string": query, "headers": [(b"host", host.encode()), *named], "server": (host, 80),
    })  # fmt: skip


def test_the_public_address_counts_and_what_a_proxy_says_does_not() -> None:
    inside = asked_at(
        "127.0.0.1:8360",
        b"/hooks/calls%20in",
        b"a=%2B1&b",
        x_forwarded_proto="https",
        x_forwarded_host="evil",
    )
    assert address_of(inside, None) == "http://127.0.0.1:8360/hooks/calls%20in?a=%2B1&b"
    public = address_of(inside, "https://hub.example/")
    assert public == "https://hub.example/hooks/calls%20in?a=%2B1&b"


async def test_twilio_signs_the_address_that_it_was_given(hooks: Hooks) -> None:
    await hooks.add("twilio", secret="tok")
    form = b"CallSid=CA1&From=%2B442079460001"
    text = "http://regard.test/hooks/twilioCallSidCA1From+442079460001"
    headers = {
        "x-twilio-signature": signed.b64(signed.digest(b"tok", text.encode(), "sha1")),
        "content-type": "application/x-www-form-urlencoded",
    }
    answer = await hooks.push("twilio", signed.request(headers, form))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    async with hooks.pool.acquire() as connection:
        wanted = await read_wanted(connection, "twilio", hooks.clock.now(), 10)
    assert [(one.stream, one.external_id) for one in wanted] == [("calls", "CA1")]
