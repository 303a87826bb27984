"""Every signature scheme, in one visible table; a new one is one function and one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regard.connectors.connector_contract import Verify
from regard.connectors.signatures.verify_any_scheme import verify_any_scheme
from regard.connectors.signatures.verify_body_hash import (
    verify_github,
    verify_intercom,
    verify_shopify,
    verify_woocommerce,
)
from regard.connectors.signatures.verify_hubspot import verify_hubspot
from regard.connectors.signatures.verify_plain_secret import (
    verify_basic_password,
    verify_bearer_token,
    verify_secret_in_address,
)
from regard.connectors.signatures.verify_standard_webhooks import verify_standard_webhooks
from regard.connectors.signatures.verify_stripe import verify_stripe
from regard.connectors.signatures.verify_timed_hash import verify_slack, verify_zendesk
from regard.connectors.signatures.verify_twilio import verify_twilio


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to prove a request; `title` names it for people, `timed`: it knows when it was signed."""

    title: str
    verify: Verify
    timed: bool = False


SCHEMES: Mapping[str, Scheme] = {
    "stripe": Scheme("Stripe-Signature (HMAC-SHA256 with time)", verify_stripe, timed=True),
    "standard_webhooks": Scheme("Standard Webhooks, Svix", verify_standard_webhooks, timed=True),
    "shopify": Scheme("X-Shopify-Hmac-Sha256", verify_shopify),
    "woocommerce": Scheme("X-WC-Webhook-Signature", verify_woocommerce),
    "zendesk": Scheme("X-Zendesk-Webhook-Signature (HMAC-SHA256 with time)", verify_zendesk, timed=True),
    "hubspot": Scheme("X-HubSpot-Signature v3, v2 and v1", verify_hubspot),
    "twilio": Scheme("X-Twilio-Signature (HMAC-SHA1 of address and form)", verify_twilio),
    "slack": Scheme("X-Slack-Signature (HMAC-SHA256 with time)", verify_slack, timed=True),
    "github": Scheme("X-Hub-Signature-256", verify_github),
    "intercom": Scheme("X-Hub-Signature (HMAC-SHA1)", verify_intercom),
    "bearer_token": Scheme("Bearer token", verify_bearer_token),
    "basic_password": Scheme("User and password (Basic)", verify_basic_password),
    "secret_in_address": Scheme("Secret in the address", verify_secret_in_address),
    "any": Scheme("Standard Webhooks, HMAC of the body, token, or secret in the address", verify_any_scheme),
}
