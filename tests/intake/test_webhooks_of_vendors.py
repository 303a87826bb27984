"""What each vendor's push says, in the vendor's own words: the same raw records that a poll would give."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from regard.connectors.connector_catalogue import find_connector, list_connectors
from regard.connectors.connector_contract import Delivery
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.webhooks.webhook_catalogue import OLD_SECRET, SECRET, WEBHOOKS
from tests.connectors.signed_requests import request

MAY_FIRST = datetime(2026, 5, 1, 10, tzinfo=UTC)


def translate(
    vendor: str, body: Any, headers: dict[str, str] | None = None, **given_settings: Any
) -> Delivery:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WEBHOOKS[vendor].translate(request(headers or {}, raw), given_settings)


def named(delivery: Delivery) -> list[tuple[str, str, bool]]:
    """Stream, id, and whether it is gone, of each record."""
    return [(one.stream, one.external_id, one.deleted) for one in delivery.records]


def refusal(vendor: str, body: Any, headers: dict[str, str] | None = None, **given_settings: Any) -> str:
    with pytest.raises(ItemRefusedError) as caught:
        translate(vendor, body, headers, **given_settings)
    return str(caught.value)


def stripe_event(thing: dict[str, Any], kind: str, created: int = 1_777_629_600) -> dict[str, Any]:
    return {"object": "event", "id": "evt_1", "type": kind, "created": created, "data": {"object": thing}}


@pytest.mark.parametrize(
    ("thing", "kind", "stream", "gone"),
    [
        ("customer", "customer.updated", "customers", False),
        ("customer", "customer.deleted", "customers", True),
        ("charge", "charge.succeeded", "charges", False),
        ("payment_intent", "payment_intent.succeeded", "payment_intents", False),
        ("refund", "refund.updated", "refunds", False),
        ("invoice", "invoice.paid", "invoices", False),
        ("invoice", "invoice.deleted", "invoices", True),
        ("subscription", "customer.subscription.created", "subscriptions", False),
        ("subscription", "customer.subscription.deleted", "subscriptions", False),
        ("checkout.session", "checkout.session.completed", "checkout_sessions", False),
    ],
)
def test_stripe_names_the_stream_by_the_object(thing: str, kind: str, stream: str, gone: bool) -> None:
    delivery = translate("stripe", stripe_event({"object": thing, "id": "x_1"}, kind))
    assert named(delivery) == [(stream, "x_1", gone)]
    assert delivery.delivery_id == "evt_1"
    assert thing == "refund" or delivery.records[0].updated_at == MAY_FIRST


def test_a_refund_of_stripe_is_read_with_its_charge_where_it_can_be_read() -> None:
    refund = {"object": "refund", "id": "re_1", "charge": "ch_1", "created": 1_777_629_600}
    only_pushed = translate("stripe", stripe_event(refund, "refund.updated", 1_777_700_000))
    assert only_pushed.records[0].updated_at == MAY_FIRST
    read = translate("stripe", stripe_event(refund, "refund.updated"), secret_key="sk")
    assert (read.records, read.fetch) == ([], [("refunds", "re_1")])


def test_an_event_of_stripe_is_its_object_as_the_api_gives_it(shared_data: Path) -> None:
    kept = json.loads(gzip.decompress((shared_data / "stripe_fixtures" / "fixtures3.json.gz").read_bytes()))
    for name in ("customer", "charge", "invoice", "subscription", "refund", "payment_intent"):
        thing = kept["resources"][name]
        delivery = translate("stripe", stripe_event(thing, f"{name}.updated"))
        assert delivery.records[0].body == thing
        assert delivery.records[0].stream == f"{name}s"


def test_a_charge_of_an_old_version_brings_its_refunds_along() -> None:
    refunds = {"object": "list", "data": [{"object": "refund", "id": "re_1", "amount": 500}]}
    charge = {"object": "charge", "id": "ch_1", "refunds": refunds}
    delivery = translate("stripe", stripe_event(charge, "charge.refunded"))
    assert named(delivery) == [("charges", "ch_1", False), ("refunds", "re_1", False)]


def test_stripe_previews_without_an_id_are_no_records_and_thin_events_are_fetched() -> None:
    assert translate("stripe", stripe_event({"object": "invoice"}, "invoice.upcoming")).records == ()
    thin = {"object": "v2.core.event", "id": "evt_2", "type": "v1.billing.meter.error",
            "related_object": {"id": "cus_1", "type": "customer", "url": "/v1/customers/cus_1"}}  # fmt: skip
    assert translate("stripe", thin).fetch == [("customers", "cus_1")]
    assert "no event of Stripe" in refusal("stripe", {"object": "list"})


def test_localstripes_push_is_understood(shared_data: Path) -> None:
    line = (shared_data / "source_captures" / "localstripe-1.15.10-webhook.jsonl").read_text().splitlines()[0]
    body = json.loads(line)["b"].encode()
    delivery = translate("stripe", body)
    (record,) = delivery.records
    assert (record.stream, record.external_id) == ("customers", "cus_WWGbjqjebEOSJ9")
    assert record.body is not None
    assert record.body["phone"] == " 442079460001"


SHOPIFY = "x-shopify-topic"


def test_shopify_names_the_stream_by_the_topic(shared_data: Path) -> None:
    order = json.loads((shared_data / "shopify_fixtures" / "order.json").read_text())["order"]
    delivery = translate("shopify", order, {SHOPIFY: "orders/updated", "x-shopify-webhook-id": "w1"})
    (record,) = delivery.records
    assert (record.stream, record.external_id, record.body) == ("orders", str(order["id"]), order)
    assert record.updated_at is not None
    assert delivery.delivery_id == "w1"


def test_ids_beyond_the_reach_of_floats_stay_exact() -> None:
    body = b'{"id": 9007199254740993001, "updated_at": "2026-05-01T12:00:00+02:00", "note": "1e400"}'
    (record,) = translate("shopify", body, {SHOPIFY: "customers/update"}).records
    assert record.external_id == "9007199254740993001"
    assert record.updated_at == MAY_FIRST


def test_shopify_deletions_redactions_and_parts_of_orders() -> None:
    at = {"x-shopify-triggered-at": "2026-05-01T10:00:00Z"}
    gone = translate("shopify", {"id": 5}, {SHOPIFY: "orders/delete"} | at)
    assert named(gone) == [("orders", "5", True)]
    assert gone.records[0].updated_at == MAY_FIRST
    redact = {"shop_id": 1, "customer": {"id": 7, "email": "x"}, "orders_to_redact": [8, 9]}
    assert named(translate("shopify", redact, {SHOPIFY: "customers/redact"})) == [
        ("customers", "7", True), ("orders", "8", True), ("orders", "9", True),
    ]  # fmt: skip
    assert translate("shopify", {"id": 1, "order_id": 8}, {SHOPIFY: "refunds/create"}).fetch == [
        ("orders", "8")
    ]
    tags = {"customerId": "gid://shopify/Customer/17", "tags": ["vip"]}
    assert translate("shopify", tags, {SHOPIFY: "customer.tags_added/x"}).fetch == [("customers", "17")]
    assert "30 days" in refusal("shopify", {"customer": {"id": 7}}, {SHOPIFY: "customers/data_request"})
    assert "X-Shopify-Topic" in refusal("shopify", {"id": 1})


def test_woocommerce_times_are_utc_and_its_test_says_nothing() -> None:
    order = {
        "id": 12,
        "customer_id": 0,
        "billing": {"email": "x"},
        "date_modified_gmt": "2026-05-01T10:00:00",
    }
    headers = {"x-wc-webhook-topic": "order.updated", "x-wc-webhook-resource": "order"}
    (record,) = translate("woocommerce", order, headers).records
    assert (record.stream, record.external_id, record.updated_at) == ("orders", "12", MAY_FIRST)
    gone = translate("woocommerce", {"id": 3}, {"x-wc-webhook-topic": "customer.deleted"})
    assert named(gone) == [("customers", "3", True)]
    assert translate("woocommerce", b"webhook_id=7") == Delivery()


def test_zendesk_names_what_is_to_be_fetched() -> None:
    event = {"type": "zen:event-type:ticket.status_changed", "id": "e1", "time": "2026-05-01T10:00:00Z",
             "detail": {"id": "35436", "status": "OPEN"}, "event": {"current": "OPEN"},
             "subject": "zen:ticket:35436"}  # fmt: skip
    assert translate("zendesk", event).fetch == [("tickets", "35436")]
    gone = event | {"type": "zen:event-type:ticket.permanently_deleted"}
    assert named(translate("zendesk", gone)) == [("tickets", "35436", True)]
    merged = {"type": "zen:event-type/user.merged", "subject": "zen:user:1", "event": {"user": {"id": "2"}}}
    assert translate("zendesk", merged).fetch == [("users", "1"), ("users", "2")]
    assert translate("zendesk", {"type": "zen:event-type:article.published", "detail": {"id": 1}}).fetch == ()
    sent = translate("zendesk", {"ticket_id": 17}, {"x-zendesk-webhook-invocation-id": "i1"})
    assert (sent.fetch, sent.delivery_id) == ([("tickets", "17")], "i1")
    assert "{{ticket.id}}" in refusal("zendesk", {"text": "a ticket changed"})


def test_hubspot_lists_events_of_which_the_latest_decides() -> None:
    events = [
        {"subscriptionType": "contact.propertyChange", "objectId": 1, "occurredAt": 1_777_629_600_002},
        {"subscriptionType": "contact.creation", "objectId": 1, "occurredAt": 1_777_629_600_000},
        {"subscriptionType": "contact.deletion", "objectId": 2, "occurredAt": 1_777_629_600_000},
        {"subscriptionType": "contact.propertyChange", "objectId": 2, "occurredAt": 1_777_629_599_000},
        {"subscriptionType": "contact.privacyDeletion", "objectId": 3, "occurredAt": 1_777_629_600_000},
        {"subscriptionType": "company.creation", "objectId": 4},
        {"subscriptionType": "object.propertyChange", "objectTypeId": "0-3", "objectId": 5},
        {"subscriptionType": "deal.associationChange", "fromObjectId": 6, "toObjectId": 1},
        {"subscriptionType": "conversation.newMessage", "objectId": 7},
    ]
    delivery = translate("hubspot", events)
    assert named(delivery) == [("contacts", "2", True), ("contacts", "3", True)]
    assert delivery.records[0].updated_at == MAY_FIRST
    assert delivery.fetch == [("contacts", "1"), ("companies", "4"), ("deals", "5"), ("deals", "6")]


def test_a_merge_in_hubspot_leaves_one_contact() -> None:
    merge = {"subscriptionType": "contact.merge", "objectId": 10, "primaryObjectId": 10,
             "mergedObjectIds": [11, 12], "newObjectId": 10, "occurredAt": 1_777_629_600_000}  # fmt: skip
    delivery = translate("hubspot", [merge])
    assert named(delivery) == [("contacts", "11", True), ("contacts", "12", True)]
    assert delivery.fetch == [("contacts", "10")]
    as_new = translate("hubspot", [merge | {"newObjectId": 13, "mergedObjectIds": [11]}])
    assert named(as_new) == [("contacts", "11", True), ("contacts", "10", True)]
    assert as_new.fetch == [("contacts", "13")]


def test_intercom_gives_contacts_whole_and_conversations_by_id(shared_data: Path) -> None:
    folder = shared_data / "saas_examples"
    contact = json.loads((folder / "intercom_contacts_6762f0dd1bb69f9f2193bb83.json").read_text())
    notice = {"type": "notification_event", "id": "notif_1", "topic": "contact.user.created",
              "created_at": 1_777_629_600, "data": {"item": contact}}  # fmt: skip
    delivery = translate("intercom", notice)
    assert delivery.records[0].body == contact
    assert (named(delivery), delivery.delivery_id) == ([("contacts", contact["id"], False)], "notif_1")
    gone = translate("intercom", notice | {"topic": "contact.deleted"})
    assert named(gone) == [("contacts", contact["id"], True)]

    def about(item: dict[str, Any], topic: str) -> Delivery:
        return translate("intercom", notice | {"topic": topic, "data": {"item": item}})

    talk = about({"type": "conversation", "id": "471"}, "conversation.user.replied")
    assert (talk.records, talk.fetch) == ((), [("conversations", "471")])
    tag = about({"type": "contact_tag", "contact": {"id": "c1"}}, "contact.user.tag.created")
    assert tag.fetch == [("contacts", "c1")]
    assert about({"type": "ping", "message": "hi"}, "ping") == Delivery(delivery_id="notif_1")


def test_twilio_is_answered_in_its_language_and_its_record_is_fetched() -> None:
    call = translate("twilio", urlencode({"CallSid": "CA1", "CallStatus": "completed"}).encode())
    assert call.fetch == [("calls", "CA1")]
    assert call.answer.startswith("<?xml")
    text = translate("twilio", urlencode({"MessageSid": "SM1", "Body": "hi", "From": "+1"}).encode())
    assert text.fetch == [("messages", "SM1")]


def test_github_issues_are_tickets_with_comments() -> None:
    issue = {"id": 1, "number": 3, "title": "Broken", "updated_at": "2026-05-01T10:00:00Z"}
    comment = {"id": 9, "body": "Same here", "updated_at": "2026-05-01T10:00:00Z"}
    body = {"action": "created", "issue": issue, "comment": comment}
    delivery = translate("github", body, {"x-github-event": "issue_comment", "x-github-delivery": "d1"})
    assert named(delivery) == [("issues", "1", False), ("issue_comments", "9", False)]
    gone = translate("github", {"action": "deleted", "issue": issue}, {"x-github-event": "issues"})
    assert named(gone) == [("issues", "1", True)]
    assert translate("github", {"zen": "x"}, {"x-github-event": "ping"}).records == ()
    change = body | {"issue": issue | {"pull_request": {"url": "x"}}}
    assert translate("github", change, {"x-github-event": "issue_comment"}).records == []


def test_slack_messages_keep_their_name_when_they_are_edited() -> None:
    def event(**inner: Any) -> dict[str, Any]:
        return {"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "event_time": 1_777_629_600,
                "event": {"type": "message", "channel": "C1", **inner}}  # fmt: skip

    (first,) = translate("slack", event(ts="1777629600.000100", user="U1", text="hello")).records
    assert (first.external_id, first.body) == (
        "C1:1777629600.000100",
        {"type": "message", "channel": "C1", "ts": "1777629600.000100", "user": "U1", "text": "hello",
         "team_id": "T1"},
    )  # fmt: skip
    inner = {"ts": "1777629600.000100", "user": "U1", "text": "hello!"}
    (edited,) = translate("slack", event(subtype="message_changed", message=inner)).records
    assert edited.external_id == first.external_id
    (gone,) = translate("slack", event(subtype="message_deleted", deleted_ts="1777629600.000100")).records
    assert (gone.external_id, gone.deleted) == (first.external_id, True)


def test_mailchimp_members_are_named_by_the_hash_of_their_address() -> None:
    def push(**fields: str) -> Delivery:
        form = {"fired_at": "2026-05-01 10:00:00"} | fields
        return translate("mailchimp", urlencode(form).encode())

    ann = hashlib.md5(b"ann@example.com").hexdigest()
    for kind in ("subscribe", "profile", "unsubscribe", "cleaned"):
        assert push(**{"type": kind, "data[email]": "Ann@Example.com"}).fetch == [("members", ann)]
    deleted = push(**{"type": "unsubscribe", "data[email]": "ann@example.com", "data[action]": "delete"})
    assert named(deleted) == [("members", ann, True)]
    assert deleted.records[0].updated_at == MAY_FIRST
    moved = push(**{"type": "upemail", "data[old_email]": "ann@example.com", "data[new_email]": "a@x.org"})
    assert named(moved) == [("members", ann, True)]
    assert moved.fetch == [("members", hashlib.md5(b"a@x.org").hexdigest())]
    other = {"type": "profile", "data[email]": "a@x.org", "data[list_id]": "L2"}
    assert translate("mailchimp", urlencode(other).encode(), list_id="L1") == Delivery()
    assert push(type="campaign", **{"data[id]": "c1"}) == Delivery()
    assert WEBHOOKS["mailchimp"].translate(request({}, b"", method="GET"), {}) == Delivery()


def test_django_helpdesk_pushes_the_ticket_that_its_api_gives(shared_data: Path) -> None:
    folder = shared_data / "source_captures"
    lines = (folder / "django-helpdesk-2.6.1-webhooks.jsonl").read_text().splitlines()
    polled = json.loads((folder / "django-helpdesk-2.6.1-api.json").read_text())["results"][0]
    first, last = (translate("django_helpdesk", json.loads(line)["b"].encode()).records[0] for line in lines)
    assert last.body == polled
    assert (last.stream, last.external_id) == ("tickets", "1")
    assert first.updated_at is not None
    assert last.updated_at is not None
    assert first.updated_at < last.updated_at


COMMON: list[tuple[Any, list[tuple[str, str, bool]]]] = [
    ({"id": 1, "email": "x"}, [("records", "1", False)]),
    ([{"id": 1}, {"id": 2}], [("records", "1", False), ("records", "2", False)]),
    ({"contacts": [{"id": 1}], "page": 1}, [("contacts", "1", False)]),
    (
        {"type": "contact.updated", "timestamp": "2026-05-01T10:00:00Z", "data": {"id": "c1"}},
        [("contact", "c1", False)],
    ),
    ({"id": "evt", "type": "contact.deleted", "data": {"object": {"id": "c1"}}}, [("contact", "c1", True)]),
    ({"event": "order:created", "order": {"id": 5}}, [("order", "5", False)]),
    ({"customer": {"id": 5, "name": "x"}}, [("customer", "5", False)]),
    ({"action": "removed", "payload": {"id": 5}}, [("records", "5", True)]),
]


@pytest.mark.parametrize(("body", "expected"), COMMON)
def test_common_forms_of_unknown_senders_need_no_settings(
    body: Any, expected: list[tuple[str, str, bool]]
) -> None:
    assert named(translate("webhook", body)) == expected


def test_paths_say_where_things_stand_in_uncommon_forms() -> None:
    body = {"meta": {"what": "wijzig"}, "rows": [
        {"op": "weg", "soort": "klant",
         "inhoud": {"sleutel": {"nr": 7}, "gewijzigd": "2026-05-01T10:00:00Z"}},
        {"op": "nieuw", "soort": "klant", "inhoud": {"sleutel": {"nr": 8}, "gewijzigd": 1_777_629_600}},
    ]}  # fmt: skip
    paths: dict[str, Any] = {
        "list_path": "$.rows", "record_path": "inhoud", "id_path": "sleutel.nr", "updated_path": "gewijzigd",
        "stream_path": "soort", "operation_path": "op", "deleted_words": ["weg"],
    }  # fmt: skip
    delivery = translate("webhook", body, **paths)
    assert named(delivery) == [("klant", "7", True), ("klant", "8", False)]
    assert [one.updated_at for one in delivery.records] == [MAY_FIRST, MAY_FIRST]
    assert "Where the list is" in refusal("webhook", body, list_path="nothing")
    assert "where the record is" in refusal("webhook", body, list_path="rows", record_path="nothing")
    assert "Where the id is" in refusal("webhook", {"a": 1})
    assert named(translate("webhook", {"id": 1}, stream="people")) == [("people", "1", False)]


def test_a_form_and_a_kind_in_a_header_are_read_too() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    (record,) = translate("webhook", b"id=4&email=x%40y.org", headers).records
    assert record.body == {"id": "4", "email": "x@y.org"}
    topic = {"x-acme-topic": "people/updated"}
    assert named(translate("webhook", {"id": 4}, topic)) == [("people", "4", False)]
    assert named(translate("webhook", {"id": 4}, topic, stream="staff")) == [("staff", "4", False)]


def test_a_header_that_nobody_signed_deletes_nothing() -> None:
    for headers in ({"x-any-event": "contact.deleted"}, {"x-acme-topic": "people/delete"}):
        with pytest.raises(ItemRefusedError, match="headers are not signed"):
            translate("webhook", {"id": 4}, headers)
    told = translate("webhook", {"id": 4, "event": "contact.deleted"}, {"x-any-event": "contact.updated"})
    assert named(told) == [("contact", "4", True)]


@pytest.mark.parametrize("name", WEBHOOKS)
def test_every_connector_of_a_vendor_that_pushes_takes_its_pushes(name: str) -> None:
    connector = find_connector(name)
    if connector is None:
        return
    assert connector.webhook is WEBHOOKS[name]
    properties = connector.settings_schema["properties"]
    assert properties[SECRET]["writeOnly"]
    assert properties[OLD_SECRET]["writeOnly"]


def test_no_two_connectors_have_one_name() -> None:
    names = [connector.name for connector in list_connectors()]
    assert len(set(names)) == len(names)
