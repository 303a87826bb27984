"""Schemes that sign a time stamp with the body: Zendesk and Slack."""

from __future__ import annotations

from regard.connectors.connector_contract import WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    as_base64,
    as_hex,
    mac,
    require_equal,
    require_header,
    require_recent,
    require_recent_text,
    secrets_of,
    to_bytes,
)


def verify_zendesk(request: WebhookRequest, secret: str) -> None:
    """`X-Zendesk-Webhook-Signature`: base64 HMAC-SHA256 of stamp (ISO text or digits) and body."""
    given = require_header(request, "x-zendesk-webhook-signature")
    stamp = require_header(request, "x-zendesk-webhook-signature-timestamp")
    message = to_bytes(stamp) + request.body
    expected = [as_base64(mac(to_bytes(one), message)) for one in secrets_of(secret)]
    require_equal([given], expected, "the signing secret of the webhook in Zendesk's Admin Center")
    require_recent_text(stamp, request)


def verify_slack(request: WebhookRequest, secret: str) -> None:
    """`X-Slack-Signature`: `v0=` and the hex HMAC-SHA256 of `v0:stamp:body`."""
    given = require_header(request, "x-slack-signature")
    stamp = require_header(request, "x-slack-request-timestamp")
    message = to_bytes(f"v0:{stamp}:") + request.body
    expected = [b"v0=" + as_hex(mac(to_bytes(one), message)) for one in secrets_of(secret)]
    require_equal([given], expected, "the signing secret under Basic Information of the Slack app")
    require_recent(stamp, request)
