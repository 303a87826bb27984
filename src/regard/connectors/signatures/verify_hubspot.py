"""HubSpot: v3 signs method, address, body and time; v1 and v2 of older apps hash the secret with the text."""

from __future__ import annotations

import re

from regard.connectors.connector_contract import WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    as_base64,
    as_hex,
    mac,
    require_equal,
    require_header,
    require_recent,
    secrets_of,
    sha256,
    to_bytes,
)

_WHERE = (
    "the client secret of the app in HubSpot, and the address of the webhook there with the one under which"
    " Regard is reached from outside (REGARD_PUBLIC_URL)"
)
# HubSpot signs the address with these, and only these, written plainly.
_PLAIN = {
    "3A": ":", "2F": "/", "3F": "?", "40": "@", "21": "!", "24": "$", "27": "'", "28": "(", "29": ")",
    "2A": "*", "2C": ",", "3B": ";",
}  # fmt: skip
_ESCAPED = re.compile("%(" + "|".join(_PLAIN) + ")", re.IGNORECASE)


def verify_hubspot(request: WebhookRequest, secret: str) -> None:
    """Raises `SignatureRefusedError` unless HubSpot signed the request with the client secret of the app.

    v3 carries a time and is judged by it; v1 and v2 count only where v3 is absent.
    """
    if "x-hubspot-signature-v3" in request.headers:
        _verify_v3(request, secret)
        return
    given = require_header(request, "x-hubspot-signature")
    text = request.body
    if request.headers.get("x-hubspot-signature-version", "").strip().lower() == "v2":
        text = to_bytes(request.method + request.url) + request.body
    expected = [as_hex(sha256(to_bytes(one) + text)) for one in secrets_of(secret)]
    require_equal([given], expected, _WHERE)


def _verify_v3(request: WebhookRequest, secret: str) -> None:
    given = require_header(request, "x-hubspot-signature-v3")
    stamp = require_header(request, "x-hubspot-request-timestamp")
    message = to_bytes(request.method + plain_address(request.url)) + request.body + to_bytes(stamp)
    expected = [as_base64(mac(to_bytes(one), message)) for one in secrets_of(secret)]
    require_equal([given], expected, _WHERE)
    require_recent(stamp, request, per_second=1_000)


def plain_address(url: str) -> str:
    """The address as HubSpot signs it: some escaped characters written plainly, without the fragment."""
    address = url.partition("#")[0]
    return _ESCAPED.sub(lambda found: _PLAIN[found[1].upper()], address)
