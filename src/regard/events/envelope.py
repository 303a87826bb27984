"""The envelope around every event of the log: who says so, about which source record, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from regard.events.event_catalogue import EventBody, body_tag
from regard.kit.ids import derived_id, version_key

# A source's clock may run ahead by this much before its time is not believed.
FUTURE_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RecordKey:
    """Names one record of one outside system; the same key gives the same id for ever."""

    source: str
    stream: str
    external_id: str

    @property
    def record_id(self) -> UUID:
        """The id derived from the key."""
        return derived_id(self.source, self.stream, self.external_id)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log, before it is sealed or after it was opened.

    `event_id` is the source's own id and makes a redelivery harmless for ever. Without one
    (`None`), or with `compare_content`, the event counts as unchanged when its object's last
    content was the same. `occurred_at` is when it happened as best we know, `stated_at` what
    the source said, `received_at` when we got it.
    """

    source: str
    event_id: str | None
    subject: RecordKey
    occurred_at: datetime
    stated_at: datetime | None
    received_at: datetime
    body: EventBody
    compare_content: bool = False

    @property
    def type(self) -> str:
        """The tag of the body, such as `record.upserted`."""
        return body_tag(self.body)

    @property
    def version(self) -> str:
        """What order-free folds compare: stated time first, then the event's id.

        A stated time that lies in the future is not believed, or a clock ahead would win for ever.
        """
        return version_key(believed_time(self.stated_at, self.received_at), self.event_id or "")


def believed_time(stated: datetime | None, received: datetime) -> datetime:
    """The time an event is filed under: the stated one unless it is missing or lies in the future."""
    if stated is None or stated > received + FUTURE_TOLERANCE:
        return received
    return stated
