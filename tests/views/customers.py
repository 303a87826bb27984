"""Customers for tests: what sources say, as events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from regard.events.envelope import Event, RecordKey
from regard.events.interaction_events import InteractionStated, PartyReference
from regard.events.record_events import RecordUpserted


def record(
    source: str, stream: str, external_id: str, at: datetime, kind: str = "person", **fields: Any
) -> Event:
    """A source states a record."""
    body = RecordUpserted(stream, external_id, kind, fields)  # type: ignore[arg-type]
    return Event(source, None, RecordKey(source, stream, external_id), at, at, at, body)


def happened(
    party: Event,
    type_: str,
    external_id: str,
    at: datetime,
    status: str | None = None,
    minor: int | None = None,
    currency: str | None = "EUR",
    properties: dict[str, Any] | None = None,
    **fields: Any,
) -> Event:
    """A source states an interaction of a record of its own."""
    key = party.subject
    reference = PartyReference(key.stream, key.external_id)
    body = InteractionStated(
        f"{type_}s", external_id, type_, reference, status, minor, currency if minor is not None else None,
        fields, properties or {},
    )  # fmt: skip
    return Event(key.source, None, key, at, at, at, body)
