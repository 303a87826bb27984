"""Turns a raw record into the events that it and its mapping state. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from regard.connectors.connector_contract import RawRecord
from regard.connectors.interactions_api import translate_mapped_interaction
from regard.connectors.mapping.describe_stream_mapping import StreamMapping
from regard.connectors.mapping.map_record import Family, StatedItem, Surface, map_record
from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.records_api import translate_record
from regard.events.envelope import Event, RecordKey, believed_time
from regard.events.event_catalogue import EventBody
from regard.events.interaction_events import InteractionDeleted, InteractionStated
from regard.events.judgement_events import JudgementRecorded, JudgementWithdrawn
from regard.events.raw_events import RawReceived, raw_object_id
from regard.events.record_events import RecordDeleted, RecordPatched, RecordUpserted
from regard.kit.ids import derived_id
from regard.sources.manage_sources import Source

ItemKey = tuple[Family, str, str]
"""Family, stream and external id of what a raw record states."""

_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class NumberedMapping:
    """A mapping with its number, which grows with every change; None with 0 where a stream has none."""

    number: int
    mapping: StreamMapping | None


@dataclass(frozen=True, slots=True)
class KnownState:
    """What is known of a raw record: what it stated, a link with its judgement.

    `revision` is the number of the state that is read now.
    """

    made: Mapping[ItemKey, UUID | None] = field(default_factory=dict)
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Translation:
    """The raw event, the events that follow from it, and what the record states now.

    `vanished` are the items that it no longer states; their events come from `deletions` for those that no
    other record states. `before` is what it stated before.
    """

    raw: Event
    events: list[Event]
    made: dict[ItemKey, UUID | None]
    vanished: dict[ItemKey, UUID | None]
    deletions: Callable[[Sequence[ItemKey]], list[Event]]
    before: Mapping[ItemKey, UUID | None] = field(default_factory=dict)

    def stating_as_before(self) -> Translation:
        """The raw event alone: what the record stated before stands."""
        return replace(self, events=[], made=dict(self.before), vanished={}, deletions=lambda keys: [])


def raw_text(record: RawRecord) -> str:
    """The record's body as JSON text with sorted keys; empty when it was deleted."""
    return "" if record.body is None else _encode(record.body).decode()


def translate_raw(
    record: RawRecord, read_as: NumberedMapping, known: KnownState, source: Source, surface: Surface
) -> Translation:
    """What a raw record means; raises `ItemRefusedError` for one that cannot be read."""
    if record.problem is not None:
        raise ItemRefusedError("unreadable", record.problem)
    items = map_record(read_as.mapping, record, surface) if read_as.mapping else []
    scribe = _Scribe(source, record, surface, known, read_as.number)
    events = [event for index, item in enumerate(items) for event in scribe.state(item, index, known)]
    made = {
        (item.family, item.stream, item.external_id): scribe.judgement_of(item, known) for item in items
    }
    vanished = {key: judgement for key, judgement in known.made.items() if key not in made}
    subject = events[0].subject if events else scribe.own_key
    return Translation(
        raw=scribe.raw_event(subject),
        events=[event for event in events if not _stands(event, known)],
        made=made,
        vanished=vanished,
        deletions=lambda keys: [scribe.end(key, vanished[key], index) for index, key in enumerate(keys)],
        before=known.made,
    )


def _stands(event: Event, known: KnownState) -> bool:
    """A link that was stated before needs no second judgement."""
    return isinstance(event.body, JudgementRecorded) and event.body.judgement_id in known.made.values()


