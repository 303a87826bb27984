"""Every vendor that can push, by the name of its connector; a new one is a function and a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from regard.connectors.connector_contract import Translate, Webhook
from regard.connectors.signatures.signature_catalogue import SCHEMES
from regard.connectors.signatures.verify_any_scheme import trust_signed_id
from regard.connectors.webhooks.describe_any_form import ANY_FORM
from regard.connectors.webhooks.fetch_named_records import FETCHING
from regard.connectors.webhooks.translate_any_form import translate_any_form
from regard.connectors.webhooks.translate_github import translate_github
from regard.connectors.webhooks.translate_helpdesks import (
    translate_django_helpdesk,
    translate_intercom,
    translate_zendesk,
)
from regard.connectors.webhooks.translate_hubspot import translate_hubspot
from regard.connectors.webhooks.translate_messages import (
    translate_mailchimp,
    translate_slack,
    translate_twilio,
)
from regard.connectors.webhooks.translate_shops import translate_shopify, translate_woocommerce
from regard.connectors.webhooks.translate_stripe import translate_stripe

SECRET, OLD_SECRET = "webhook_secret", "webhook_secret_before"

SECRET_SETTINGS: Mapping[str, Any] = {
    SECRET: {
        "type": "string",
        "writeOnly": True,
        "title": "Webhook secret",
        "description": "The secret with which the sender proves its requests.",
    },
    OLD_SECRET: {
        "type": "string",
        "writeOnly": True,
        "title": "Webhook secret before",
        "description": "The secret that it replaces; holds as well until you remove it.",
    },
}
"""Properties for the settings of every connector with a webhook."""

WEBHOOK_ONLY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": SECRET_SETTINGS,
    "required": [SECRET],
}
"""Settings of a connector that does nothing but receive."""

ANY_FORM_SCHEMA: Mapping[str, Any] = {
    **WEBHOOK_ONLY_SCHEMA,
    "properties": {**SECRET_SETTINGS, **ANY_FORM, **FETCHING},
}
"""Settings of the connector for senders that are not known by name."""


def _webhook(scheme: str, translate: Translate) -> Webhook:
    return Webhook(SCHEMES[scheme].title, SCHEMES[scheme].verify, translate)


WEBHOOKS: Mapping[str, Webhook] = {
    "stripe": _webhook("stripe", translate_stripe),
    "shopify": _webhook("shopify", translate_shopify),
    "woocommerce": _webhook("woocommerce", translate_woocommerce),
    "zendesk": _webhook("zendesk", translate_zendesk),
    "hubspot": _webhook("hubspot", translate_hubspot),
    "intercom": _webhook("intercom", translate_intercom),
    "twilio": _webhook("twilio", translate_twilio),
    "slack": _webhook("slack", translate_slack),
    "github": _webhook("github", translate_github),
    "mailchimp": _webhook("secret_in_address", translate_mailchimp),
    "django_helpdesk": _webhook("secret_in_address", translate_django_helpdesk),
    "webhook": replace(_webhook("any", translate_any_form), trust=trust_signed_id),
}
