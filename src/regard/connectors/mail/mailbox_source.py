"""The entry of mailboxes in the catalogue of connectors."""

from __future__ import annotations

from regard.connectors.connector_contract import Connector
from regard.connectors.mail.mail_settings import MAIL_SETTINGS_SCHEMA
from regard.connectors.mail.read_mailbox import open_mailbox

MAILBOX = Connector(
    "imap",
    "Mailbox (IMAP)",
    category="Conversations",
    freshness="pushed",
    settings_schema=MAIL_SETTINGS_SCHEMA,
    open=open_mailbox,
    mappings="imap",
)
