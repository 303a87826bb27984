"""Every family of event, in one visible tuple, and their encoding as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from regard.events.interaction_events import InteractionDeleted, InteractionStated
from regard.events.judgement_events import JudgementRecorded, JudgementWithdrawn
from regard.events.model_events import ModelChosen
from regard.events.raw_events import RawReceived
from regard.events.record_events import RecordDeleted, RecordPatched, RecordUpserted
from regard.events.withdrawal_events import StatementWithdrawn

EventBody = (
    RecordUpserted
    | RecordPatched
    | RecordDeleted
    | InteractionStated
    | InteractionDeleted
    | JudgementRecorded
    | JudgementWithdrawn
    | ModelChosen
    | RawReceived
    | StatementWithdrawn
)

_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(EventBody)
# Sorted keys make equal content equal bytes, whatever order a source wrote them in.
_encoder = msgspec.json.Encoder(order="sorted")


def body_tag(body: EventBody) -> str:
    """The type an event is filed under, such as `record.upserted`."""
    return str(body.__struct_config__.tag)


def encode_body(body: EventBody) -> bytes:
    """Canonical JSON bytes of a body."""
    return _encoder.encode(body)


def decode_body(raw: bytes) -> EventBody:
    """A body from its JSON bytes; raises msgspec.ValidationError for what no family knows."""
    body: EventBody = _decoder.decode(raw)
    return body
