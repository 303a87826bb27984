"""Whatever a genuine sender pushes is understood or refused in words, by each vendor's reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.connectors.connector_contract import WebhookRequest
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.webhooks.webhook_catalogue import WEBHOOKS
from tests.connectors.signed_requests import ARRIVED, request

WORDS = st.sampled_from([
    "id", "type", "data", "object", "customer", "event", "topic", "item", "ticket", "followup_set", "date",
    "issue",
    "subscriptionType", "contact.merge", "objectId", "mergedObjectIds", "occurredAt", "created", "refunds",
    "message", "channel", "ts", "event_callback", "notification_event", "zen:event-type:user.merged",
    "detail",
    "charge", "",
])  # fmt: skip
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=15,
)
HEADERS = st.fixed_dictionaries({
    "x-shopify-topic": st.sampled_from(
        ["customers/update", "orders/delete", "customers/redact", "refunds/x", "x", "/"]),
    "x-wc-webhook-topic": st.sampled_from(["order.updated", "customer.deleted", ""]),
    "x-github-event": st.sampled_from(["issues", "issue_comment", "ping"]),
    "content-type": st.sampled_from(["application/json", "application/x-www-form-urlencoded"]),
})  # fmt: skip


@pytest.mark.parametrize("vendor", WEBHOOKS)
@settings(max_examples=60, deadline=None)
@given(body=ANYTHING, headers=HEADERS, raw=st.none() | st.binary(max_size=40))
def test_any_body_is_understood_or_refused(
    vendor: str, body: Any, headers: dict[str, str], raw: bytes | None
) -> None:
    text = json.dumps(body).encode() if raw is None else raw
    asked = WebhookRequest("POST", "https://hub.example/hooks/x", headers, text, ARRIVED)
    try:
        delivery = WEBHOOKS[vendor].translate(asked, {})
    except ItemRefusedError:
        return
    for record in delivery.records:
        assert record.stream
        assert record.external_id
        assert record.updated_at is None or record.updated_at.tzinfo is not None
    assert all(stream and external_id for stream, external_id in delivery.fetch)


@pytest.mark.parametrize("vendor", WEBHOOKS)
@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b'{"a":' * 5_000, b'{"id": NaN}', b'{"id":"\\u0000"}', b'{"id":"\\ud800"}']
)
def test_hostile_json_is_refused(vendor: str, text: bytes) -> None:
    if vendor in {"mailchimp", "twilio"}:
        return
    headers = {
        "x-shopify-topic": "customers/update",
        "x-wc-webhook-topic": "order.updated",
        "x-github-event": "issues",
    }
    with pytest.raises(ItemRefusedError, match="signature is right"):
        WEBHOOKS[vendor].translate(request(headers, text), {})
