"""Senders of webhooks whom nobody has described: their proofs, what they push, what they only name."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
    Surroundings,
)
from regard.connectors.mapping.map_record import Surface, map_record
from regard.connectors.mapping.propose_stream_mapping import propose_stream_mapping
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.signatures import verify_any_scheme as verify_any
from regard.connectors.signatures.refuse_signature import SignatureRefusedError
from regard.connectors.signatures.verify_any_scheme import verify_any_scheme
from regard.connectors.webhooks.fetch_named_records import open_fetching
from regard.connectors.webhooks.translate_any_form import translate_any_form
from regard.kit.clock import SetClock
from tests.connectors.signed_requests import ARRIVED, request

SECRET = "a secret of the sender"
BODY = b'{"id": 1}'
STAMP = str(int(ARRIVED.timestamp()))


def keyed(message: bytes, digest: str = "sha256") -> hmac.HMAC:
    return hmac.new(SECRET.encode(), message, digest)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-acme-proof": keyed(BODY).hexdigest()},
        {"x-hub-signature": "sha1=" + keyed(BODY, "sha1").hexdigest()},
        {"typeform-signature": "sha256=" + base64.b64encode(keyed(BODY).digest()).decode()},
        {"calendly-webhook-signature": f"t={STAMP},v1=" + keyed(f"{STAMP}.".encode() + BODY).hexdigest()},
        {"paddle-signature": f"ts={STAMP};h1=" + keyed(f"{STAMP}:".encode() + BODY).hexdigest()},
        {"x-acme-timestamp": STAMP, "x-acme-signature": keyed(f"{STAMP}.".encode() + BODY).hexdigest()},
    ],
)
def test_a_keyed_hash_proves_the_secret_whatever_its_header_is_called(headers: dict[str, str]) -> None:
    verify_any_scheme(request(headers, BODY), SECRET)
    with pytest.raises(SignatureRefusedError):
        verify_any_scheme(request(headers, BODY + b" "), SECRET)
    with pytest.raises(SignatureRefusedError):
        verify_any_scheme(request(headers, BODY), "another secret")


def test_the_address_may_be_signed_with_the_body() -> None:
    asked = request({}, BODY)
    sign = base64.b64encode(keyed(asked.url.encode() + BODY).digest()).decode()
    verify_any_scheme(request({"x-square-hmacsha256-signature": sign}, BODY), SECRET)


def test_an_old_stamp_is_refused_though_its_hash_is_right() -> None:
    old = str(int(STAMP) - 3_600)
    headers = {"acme-signature": f"t={old},v1=" + keyed(f"{old}.".encode() + BODY).hexdigest()}
    with pytest.raises(SignatureRefusedError, match="five minutes"):
        verify_any_scheme(request(headers, BODY), SECRET)


@pytest.mark.parametrize(
    ("body", "stream", "named"),
    [
        ({"event": "message_created", "id": 550, "content": "Hi"}, "message", "550"),
        ({"event": "conversation_status_changed", "id": 25, "status": "open"}, "conversation", "25"),
        ({"triggerEvent": "BOOKING_CREATED", "payload": {"uid": "bF", "title": "Demo"}}, "booking", "bF"),
        ({"event_id": "e", "event_type": "transaction.paid", "data": {"id": "txn"}}, "transaction", "txn"),
        ({"webhook_type": "invoice.created", "invoice": {"number": "L-1", "total": 5}}, "invoice", "L-1"),
        ({"event": "invitee.created", "payload": {"uri": "u:1", "email": "a@b.example"}}, "invitee", "u:1"),
        ({"ticket": {"id": 81, "title": "Late"}, "article": {"body": "x"}}, "ticket", "81"),
    ],
)  # fmt: skip
def test_what_is_pushed_is_told_by_its_words(body: dict[str, Any], stream: str, named: str) -> None:
    [record] = translate_any_form(request({}, json.dumps(body).encode()), {}).records
    assert (record.stream, record.external_id) == (stream, named)


def test_a_list_of_wrapped_notifications_gives_payments_of_who_paid() -> None:
    def notice(reference: str, **more: Any) -> dict[str, Any]:
        told = {
            "pspReference": reference, "merchantReference": "8313", "eventDate": "2026-05-01T10:00:00+02:00",
            "amount": {"currency": "EUR", "value": 1130}, "paymentMethod": "visa", "success": "true",
        }  # fmt: skip
        return {"NotificationRequestItem": {**told, **more}}

    paid = notice("79", eventCode="AUTHORISATION", additionalData={"shopperEmail": "ann@example.com"})
    back = notice("99", eventCode="REFUND", originalReference="79")
    push = {"live": "false", "notificationItems": [paid, back]}
    records = translate_any_form(request({}, json.dumps(push).encode()), {}).records
    assert [(one.stream, one.external_id) for one in records] == [("records", "79"), ("records", "99")]
    assert records[0].updated_at == datetime(2026, 5, 1, 8, tzinfo=UTC)
    bodies = [one.body for one in records if one.body is not None]
    mapping = propose_stream_mapping("records", bodies).mapping
    payment, person = map_record(mapping, records[0], Surface(ARRIVED, None, "UTC"))
    assert (payment.body["type"], payment.body["fields"]["amount"]) == ("payment", "11.30")
    assert person.body["fields"]["email"] == ["ann@example.com"]


def test_a_push_of_an_unknown_sender_becomes_an_interaction_by_the_proposed_mapping() -> None:
    push = {
        "event_type": "booking.created",
        "data": {"id": "b1", "title": "Demo", "start_time": "2026-05-25T09:30:00Z",
                 "end_time": "2026-05-25T10:30:00Z",
                 "attendees": [{"email": "jdoe@example.com", "name": "John Doe"}]},
    }  # fmt: skip
    [record] = translate_any_form(request({}, json.dumps(push).encode()), {}).records
    assert record.body is not None
    mapping = propose_stream_mapping(record.stream, [record.body]).mapping
    meeting, person = map_record(mapping, record, Surface(datetime(2026, 6, 1, tzinfo=UTC)))
    assert meeting.body["type"] == "meeting"
    assert meeting.body["party"] == {"stream": person.stream, "id": "jdoe@example.com"}


FETCH = {"fetch_address": "https://api.pay.example/v2/payments/{id}", "fetch_token": "live_key"}


def around() -> Surroundings:
    return Surroundings("pay", SetClock(ARRIVED))


def test_a_push_of_an_id_alone_is_fetched_where_the_settings_say() -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    delivery = translate_any_form(request(form, b"id=tr_7UhSN1zuXS"), {"stream": "payments", **FETCH})
    assert (list(delivery.records), delivery.fetch) == ([], [("payments", "tr_7UhSN1zuXS")])
    [whole] = translate_any_form(request(form, b"id=tr_1&email=a%40b.example"), FETCH).records
    assert whole.body == {"id": "tr_1", "email": "a@b.example"}


async def test_the_named_record_is_asked_for_with_the_key() -> None:
    asked: list[httpx.Request] = []

    def answer(sent: httpx.Request) -> httpx.Response:
        asked.append(sent)
        if sent.url.path.endswith("gone"):
            return httpx.Response(404, json={})
        if sent.url.path.endswith("busy"):
            return httpx.Response(503)
        return httpx.Response(200, json={"id": "tr/1", "amount": {"value": "10.00", "currency": "EUR"}})

    client = open_fetching(FETCH, around(), httpx.MockTransport(answer))
    there, gone = await client.fetch("payments", ["tr/1", "gone"])
    assert there.body == {"id": "tr/1", "amount": {"value": "10.00", "currency": "EUR"}}
    assert gone.deleted
    assert asked[0].url.raw_path == b"/v2/payments/tr%2F1"
    assert asked[0].headers["authorization"] == "Bearer live_key"
    with pytest.raises(SourceUnavailableError):
        await client.fetch("payments", ["busy"])
    assert await client.streams() == []
    await client.close()


async def test_without_an_address_nothing_can_be_fetched() -> None:
    client = open_fetching({}, around())
    await client.check()
    with pytest.raises(SourceRefusesError, match="where a named record is fetched"):
        await client.fetch("payments", ["1"])
    for address in ("api.pay.example/{id}", "https://api.pay.example/payments", "ftp://x/{id}"):
        with pytest.raises(SettingsRefusedError, match="whole address"):
            open_fetching({"fetch_address": address}, around())


def test_only_a_text_without_a_time_of_change_is_its_own_name() -> None:
    timed, bare = b'{"id": 1, "updated_at": "2026-05-01T10:00:00Z"}', b'{"id": 1}'
    assert translate_any_form(request({}, timed), {}).delivery_id == ""
    named = translate_any_form(request({}, bare), {}).delivery_id
    assert named == translate_any_form(request({"x-acme-event": "contact"}, bare), {}).delivery_id != ""
    form = {"content-type": "application/x-www-form-urlencoded"}
    # The sender of ids alone says the same each time that something changed.
    assert translate_any_form(request(form, b"id=tr_7"), FETCH).delivery_id == ""


FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "before",
    [
        "1600000000.", "1600000000:", "1600000000", "1600000000000.", "v0:1600000000:",
        "2020-09-13T12:26:40Z.", "2020-09-13T12:26:40+00:00:",
    ],
)  # fmt: skip
def test_a_stamp_that_was_signed_cannot_be_sent_as_the_beginning_of_the_body(before: str) -> None:
    stamped = before.encode() + b"event=contact.updated&email=ann%40x.org&id=7"
    headers = {**FORM_TYPE, "acme-signature": keyed(stamped).hexdigest()}
    with pytest.raises(SignatureRefusedError, match="five minutes"):
        verify_any_scheme(request(headers, stamped), SECRET)


def test_a_form_that_begins_with_no_time_is_taken_by_its_hash_alone() -> None:
    for body in (b"id=tr_1600000000.x", b"2020=1&id=7", b"note=a:1600000000:b", b"12345678=1"):
        verify_any_scheme(request({**FORM_TYPE, "acme-signature": keyed(body).hexdigest()}, body), SECRET)


def test_a_stamp_in_milliseconds_is_a_time_too() -> None:
    stamp = f"{STAMP}123"
    headers = {"x-acme-timestamp": stamp, "x-acme-signature": keyed(f"{stamp}.".encode() + BODY).hexdigest()}
    verify_any_scheme(request(headers, BODY), SECRET)


def test_headers_that_hold_no_hash_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def count(key: bytes, message: bytes, digest: str) -> bytes:
        made.append(digest)
        return mac(key, message, digest)

    mac = verify_any.mac
    monkeypatch.setattr(verify_any, "mac", count)
    many = {f"x-signature-{number}": ",".join(["v=1"] * 120) for number in range(200)}
    with pytest.raises(SignatureRefusedError):
        verify_any_scheme(request(many, BODY), SECRET)
    assert made == []
    for number in range(200):
        many[f"x-a-{number}"] = f"{number:040x},{number:064x}"
    with pytest.raises(SignatureRefusedError):
        verify_any_scheme(request({**many, "x-hub-signature": f"sha1={'0' * 40}"}, BODY), SECRET)
    assert len(made) <= 4
    good = {**many, "x-hub-signature": "sha1=" + keyed(BODY, "sha1").hexdigest()}
    verify_any_scheme(request(good, BODY), SECRET)


def test_what_cannot_be_read_of_a_list_holds_up_none_of_its_neighbours() -> None:
    push = [{"id": "L3", "email": "ann@example.com"}, {"nope": 1}]
    sound, bad = translate_any_form(request({}, json.dumps(push).encode()), {}).records
    assert (sound.external_id, sound.problem) == ("L3", None)
    assert bad.body == {"nope": 1}
    assert bad.problem is not None
    assert bad.problem.startswith("Item 2 of 2: There is no id at “id”")
    with pytest.raises(ItemRefusedError):
        translate_any_form(request({}, b'[{"nope": 1}, {"no": 2}]'), {})
