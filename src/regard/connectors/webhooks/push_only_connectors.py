"""Sources that only push. A connector of the same name that also reads takes the place of the one here."""

from __future__ import annotations

from regard.connectors.connector_contract import Connector
from regard.connectors.webhooks.fetch_named_records import open_fetching
from regard.connectors.webhooks.webhook_catalogue import ANY_FORM_SCHEMA, WEBHOOK_ONLY_SCHEMA, WEBHOOKS


def _pushes(name: str, title: str, category: str, mappings: str | None = None) -> Connector:
    webhook = WEBHOOKS[name]
    return Connector(name, title, category, "pushed", WEBHOOK_ONLY_SCHEMA, webhook=webhook, mappings=mappings)


PUSH_ONLY: tuple[Connector, ...] = (
    Connector(
        "webhook",
        "Webhook (any sender)",
        "Events",
        settings_schema=ANY_FORM_SCHEMA,
        open=open_fetching,
        webhook=WEBHOOKS["webhook"],
    ),
    _pushes("github", "GitHub issues", "Help desk", "github"),
    _pushes("django_helpdesk", "django-helpdesk", "Help desk", "django_helpdesk"),
    _pushes("slack", "Slack", "Conversations", "slack"),
)
