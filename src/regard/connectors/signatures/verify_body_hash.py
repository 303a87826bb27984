"""Schemes that sign the body alone: Shopify, WooCommerce (base64), GitHub, Intercom (hex behind a word).

They carry no time, so what is sent again must be harmless by itself.
"""

from __future__ import annotations

import re

from regard.connectors.connector_contract import WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    as_base64,
    as_hex,
    mac,
    require_equal,
    require_header,
    secrets_of,
    to_bytes,
)

_WOOCOMMERCE_PING = re.compile(rb"webhook_id=[0-9]{1,19}")
_WOOCOMMERCE_HEADER = "x-wc-webhook-signature"


def verify_shopify(request: WebhookRequest, secret: str) -> None:
    """`X-Shopify-Hmac-Sha256`: base64 of the HMAC-SHA256 of the body."""
    given = require_header(request, "x-shopify-hmac-sha256")
    where = "the webhook signing secret in Shopify (Settings, Notifications, or the API secret of the app)"
    require_equal([given], _base64_macs(request, secret), where)


def verify_woocommerce(request: WebhookRequest, secret: str) -> None:
    """`X-WC-Webhook-Signature`: base64 of the HMAC-SHA256 of the body.

    The test that WooCommerce sends when a webhook is switched on is unsigned and says nothing; it passes, for
    WooCommerce shows an error otherwise.
    """
    if _WOOCOMMERCE_HEADER not in request.headers and _WOOCOMMERCE_PING.fullmatch(request.body):
        return
    given = require_header(request, _WOOCOMMERCE_HEADER)
    require_equal([given], _base64_macs(request, secret), "the secret of the webhook in WooCommerce")


def verify_github(request: WebhookRequest, secret: str) -> None:
    """`X-Hub-Signature-256: sha256=` and the hex HMAC-SHA256 of the body."""
    given = require_header(request, "x-hub-signature-256")
    expected = [b"sha256=" + as_hex(mac(to_bytes(one), request.body)) for one in secrets_of(secret)]
    require_equal([given], expected, "the secret of the webhook in GitHub")


def verify_intercom(request: WebhookRequest, secret: str) -> None:
    """`X-Hub-Signature: sha1=` and the hex HMAC-SHA1 of the body."""
    given = require_header(request, "x-hub-signature")
    expected = [b"sha1=" + as_hex(mac(to_bytes(one), request.body, "sha1")) for one in secrets_of(secret)]
    require_equal([given], expected, "the client secret of the app in Intercom's Developer Hub")


def _base64_macs(request: WebhookRequest, secret: str) -> list[bytes]:
    return [as_base64(mac(to_bytes(one), request.body)) for one in secrets_of(secret)]