class _Scribe:
    """Writes the events of one record.

    Their ids are made of the mapping's number and the record's revision: the same state read twice by the
    same mapping is stated once. Which statement of an item wins is decided by `outdo`.
    """

    def __init__(
        self, source: Source, record: RawRecord, surface: Surface, known: KnownState, number: int
    ) -> None:
        self._source = source.slug
        self._origin = Origin(source.slug, surface.received_at, surface.currency or source.currency)
        self._record = record
        self._received = surface.received_at
        self._stated = record.updated_at
        self._object = raw_object_id(source.slug, record.stream, record.external_id)
        self._revision = f"{known.revision:010d}.{self._object.hex}"
        self._stamp = f"~m{number:06d}.{self._revision}"

    @property
    def own_key(self) -> RecordKey:
        """The key that seals a raw record which states nothing."""
        return RecordKey(self._source, self._record.stream, self._record.external_id)

    def raw_event(self, subject: RecordKey) -> Event:
        """The record word for word."""
        record = self._record
        stamp = f"~r{self._revision}"
        body = RawReceived(record.stream, record.external_id, raw_text(record))
        return self._event(stamp, subject, record.updated_at, body)

    def state(self, item: StatedItem, index: int, known: KnownState) -> list[Event]:
        """The events of one stated item."""
        stamp = f"{self._stamp}.{index:05d}"
        if item.family == "link":
            judgement_id = self.judgement_of(item, known)
            assert judgement_id is not None
            left, right = (RecordKey(self._source, *item.body[side]) for side in ("left", "right"))
            body = JudgementRecorded(
                judgement_id, "same", [left.record_id], [right.record_id], f"source:{self._source}",
                "merged in the source by its own staff",
            )  # fmt: skip
            return [self._event(stamp, self._judgement_key(judgement_id), self._stated, body)]
        translate = translate_record if item.family == "record" else translate_mapped_interaction
        return [
            replace(event, event_id=f"{stamp}.{part}")
            for part, event in enumerate(translate(item.body, self._origin))
        ]

    def judgement_of(self, item: StatedItem, known: KnownState) -> UUID | None:
        """The id of a link's judgement: the one it has, or one of its own for this time."""
        if item.family != "link":
            return None
        key: ItemKey = (item.family, item.stream, item.external_id)
        standing = known.made.get(key)
        return standing or derived_id(self._source, "~link", item.stream, item.external_id, self._revision)

    def end(self, key: ItemKey, judgement: UUID | None, index: int) -> Event:
        """The event that ends an item which the record no longer states."""
        family, stream, external_id = key
        stamp = f"{self._stamp}.end{index:05d}"
        if family == "link":
            assert judgement is not None
            body: EventBody = JudgementWithdrawn(
                judgement, f"source:{self._source}", "the source took its merge back"
            )
            return self._event(stamp, self._judgement_key(judgement), None, body)
        body = (
            RecordDeleted(stream, external_id)
            if family == "record"
            else InteractionDeleted(stream, external_id)
        )
        return self._event(stamp, RecordKey(self._source, stream, external_id), self._stated, body)

    def _judgement_key(self, judgement_id: UUID) -> RecordKey:
        return RecordKey("regard", "judgements", str(judgement_id))

    def _event(self, stamp: str, subject: RecordKey, stated: datetime | None, body: EventBody) -> Event:
        occurred = believed_time(stated, self._received)
        return Event(self._source, stamp, subject, occurred, stated, self._received, body)


def key_of(event: Event) -> ItemKey | None:
    """The item that an event states or ends; None for judgements and raw records."""
    body = event.body
    if isinstance(body, RecordUpserted | RecordPatched | RecordDeleted):
        return ("record", body.stream, body.external_id)
    if isinstance(body, InteractionStated | InteractionDeleted):
        return ("interaction", body.stream, body.external_id)
    return None


def outdo(event: Event, last: datetime | None) -> tuple[Event, datetime]:
    """The event with a time that wins over what was said of its item last; gives that time too.

    Which state of a raw record is the latest is settled before anything follows from it, so a mapping that
    reads another time, a source whose clock ran ahead, or a record that returns must not lose to the past.
    """
    stated = believed_time(event.stated_at, event.received_at)
    if last is None or stated > last:
        return event, stated
    stated = last + timedelta(microseconds=1)
    return replace(event, stated_at=stated, received_at=max(event.received_at, stated)), stated


def refuse_too_long(record: RawRecord) -> None:
    """Raise `ItemRefusedError` when the record's names cannot be kept."""
    for what, text, most in (("stream", record.stream, 100), ("id", record.external_id, 500)):
        if not text or len(text) > most or "\0" in text:
            raise ItemRefusedError(
                f"bad_{what}", f"the {what} of a record must have 1 to {most} characters and no NUL"
            )
