"""Stripe: `Stripe-Signature: t=…,v1=…` with hex HMAC-SHA256 over `t.body`; several v1 while a key rolls."""

from __future__ import annotations

from regard.connectors.connector_contract import WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    SignatureRefusedError,
    as_hex,
    mac,
    require_equal,
    require_header,
    require_recent,
    secrets_of,
    to_bytes,
)

_WHERE = "the signing secret (whsec_…) of the endpoint in Stripe's dashboard"


def verify_stripe(request: WebhookRequest, secret: str) -> None:
    """Raises `SignatureRefusedError` unless Stripe signed the request with the secret, now."""
    parts = [part.strip().partition("=") for part in require_header(request, "stripe-signature").split(",")]
    stamp = next((value for name, _, value in parts if name == "t"), "")
    signatures = [value for name, _, value in parts if name == "v1"]
    if not stamp or not signatures:
        raise SignatureRefusedError(
            "missing_signature",
            "The header Stripe-Signature has no t=… or no v1=… in it. Check that Stripe itself sends it.",
        )
    message = to_bytes(stamp) + b"." + request.body
    expected = [as_hex(mac(to_bytes(one), message)) for one in secrets_of(secret)]
    require_equal(signatures, expected, _WHERE)
    require_recent(stamp, request)
