"""The entry of Matrix in the catalogue of connectors."""

from __future__ import annotations

from typing import Any

from regard.connectors.connector_contract import Connector, Webhook
from regard.connectors.matrix.translate_matrix import translate_transaction
from regard.connectors.signatures.verify_plain_secret import verify_bearer_token
from regard.connectors.webhooks.webhook_catalogue import OLD_SECRET, SECRET, SECRET_SETTINGS

MATRIX_SETTINGS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": [SECRET],
    "properties": {
        SECRET: {
            **SECRET_SETTINGS[SECRET], "title": "Token of the home server (hs_token)",
            "description": "The hs_token of the registration file that the home server has.",
        },
        OLD_SECRET: SECRET_SETTINGS[OLD_SECRET],
        "our_users": {
            "type": "string", "title": "Our own users", "format": "regex",
            "examples": ["@(agent|bot)-.*:shop\\.example"],
            "description": "A regular expression for the whole user id, as in the namespaces of the"
            " registration. What these write is outgoing, and they become no customers.",
        },
    },
}  # fmt: skip

MATRIX = Connector(
    "matrix",
    "Matrix (application service)",
    category="Conversations",
    settings_schema=MATRIX_SETTINGS_SCHEMA,
    webhook=Webhook("Bearer token of the home server", verify_bearer_token, translate_transaction),
    mappings="matrix",
)
