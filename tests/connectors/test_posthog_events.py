"""What PostHog's clients say becomes the same events as what Segment's say; nobody is joined by mistake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.posthog_events import translate_capture
from regard.connectors.segment_events import translate_call
from regard.events.envelope import Event
from regard.events.interaction_events import InteractionStated
from regard.events.record_events import RecordPatched
from regard.records.fold_record import fold_record

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ORIGIN = Origin("web", NOW, "EUR")


def captured(event: str, distinct_id: str = "u1", /, **properties: Any) -> dict[str, Any]:
    return {"event": event, "distinct_id": distinct_id, "uuid": "e1", "properties": properties}


def patches(events: list[Event]) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        if isinstance(event.body, RecordPatched):
            found.setdefault((event.body.stream, event.body.external_id), {}).update(event.body.fields)
    return found


def test_a_purchase_is_the_same_event_whichever_client_sent_it() -> None:
    properties = {
        "order_id": "o1", "total": 12.5, "currency": "EUR",
        "products": [{"sku": "A", "name": "Cup", "quantity": 2, "price": 6.25}],
    }  # fmt: skip
    by_posthog = translate_capture(captured("Order Completed", **properties), ORIGIN)
    by_segment = translate_call(
        {
            "type": "track",
            "event": "Order Completed",
            "userId": "u1",
            "messageId": "e1",
            "properties": properties,
        },
        ORIGIN,
    )
    assert by_posthog == by_segment


def test_a_page_is_the_same_event_whichever_client_sent_it() -> None:
    item = captured(
        "$pageview",
        "018f3c5e-7b7a-7000-8000-000000000001",
        **{
            "$current_url": "https://shop.example/a?x=1", "title": "A", "$referrer": "https://r.example/",
            "$pathname": "/a", "$is_identified": False, "utm_source": "news", "utm_campaign": "spring",
        },
    )  # fmt: skip
    page = {"url": "https://shop.example/a?x=1", "title": "A", "referrer": "https://r.example/", "path": "/a"}
    call = {
        "type": "page", "anonymousId": "018f3c5e-7b7a-7000-8000-000000000001", "messageId": "e1",
        "properties": page, "context": {"page": page, "campaign": {"name": "spring", "source": "news"}},
    }  # fmt: skip
    assert translate_capture(item, ORIGIN) == translate_call(call, ORIGIN)


def test_signing_in_in_a_browser_ties_the_visitor_to_the_user() -> None:
    item = captured("$identify", **{"$anon_distinct_id": "v1", "$set": {"email": "ann@example.com"}})
    stated = patches(translate_capture(item, ORIGIN))
    assert stated == {
        ("users", "u1"): {"user_id": "u1", "anonymous_id": ["v1"], "email": "ann@example.com"},
        ("visitors", "v1"): {"anonymous_id": ["v1"]},
    }


def test_an_identify_never_joins_two_users_who_are_known_already() -> None:
    events = translate_capture(captured("Seen", "u1"), ORIGIN)
    events += translate_capture(captured("Seen", "u2"), ORIGIN)
    events += translate_capture(captured("$identify", "u1", **{"$anon_distinct_id": "u2"}), ORIGIN)
    stated = patches(events)
    first, second = stated[("users", "u1")], stated[("users", "u2")]
    shared = {value for field in first.values() for value in ([field] if isinstance(field, str) else field)}
    assert second == {"user_id": "u2"}
    # Nothing that the second user's own record carries under its own type stands in the first one's.
    assert first["user_id"] == "u1"
    assert shared == {"u1", "u2"}
    assert "user_id" not in stated[("visitors", "u2")]


@pytest.mark.parametrize(
    ("library", "distinct_id", "alias"),
    [
        ("posthog-python", "old", "new"),
        ("web", "old", "new"),
        ("posthog-node", "new", "old"),
        ("", "new", "old"),
    ],
)
def test_an_alias_means_the_same_whichever_way_round_its_library_writes_it(
    library: str, distinct_id: str, alias: str
) -> None:
    item = captured(
        "$create_alias", distinct_id, **{"$lib": library, "alias": alias, "distinct_id": distinct_id}
    )
    assert patches(translate_capture(item, ORIGIN)) == {
        ("users", "new"): {"user_id": "new", "anonymous_id": ["old"]},
        ("visitors", "old"): {"anonymous_id": ["old"]},
    }


def test_an_alias_by_somebody_who_has_signed_in_keeps_their_own_id() -> None:
    said = {"$lib": "web", "$is_identified": True, "alias": "other"}
    assert patches(translate_capture(captured("$create_alias", "u1", **said), ORIGIN)) == {
        ("users", "u1"): {"user_id": "u1", "anonymous_id": ["other"]},
        ("visitors", "other"): {"anonymous_id": ["other"]},
    }


@pytest.mark.parametrize(
    ("distinct_id", "properties", "stream"),
    [
        ("u1", {}, "users"),
        ("x", {"$is_identified": False}, "visitors"),
        ("x", {"$is_identified": True, "$device_id": "x"}, "users"),
        ("x", {"$device_id": "x"}, "visitors"),
        ("u1", {"$device_id": "x"}, "users"),
        ("018f3c5e-7b7a-7000-8000-000000000001", {"$process_person_profile": False}, "visitors"),
        ("018f3c5e-7b7a-7000-8000-000000000001", {}, "users"),
        ("u1", {"$process_person_profile": False}, "users"),
    ],
)
def test_visitors_and_users_are_told_apart(distinct_id: str, properties: dict[str, Any], stream: str) -> None:
    (event, *_) = translate_capture(captured("Seen", distinct_id, **properties), ORIGIN)
    assert event.subject.stream == stream


@pytest.mark.parametrize(
    "word", ["undefined", "NULL", " anonymous ", "[object Object]", "$posthog_cookieless"]
)
def test_a_word_that_many_people_share_is_no_id(word: str) -> None:
    with pytest.raises(ItemRefusedError, match="one person"):
        translate_capture(captured("Seen", word), ORIGIN)


def test_a_group_of_type_company_is_an_organisation_and_its_members_point_to_it() -> None:
    said = {"$group_type": "company", "$group_key": "g1", "$group_set": {"name": "ACME"}}
    group = captured("$groupidentify", "$company_g1", **said)
    (event,) = translate_capture(group, ORIGIN)
    assert event.body == RecordPatched("groups", "g1", "organisation", {"name": "ACME"})
    member = patches(
        translate_capture(captured("Seen", **{"$groups": {"company": "g1", "room": "7"}}), ORIGIN)
    )
    assert member[("users", "u1")]["organisation_ref"] == {"stream": "groups", "id": "g1"}


def test_where_a_member_belongs_is_taken_down_once_an_hour_however_often_it_is_said() -> None:
    def ids(minutes: int) -> set[str | None]:
        item = at(
            captured("Seen", **{"$groups": {"company": "g1"}}), NOW - timedelta(minutes=minutes), str(minutes)
        )
        return {
            event.event_id for event in translate_capture(item, ORIGIN) if "~member" in str(event.event_id)
        }

    assert len(ids(1)) == 1
    assert ids(1) == ids(20) != ids(70)


def test_a_group_that_is_no_organisation_makes_no_party() -> None:
    group = captured(
        "$groupidentify", "x", **{"$group_type": "room", "$group_key": "7", "$group_set": {"size": 3}}
    )
    (event,) = translate_capture(group, ORIGIN)
    assert isinstance(event.body, InteractionStated)
    assert event.body.party is None
    assert event.body.properties == {"size": 3}


def at(item: dict[str, Any], when: datetime, uuid: str) -> dict[str, Any]:
    return {**item, "timestamp": when.isoformat(), "uuid": uuid}


@given(st.permutations(["set", "once early", "once late"]))
def test_a_value_set_once_gives_way_to_any_other_and_the_first_of_them_stays(order: list[str]) -> None:
    items = {
        "once early": at(captured("a", **{"$set_once": {"plan": "early", "tier": "early"}}), NOW, "1"),
        "once late": at(
            captured("b", **{"$set_once": {"plan": "late", "tier": "late"}}), NOW + timedelta(1), "2"
        ),
        "set": at(captured("c", **{"$set": {"plan": "set"}}), NOW - timedelta(days=3_000), "3"),
    }
    record = None
    for name in order:
        for event in translate_capture(items[name], Origin("web", NOW + timedelta(2))):
            if isinstance(event.body, RecordPatched):
                record = fold_record(record, event)
    assert record is not None
    assert (record.known_fields()["plan"], record.known_fields()["tier"]) == ("set", "early")


def test_a_wrong_clock_is_corrected_unless_the_event_asks_to_be_believed() -> None:
    ten_years = timedelta(days=3_652)
    origin = Origin("web", NOW, sent_at=NOW - ten_years)
    item = at(captured("Seen"), NOW - ten_years - timedelta(hours=1), "1")
    assert translate_capture(item, origin)[0].occurred_at == NOW - timedelta(hours=1)
    trusted = at(captured("Seen", **{"$ignore_sent_at": True}), NOW - ten_years, "1")
    assert translate_capture(trusted, origin)[0].occurred_at == NOW - ten_years
    ahead = at(captured("Seen"), NOW + ten_years, "1")
    assert translate_capture(ahead, Origin("web", NOW))[0].occurred_at == NOW
    aged = captured("Seen") | {"offset": 3_600_000}
    assert translate_capture(aged, Origin("web", NOW))[0].occurred_at == NOW - timedelta(hours=1)


def test_what_the_library_says_about_itself_is_context_and_the_key_is_kept_nowhere() -> None:
    item = captured(
        "Seen", colour="red", token="phc_secret", **{"$lib": "web", "$lib_version": "1", "$os": "Linux"}
    )
    body = translate_capture(item, ORIGIN)[0].body
    assert isinstance(body, InteractionStated)
    assert body.properties == {
        "colour": "red", "context": {"os": "Linux", "library": {"name": "web", "version": "1"}},
    }  # fmt: skip


@pytest.mark.parametrize(
    "item",
    [
        {}, {"event": "Seen"}, {"event": 7, "distinct_id": ["u"]},
        {"event": "Seen", "distinct_id": "u", "properties": 3}, captured("$groupidentify"),
        captured("$identify", **{"$set": "x"}), captured("$create_alias", alias="u1"),
        captured("$snapshot"), captured("Seen") | {"timestamp": "yesterday"},
        captured("Order Completed", total="a lot"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_used_is_refused_with_a_reason(item: dict[str, Any]) -> None:
    with pytest.raises(ItemRefusedError) as refused:
        translate_capture(item, ORIGIN)
    assert len(str(refused.value)) > 20
