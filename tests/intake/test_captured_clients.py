"""Every recorded request of Segment's and RudderStack's clients is answered rightly and kept once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from regard.events.envelope import Event
from regard.events.interaction_events import InteractionStated
from regard.events.record_events import RecordPatched
from tests.intake.captured_requests import FILES, CapturedRequest, read_requests
from tests.intake.conftest import Door

WRITE_KEYS = ("WK_TEST", "WK_B")


async def replay(door: Door, requests: list[CapturedRequest]) -> None:
    for key in WRITE_KEYS:
        await door.allow(key)
    for request in requests:
        answer = await door.send(request.method, request.path, request.body, request.headers)
        assert answer.status_code in (200, 204), (request.path, answer.text)
        if request.method == "POST":
            assert answer.json() == {"success": True}
        if origin := request.headers.get("origin"):
            assert answer.headers["access-control-allow-origin"] == origin
        if request.method == "OPTIONS":
            asked = request.headers.get("access-control-request-headers", "").split(",")
            allowed = answer.headers["access-control-allow-headers"].split(", ")
            assert {name for name in asked if name} <= set(allowed)
            assert (
                request.headers["access-control-request-method"]
                in answer.headers["access-control-allow-methods"]
            )
            assert int(answer.headers["access-control-max-age"]) > 0


def messages(events: list[Event]) -> list[str]:
    return sorted(event.event_id for event in events if event.event_id and not event.event_id.startswith("~"))


@pytest.mark.parametrize("name", FILES)
async def test_every_call_of_a_client_stands_in_the_log_once_however_often_it_was_sent(
    door: Door, shared_data: Path, name: str
) -> None:
    requests = read_requests(shared_data, name)
    await replay(door, requests)
    sent = {str(call["messageId"]) for request in requests for call in request.calls()}
    assert sent
    assert messages(await door.log()) == sorted(sent)
    assert await door.count("SELECT count(*) FROM intake.quarantine") == 0
    before = await door.count("SELECT sum(seq) FROM eventlog.partition_head")
    await replay_again(door, requests)
    assert await door.count("SELECT sum(seq) FROM eventlog.partition_head") == before


async def replay_again(door: Door, requests: list[CapturedRequest]) -> None:
    for request in requests:
        await door.send(request.method, request.path, request.body, request.headers)


async def test_the_account_counts_retries_as_duplicates(door: Door, shared_data: Path) -> None:
    requests = read_requests(shared_data, "rudder-python-2.1.9-retries")
    await replay(door, requests)
    row = await door.pool.fetchrow(
        "SELECT accepted, duplicate, rejected FROM sources.traffic WHERE source = 'web'"
    )
    assert row is not None
    assert tuple(row) == (6, 12, 0)


async def test_a_python_client_states_a_user_an_order_a_visit_a_group_and_an_alias(
    door: Door, shared_data: Path
) -> None:
    await replay(door, read_requests(shared_data, "segment-python-2.4.0"))
    events = await door.log()
    bodies = [event.body for event in events]
    patches = [body for body in bodies if isinstance(body, RecordPatched)]
    interactions = {body.interaction: body for body in bodies if isinstance(body, InteractionStated)}
    user = [patch.fields for patch in patches if (patch.stream, patch.external_id) == ("users", "u1")]
    assert {"email": "Ann@Example.com", "customer_since": "2024-01-02", "user_id": "u1"} in user
    assert {"organisation_ref": {"stream": "groups", "id": "g1"}, "user_id": "u1"} in user
    assert {"user_id": "u1", "anonymous_id": ["anon1"]} in user
    groups = [patch for patch in patches if patch.stream == "groups"]
    assert [(group.kind, group.external_id, group.fields) for group in groups] == [
        ("organisation", "g1", {"name": "ACME"})
    ]
    order = interactions["order"]
    assert (order.external_id, order.amount_minor, order.currency, order.status) == (
        "o1",
        1250,
        "USD",
        "placed",
    )
    assert interactions["page_view"].fields["title"] == "Home"
    assert interactions["track"].fields["title"] == "Anon Event"
    assert interactions["track"].party is not None
    assert interactions["track"].party.stream == "visitors"


async def test_a_browser_visit_becomes_known_through_the_anonymous_id(door: Door, shared_data: Path) -> None:
    await replay(door, read_requests(shared_data, "rudder-browser-3.34.1"))
    events = await door.log()
    visitor = "5a7e3dce-9d14-4bd5-a89d-6783a1f74ebe"
    stated = [event.body for event in events if isinstance(event.body, InteractionStated)]
    assert {(body.party.stream, body.party.external_id) for body in stated if body.party} == {
        ("visitors", visitor)
    }
    page = next(body for body in stated if body.interaction == "page_view")
    assert page.fields["url"] == "http://127.0.0.1:9299/shop?utm_source=news"
    assert page.fields["campaign"] == "news"
    assert page.properties["referrer"] == "$direct"
    identified = [event.body for event in events if isinstance(event.body, RecordPatched)]
    assert {"email": "ann@example.com", "user_id": "u1", "anonymous_id": [visitor]} in [
        body.fields for body in identified if body.stream == "users"
    ]


async def test_rudders_browser_client_is_told_to_send(door: Door, shared_data: Path) -> None:
    await door.allow("WK_B")
    asked = next(
        request for request in read_requests(shared_data, "rudder-browser-3.34.1")
        if request.method == "GET"
    )  # fmt: skip
    config = (await door.send("GET", asked.path, b"", asked.headers)).json()
    assert config["source"]["enabled"] is True
    assert config["source"]["writeKey"] == "WK_B"
    assert config["source"]["config"]["statsCollection"] == {
        "errors": {"enabled": False}, "metrics": {"enabled": False},
    }  # fmt: skip
    assert config["consentManagementMetadata"] == {"providers": []}
    assert (await door.send("GET", "/sourceConfig/?writeKey=wrong", b"")).status_code == 401


@pytest.mark.parametrize(
    ("origin", "protocol"), [("https://shop.example", "https"), ("http://localhost:3000", "http")]
)
async def test_segments_browser_client_is_told_where_to_send(door: Door, origin: str, protocol: str) -> None:
    path = f"/v1/projects/{door.web_key}/settings"
    told = (await door.send("GET", path, b"", {"origin": origin, "host": "regard.example"})).json()
    sends = told["integrations"]["Segment.io"]
    assert (sends["protocol"], sends["apiHost"], sends["apiKey"]) == (
        protocol, "regard.example/v1", door.web_key,
    )  # fmt: skip
    assert (await door.send("GET", "/v1/projects/wrong/settings", b"")).status_code == 401


async def test_a_clock_that_is_wrong_is_corrected_and_all_three_times_are_kept(door: Door) -> None:
    received = door.world.back_end.clock.now()
    body = {
        "batch": [{"type": "track", "event": "Seen", "userId": "u1", "messageId": "m1",
                   "originalTimestamp": "2026-06-01T09:59:00Z"}],
        "sentAt": "2026-06-01T10:00:00Z",
    }  # fmt: skip
    await door.call("/v1/batch", body)
    event = next(event for event in await door.log() if event.event_id == "m1")
    assert event.occurred_at == datetime(2026, 6, 1, 11, 59, tzinfo=UTC)
    assert event.stated_at == datetime(2026, 6, 1, 9, 59, tzinfo=UTC)
    assert event.received_at == received
