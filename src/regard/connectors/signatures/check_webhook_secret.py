"""Tells whether a webhook secret can prove anything, before anybody has sent."""

from __future__ import annotations

from datetime import datetime

from regard.connectors.connector_contract import SettingsRefusedError, Webhook, WebhookRequest
from regard.connectors.signatures.refuse_signature import (
    SecretUnusableError,
    SignatureRefusedError,
    secrets_of,
)


def check_webhook_secret(webhook: Webhook, secret: str, now: datetime) -> None:
    """Raise `SettingsRefusedError` for a secret with which every request would be turned away.

    A request is judged that offers a proof in each way a scheme may ask for; what it is refused for tells.
    """
    stamp = str(int(now.timestamp()))
    headers = {
        "webhook-id": "probe", "webhook-timestamp": stamp, "webhook-signature": "v1,AAAA v1a,AAAA",
        "authorization": "Bearer probe",
    }  # fmt: skip
    request = WebhookRequest("POST", "https://regard.invalid/hooks/probe", headers, b"{}", now)
    try:
        secrets_of(secret)
        webhook.verify(request, secret)
    except SecretUnusableError as problem:
        raise SettingsRefusedError(str(problem)) from None
    except SignatureRefusedError:
        return
