"""The event API's calls as events: the rules of Segment's specification, one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.segment_events import translate_call
from regard.events.envelope import Event
from regard.events.interaction_events import InteractionStated
from regard.events.record_events import RecordPatched

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ORIGIN = Origin("web", NOON)


def calls(item: dict[str, Any], origin: Origin = ORIGIN) -> list[Event]:
    return translate_call({"messageId": "m1"} | item, origin)


def patches(events: list[Event]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for event in events:
        if isinstance(event.body, RecordPatched):
            found.setdefault((event.body.stream, event.body.external_id), []).append(event.body.fields)
    return found


def stated(item: dict[str, Any], origin: Origin = ORIGIN) -> InteractionStated:
    body = calls(item, origin)[0].body
    assert isinstance(body, InteractionStated)
    return body


def test_traits_become_canonical_fields_and_the_rest_is_kept() -> None:
    traits = {
        "email": "a@x.org", "firstName": "Ann", "last_name": "Lee", "phone": "+49 30 1",
        "birthday": "1980-02-03",
        "address": {"street": "Main 1", "postalCode": 10115, "city": "Berlin", "floor": 3},
        "company": {"name": "ACME", "id": 7, "industry": "Toys"}, "title": "CEO", "plan": "pro",
        "createdAt": 1_700_000_000, "logins": 5, "vip": True, "avatar": None, "hobbies": ["a", "b"],
    }  # fmt: skip
    fields = patches(calls({"type": "identify", "userId": "u", "traits": traits}))["users", "u"][0]
    assert fields == {
        "email": "a@x.org", "given_name": "Ann", "family_name": "Lee", "phone": "+49 30 1",
        "birth_date": "1980-02-03", "street": "Main 1", "postcode": "10115", "city": "Berlin",
        "address_floor": "3",
        "organisation": "ACME", "organisation_ref": {"stream": "groups", "id": "7"},
        "company_industry": "Toys",
        "job_title": "CEO", "plan": "pro", "customer_since": "2023-11-14", "logins": "5", "vip": "true",
        "picture": None, "hobbies": ["a", "b"], "user_id": "u",
    }  # fmt: skip


def test_traits_of_the_context_are_merged_under_the_traits_themselves() -> None:
    item = {"type": "identify", "userId": "u", "traits": {"plan": "pro"},
            "context": {"traits": {"plan": "free", "email": "a@x.org"}}}  # fmt: skip
    fields = patches(calls(item))["users", "u"][0]
    assert (fields["plan"], fields["email"]) == ("pro", "a@x.org")


@pytest.mark.parametrize("nobody", [None, "", "  "])
def test_an_empty_id_is_no_id(nobody: object) -> None:
    event = calls({"type": "track", "event": "E", "userId": nobody, "anonymousId": "a"})[0]
    assert (event.subject.stream, event.subject.external_id) == ("visitors", "a")
    with pytest.raises(ItemRefusedError) as refused:
        calls({"type": "track", "event": "E", "userId": nobody, "anonymousId": nobody})
    assert refused.value.code == "missing"


def test_whoever_has_both_ids_is_linked_once_however_often_it_is_said() -> None:
    first, second = (
        calls({"type": "track", "event": event, "userId": "u", "anonymousId": "a", "messageId": event})
        for event in ("E1", "E2")
    )
    assert patches(first) == {
        ("visitors", "a"): [{"anonymous_id": ["a"]}],
        ("users", "u"): [{"user_id": "u", "anonymous_id": ["a"]}],
    }  # fmt: skip
    assert [event.event_id for event in first[1:]] == [event.event_id for event in second[1:]]
    assert first[0].subject.stream == "users"


def test_an_alias_ties_the_previous_id_as_a_visitors_and_merges_nothing() -> None:
    events = calls({"type": "alias", "userId": "new", "previousId": "old"})
    assert patches(events) == {
        ("users", "new"): [{"user_id": "new", "anonymous_id": ["old"]}],
        ("visitors", "old"): [{"anonymous_id": ["old"]}],
    }


def test_further_ids_of_a_person_are_taken_by_what_they_are() -> None:
    listed = [
        {"id": "x@x.org", "type": "email", "collection": "users", "encoding": "none"},
        {"id": "idfa-1", "type": "ios.idfa", "collection": "users"},
        {"id": "dev-1", "type": "ios.idfv"},
        {"id": 77, "type": "loyalty"},
        {"id": "g", "type": "group_id", "collection": "accounts"},
        {"id": " ", "type": "loyalty2"}, {"type": "email"}, "x",
    ]  # fmt: skip
    context = {"externalIds": listed, "device": {"id": "dev-1"}}
    events = calls({"type": "identify", "userId": "u", "traits": {"email": "a@x.org"}, "context": context})
    assert patches(events)["users", "u"][0] == {
        "user_id": "u", "email": ["a@x.org", "x@x.org"], "device_id": ["dev-1", "idfa-1"],
        "external_loyalty": "77",
    }  # fmt: skip


def test_a_group_is_an_organisation_and_its_member_refers_to_it() -> None:
    traits = {"name": "ACME", "website": "https://www.acme.example/x", "employees": 12, "industry": "Toys"}
    events = calls({"type": "group", "userId": "u", "groupId": "g", "traits": traits})
    assert patches(events) == {
        ("users", "u"): [{"organisation_ref": {"stream": "groups", "id": "g"}, "user_id": "u"}],
        ("groups", "g"): [{"name": "ACME", "domain": "acme.example", "size": "12", "industry": "Toys"}],
    }
    assert [event.body.kind for event in events if isinstance(event.body, RecordPatched)] == [
        "person", "organisation",
    ]  # fmt: skip


def test_an_order_brings_its_worth_its_lines_and_its_own_id() -> None:
    properties = {
        "order_id": 55, "total": "1,299.90", "currency": "eur", "coupon": "X",
        "products": [{"sku": "A", "name": "Lamp", "price": 12.5, "quantity": 2, "category": "Light"}],
    }  # fmt: skip
    order = stated({"type": "track", "event": "Order Completed", "userId": "u", "properties": properties})
    assert (order.interaction, order.stream, order.external_id, order.status) == (
        "order",
        "orders",
        "55",
        "placed",
    )
    assert (order.amount_minor, order.currency) == (129990, "EUR")
    assert order.fields["lines"] == [
        {"sku": "A", "title": "Lamp", "amount": "12.5", "quantity": 2, "category": "Light"}
    ]
    assert order.properties == {"order_id": 55, "coupon": "X"}


@pytest.mark.parametrize(
    ("event", "properties", "expected"),
    [
        ("Order Refunded", {"order_id": "5", "total": 3}, ("refund", "m1", "refunded", 300, {"order": "5"})),
        ("order_cancelled", {"order_id": "5"}, ("order", "5", "cancelled", None, {})),
        ("Order Updated", {"order_id": "5", "status": "Shipped"}, ("order", "5", "shipped", None, {})),
        ("Payment Failed", {"payment_id": "p", "order_id": "5", "amount": 1}, ("payment", "p", "failed", 100,
                                                                              {"order": "5"})),
        ("Payment Info Entered", {"amount": 1}, ("track", "m1", None, None, {})),
        ("Email Opened", {"campaign_name": "May"}, ("campaign", "m1", None, None, {"action": "opened",
                                                                                  "campaign": "May"})),
        ("Product Viewed", {"sku": "A"}, ("track", "m1", None, None, {})),
    ],
)  # fmt: skip
def test_events_of_the_specification_mean_what_they_say(
    event: str, properties: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    body = stated({"type": "track", "event": event, "userId": "u", "properties": properties})
    kind, external_id, status, amount, fields = expected
    assert (body.interaction, body.external_id, body.status, body.amount_minor) == (
        kind,
        external_id,
        status,
        amount,
    )
    assert fields.items() <= body.fields.items()


def test_the_currency_is_the_events_then_the_sources_then_that_of_the_specification() -> None:
    def currency(properties: dict[str, Any], origin: Origin) -> str | None:
        return stated({"type": "track", "event": "Order Completed", "userId": "u",
                       "properties": {"total": 1} | properties}, origin).currency  # fmt: skip

    assert currency({"currency": "CHF"}, Origin("web", NOON, "EUR")) == "CHF"
    assert currency({}, Origin("web", NOON, "EUR")) == "EUR"
    assert currency({}, ORIGIN) == "USD"


def test_a_page_tells_where_and_from_which_campaign() -> None:
    item = {
        "type": "page", "anonymousId": "a", "name": "Shop",
        "properties": {"url": "http://x/shop", "referrer": "r"},
        "context": {"campaign": {"name": "may", "source": "mail"}, "ip": "1.2.3.4", "page": {"url": "http://x/shop"}},
    }  # fmt: skip
    page = stated(item)
    assert page.fields == {"channel": "web", "title": "Shop", "url": "http://x/shop", "campaign": "may"}
    assert page.properties["referrer"] == "r"
    assert page.properties["context"]["ip"] == "1.2.3.4"
    assert stated({"type": "screen", "anonymousId": "a", "name": "Home"}).fields["channel"] == "app"


def test_the_address_names_the_call_when_the_body_does_not() -> None:
    assert stated({"event": "E", "userId": "u"}, Origin("web", NOON, call="track")).interaction == "track"
    with pytest.raises(ItemRefusedError):
        calls({"event": "E", "userId": "u"})


def test_a_call_without_message_id_is_the_same_event_only_if_it_brings_its_time() -> None:
    def event_id(item: dict[str, Any]) -> str | None:
        return translate_call({"type": "track", "event": "E", "userId": "u"} | item, ORIGIN)[0].event_id

    timed = {"timestamp": "2026-06-01T11:00:00Z"}
    assert event_id(timed) == event_id(timed | {"sentAt": "2026-06-01T11:59:00Z"})
    assert event_id(timed) != event_id({"timestamp": "2026-06-01T11:00:01Z"})
    assert event_id({}) != event_id({})


@pytest.mark.parametrize("minutes", [-600, -5, 0, 5, 600])
def test_the_clock_of_the_client_does_not_matter(minutes: int) -> None:
    wrong = timedelta(minutes=minutes)
    item = {
        "type": "track", "event": "E", "userId": "u",
        "timestamp": (NOON - timedelta(seconds=90) + wrong).isoformat(), "sentAt": (NOON + wrong).isoformat(),
    }  # fmt: skip
    event = calls(item)[0]
    assert event.occurred_at == NOON - timedelta(seconds=90)
    assert event.stated_at == NOON - timedelta(seconds=90) + wrong
    assert event.received_at == NOON


@pytest.mark.parametrize("years", [-10, 10])
def test_what_a_client_says_whose_clock_is_years_off_is_as_new_as_it_is(years: int) -> None:
    wrong = timedelta(days=365 * years)
    item = {
        "type": "identify", "userId": "u", "traits": {"plan": "now"},
        "timestamp": (NOON - timedelta(seconds=90) + wrong).isoformat(), "sentAt": (NOON + wrong).isoformat(),
    }  # fmt: skip
    (event,) = calls(item)
    earlier = calls({**item, "timestamp": "2026-05-31T12:00:00Z", "sentAt": None, "messageId": "e"})[0]
    later = calls({**item, "timestamp": "2026-06-01T11:59:00Z", "sentAt": None, "messageId": "l"})[0]
    assert earlier.version < event.version < later.version
    assert event.occurred_at == NOON - timedelta(seconds=90)


def test_the_same_call_sent_again_says_the_same() -> None:
    item = {"type": "track", "event": "Order Completed", "userId": "u", "anonymousId": "a",
            "properties": {"total": 5}, "timestamp": "2026-06-01T11:00:00Z"}  # fmt: skip
    first = calls(item | {"sentAt": "2026-06-01T11:59:59Z"})
    later = calls(
        item | {"sentAt": "2026-06-01T12:05:00Z"}, Origin("web", NOON + timedelta(minutes=5, seconds=3))
    )
    assert [(event.event_id, event.body) for event in first] == [
        (event.event_id, event.body) for event in later
    ]
