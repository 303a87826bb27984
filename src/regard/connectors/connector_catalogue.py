"""Every format that can be pushed to Regard, in one visible tuple; a new one is one file and one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from regard.connectors.connector_contract import Connector
from regard.connectors.folder.file_sources import BUCKET, FOLDER
from regard.connectors.interactions_api import translate_interaction
from regard.connectors.kafka.consume_topics import KAFKA
from regard.connectors.mail.mailbox_source import MAILBOX
from regard.connectors.manifests.manifest_connectors import load_shipped_manifests, manifest_connector
from regard.connectors.matrix.matrix_source import MATRIX
from regard.connectors.name_origin import Origin
from regard.connectors.postgres.postgres_source import POSTGRES_CHANGES
from regard.connectors.posthog_events import translate_capture
from regard.connectors.programs.program_connectors import program_connectors
from regard.connectors.records_api import translate_record
from regard.connectors.segment_events import translate_call
from regard.connectors.snowplow_events import translate_tracked
from regard.connectors.sql.sql_source import SQL
from regard.connectors.webhooks.push_only_connectors import PUSH_ONLY
from regard.events.envelope import Event


@dataclass(frozen=True, slots=True)
class Dialect:
    """A format: `translate` turns one item into its events, the principal one first.

    It raises `ItemRefusedError` for an item that cannot be accepted, and is a pure function.
    """

    name: str
    title: str
    translate: Callable[[Mapping[str, Any], Origin], list[Event]]


RECORDS = Dialect("records", "Records API", translate_record)
INTERACTIONS = Dialect("interactions", "Interactions API", translate_interaction)
SEGMENT = Dialect("segment", "Event API (Segment, RudderStack)", translate_call)
POSTHOG = Dialect("posthog", "PostHog clients", translate_capture)
SNOWPLOW = Dialect("snowplow", "Snowplow trackers", translate_tracked)

DIALECTS = (RECORDS, INTERACTIONS, SEGMENT, POSTHOG, SNOWPLOW)


BUILT_IN = (
    Connector("event_api", "Event API (Segment, RudderStack clients)", "Events"),
    Connector("posthog", "PostHog clients", "Events"),
    Connector("snowplow", "Snowplow trackers", "Events"),
    Connector("debezium", "Debezium change events over HTTP", "Events"),
    Connector("cloud_events", "CloudEvents over HTTP", "Events"),
    Connector("records_api", "Records and interactions API", "Events"),
    Connector("file", "Files (CSV, JSON Lines, Excel)", "Files"),
    POSTGRES_CHANGES,
    SQL,
    MAILBOX,
    MATRIX,
    FOLDER,
    BUCKET,
    KAFKA,
)


@cache
def list_connectors() -> tuple[Connector, ...]:
    """All kinds of source: built in, by shipped manifest, by a manifest or program of one's own, push only.

    A vendor that is read takes the place of the one of the same name that only pushes.
    """
    read = (*BUILT_IN, *load_shipped_manifests(), manifest_connector(), *program_connectors())
    names = {connector.name for connector in read}
    return (*read, *(connector for connector in PUSH_ONLY if connector.name not in names))


def find_dialect(name: str) -> Dialect | None:
    """The dialect of that name."""
    return next((dialect for dialect in DIALECTS if dialect.name == name), None)


def find_connector(name: str) -> Connector | None:
    """The connector of that name."""
    return next((connector for connector in list_connectors() if connector.name == name), None)
