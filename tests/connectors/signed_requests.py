"""Requests as each vendor signs them; the fixed ones were accepted by the vendor's own library."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from regard.connectors.connector_contract import WebhookRequest

BODY = b'{"id":1,"email":"ann@example.com"}'
SIGNED_AT = 1_700_000_000
ARRIVED = datetime.fromtimestamp(SIGNED_AT, UTC)
STANDARD_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef" * 2).decode()
FORM = b"CallSid=CA1&From=%2B442079460001&To=%2B442079460002"

Sign = Callable[[bytes, str, int], WebhookRequest]


def request(
    headers: Mapping[str, str],
    body: bytes = BODY,
    url: str = "https://hub.example/hooks/shop",
    method: str = "POST",
    received_at: datetime = ARRIVED,
) -> WebhookRequest:
    """A request that arrived when it was signed."""
    return WebhookRequest(
        method, url, {name.lower(): one for name, one in headers.items()}, body, received_at
    )


def digest(key: bytes, text: bytes, name: str = "sha256") -> bytes:
    return hmac.new(key, text, name).digest()


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def stripe(body: bytes, secret: str, at: int) -> WebhookRequest:
    signature = digest(secret.encode(), f"{at}.".encode() + body).hex()
    return request({"Stripe-Signature": f"t={at},v1={signature},v0=00"}, body)


def standard(body: bytes, secret: str, at: int) -> WebhookRequest:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = b64(digest(key, f"msg_1.{at}.".encode() + body))
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature}",
    }
    return request(headers, body)


def shopify(body: bytes, secret: str, at: int) -> WebhookRequest:
    return request({"X-Shopify-Hmac-Sha256": b64(digest(secret.encode(), body))}, body)


def woocommerce(body: bytes, secret: str, at: int) -> WebhookRequest:
    return request({"X-WC-Webhook-Signature": b64(digest(secret.encode(), body))}, body)


def zendesk(body: bytes, secret: str, at: int) -> WebhookRequest:
    stamp = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    signature = b64(digest(secret.encode(), stamp.encode() + body))
    return request(
        {"X-Zendesk-Webhook-Signature": signature, "X-Zendesk-Webhook-Signature-Timestamp": stamp}, body
    )


def hubspot(body: bytes, secret: str, at: int) -> WebhookRequest:
    url, stamp = "https://hub.example/hooks/crm?a=%3F%26%20b%40c", str(at * 1_000)
    plain = "https://hub.example/hooks/crm?a=?%26%20b@c"
    signature = b64(digest(secret.encode(), f"POST{plain}".encode() + body + stamp.encode()))
    return request({"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp}, body, url)


def hubspot_v1(body: bytes, secret: str, at: int) -> WebhookRequest:
    signature = hashlib.sha256(secret.encode() + body).hexdigest()
    return request({"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": "v1"}, body)


def hubspot_v2(body: bytes, secret: str, at: int) -> WebhookRequest:
    url = "https://hub.example/hooks/crm"
    signature = hashlib.sha256(f"{secret}POST{url}".encode() + body).hexdigest()
    return request({"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": "v2"}, body, url)


def twilio_json(body: bytes, secret: str, at: int) -> WebhookRequest:
    url = f"https://hub.example/hooks/calls?bodySHA256={hashlib.sha256(body).hexdigest()}"
    return request({"X-Twilio-Signature": b64(digest(secret.encode(), url.encode(), "sha1"))}, body, url)


def twilio_form(body: bytes, secret: str, at: int) -> WebhookRequest:
    """`body` as the text of a message, in a form."""
    text = body.decode()
    form = f"MessageSid=SM1&Body={quote(text)}&From=%2B442079460001".encode()
    url = "https://hub.example/hooks/calls"
    signed = f"{url}Body{text}From+442079460001MessageSidSM1".encode()
    return request({"X-Twilio-Signature": b64(digest(secret.encode(), signed, "sha1"))}, form, url)


def slack(body: bytes, secret: str, at: int) -> WebhookRequest:
    signature = "v0=" + digest(secret.encode(), f"v0:{at}:".encode() + body).hex()
    return request({"X-Slack-Signature": signature, "X-Slack-Request-Timestamp": str(at)}, body)


def github(body: bytes, secret: str, at: int) -> WebhookRequest:
    return request({"X-Hub-Signature-256": "sha256=" + digest(secret.encode(), body).hex()}, body)


def intercom(body: bytes, secret: str, at: int) -> WebhookRequest:
    return request({"X-Hub-Signature": "sha1=" + digest(secret.encode(), body, "sha1").hex()}, body)


def own_hash(body: bytes, secret: str, at: int) -> WebhookRequest:
    return request({"X-Acme-Signature": digest(secret.encode(), body).hex()}, body)


def bearer(body: bytes, secret: str, at: int) -> WebhookRequest:
    return request({"Authorization": f"Bearer {secret}"}, body)


def basic(body: bytes, secret: str, at: int) -> WebhookRequest:
    return request({"Authorization": "Basic " + b64(f"regard:{secret}".encode())}, body)


def address(body: bytes, secret: str, at: int) -> WebhookRequest:
    return request({}, body, f"https://hub.example/hooks/desk/{quote(secret, safe='')}?x=1")


@dataclass(frozen=True)
class Case:
    """A vendor's scheme with a way to sign; `covers_body`: what is signed includes the body."""

    scheme: str
    sign: Sign
    secret: str = "secret/with + signs"
    covers_body: bool = True
    timed: bool = False


CASES = {
    "stripe": Case("stripe", stripe, "whsec_test", timed=True),
    "standard": Case("standard_webhooks", standard, STANDARD_SECRET, timed=True),
    "shopify": Case("shopify", shopify),
    "woocommerce": Case("woocommerce", woocommerce, "a, b; c ~'\""),
    "zendesk": Case("zendesk", zendesk, timed=True),
    "hubspot-v3": Case("hubspot", hubspot, timed=True),
    "hubspot-v1": Case("hubspot", hubspot_v1),
    "hubspot-v2": Case("hubspot", hubspot_v2),
    "twilio-form": Case("twilio", twilio_form),
    "twilio-json": Case("twilio", twilio_json),
    "slack": Case("slack", slack, timed=True),
    "github": Case("github", github),
    "intercom": Case("intercom", intercom),
    "bearer": Case("bearer_token", bearer, covers_body=False),
    "basic": Case("basic_password", basic, covers_body=False),
    "address": Case("secret_in_address", address, covers_body=False),
    "any-standard": Case("any", standard, STANDARD_SECRET, timed=True),
    "any-github": Case("any", github),
    "any-shopify": Case("any", shopify),
    "any-own": Case("any", own_hash),
    "any-bearer": Case("any", bearer, covers_body=False),
    "any-basic": Case("any", basic, covers_body=False),
    "any-address": Case("any", address, covers_body=False),
}
