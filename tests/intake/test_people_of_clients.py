"""Whom the events of clients belong to once identity has decided: visitors join their user, users stay two.

Sent through the real door and resolved by the real resolver.
"""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from regard.events.envelope import RecordKey
from tests.intake.conftest import Door


async def capture(door: Door, *events: dict[str, Any]) -> None:
    items = [{"uuid": f"e{number}", **event} for number, event in enumerate(events)]
    body = json.dumps({"api_key": door.web_key, "batch": items}).encode()
    assert (await door.send("POST", "/batch/", body)).status_code == 200
    await door.world.back_end.projector.catch_up()


async def customer_of(door: Door, stream: str, external_id: str) -> UUID:
    record = RecordKey("web", stream, external_id).record_id
    found = await door.pool.fetchval(
        "SELECT customer_id FROM identity.membership WHERE record_id = $1", record
    )
    assert isinstance(found, UUID)
    return found


def event(name: str, distinct_id: str, /, **properties: Any) -> dict[str, Any]:
    return {"event": name, "distinct_id": distinct_id, "properties": properties}


def seen(visitor: str) -> dict[str, Any]:
    return event("Seen", visitor, **{"$is_identified": False, "$device_id": visitor})


async def test_a_visitor_joins_the_user_who_signs_in(door: Door) -> None:
    await capture(door, seen("v1"), seen("v2"), event("$identify", "u1", **{"$anon_distinct_id": "v1"}))
    assert await customer_of(door, "visitors", "v1") == await customer_of(door, "users", "u1")
    assert await customer_of(door, "visitors", "v2") != await customer_of(door, "users", "u1")


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_an_identify_never_joins_two_users_who_are_known(door: Door, order: tuple[int, ...]) -> None:
    events = [
        event("Seen", "u1"),
        event("$set", "u2") | {"$set": {"email": "ben@example.com"}},
        event("$identify", "u1", **{"$anon_distinct_id": "u2", "$set": {"email": "ann@example.com"}}),
    ]
    await capture(door, *(events[index] for index in order))
    assert await customer_of(door, "users", "u1") != await customer_of(door, "users", "u2")


FORMS = {"posthog-python": ("before", "after"), "posthog-node": ("after", "before")}


@pytest.mark.parametrize("library", FORMS)
async def test_an_alias_ties_the_old_id_to_the_new_one_in_either_form(door: Door, library: str) -> None:
    first, second = FORMS[library]
    alias = event("$create_alias", first, **{"alias": second, "$lib": library})
    await capture(door, seen("before"), event("Seen", "after"), alias)
    assert await customer_of(door, "visitors", "before") == await customer_of(door, "users", "after")


async def test_an_alias_of_segments_joins_a_visitor_and_never_two_users(door: Door) -> None:
    calls = [
        {"type": "track", "event": "Seen", "anonymousId": "v1"},
        {"type": "identify", "userId": "u1", "traits": {"email": "ann@example.com"}},
        {"type": "identify", "userId": "u2", "traits": {"email": "ben@example.com"}},
        {"type": "alias", "userId": "u1", "previousId": "v1"},
        {"type": "alias", "userId": "u1", "previousId": "u2"},
    ]
    assert (await door.call("/v1/batch", {"batch": calls})).status_code == 200
    await door.world.back_end.projector.catch_up()
    assert await customer_of(door, "visitors", "v1") == await customer_of(door, "users", "u1")
    assert await customer_of(door, "users", "u1") != await customer_of(door, "users", "u2")


async def test_a_browser_that_two_users_shared_joins_them_not(door: Door) -> None:
    await capture(
        door,
        seen("v1"),
        event("$identify", "u1", **{"$anon_distinct_id": "v1", "$set": {"email": "ann@example.com"}}),
        event("$identify", "u2", **{"$anon_distinct_id": "v1", "$set": {"email": "ben@example.com"}}),
    )
    assert await customer_of(door, "users", "u1") != await customer_of(door, "users", "u2")


async def test_a_user_seen_by_the_trackers_of_two_makers_is_one_customer(door: Door) -> None:
    await capture(door, event("Seen", "u1"))
    item = {"e": "pv", "eid": "p1", "uid": "u1", "duid": "d1", "nuid": "n1"}
    path = f"/snowplow/{door.web_key}/com.snowplowanalytics.snowplow/tp2"
    assert (await door.send("POST", path, json.dumps({"data": [item]}).encode())).status_code == 200
    assert (
        await door.call("/v1/identify", {"userId": "u1", "anonymousId": "a1", "traits": {}})
    ).status_code == 200
    await door.world.back_end.projector.catch_up()
    visitors = {await customer_of(door, "visitors", one) for one in ("d1", "n1", "a1")}
    assert visitors == {await customer_of(door, "users", "u1")}
