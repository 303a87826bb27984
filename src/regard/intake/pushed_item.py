"""One thing that a source sent, and what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from regard.events.envelope import Event
from regard.kit.errors import RegardError

# The dialect of events that rooms of Regard append themselves.
EVENT_DIALECT = "event"

Verdict = Literal["accepted", "duplicate", "rejected"]


@dataclass(slots=True)
class PushedItem:
    """An item on its way into the log: its events, the principal one first, or why it is refused.

    `value` is the item as it was read, or its bytes where it could not be read; it is kept in
    quarantine when the item is refused. `dialect` and `context` tell how to read it again.
    A value that is an `Event` comes from a room of Regard itself.
    """

    source: str
    received_at: datetime
    dialect: str
    value: Any
    events: list[Event] = field(default_factory=list)
    refusal: RegardError | None = None
    context: dict[str, str] = field(default_factory=dict)
    # Given once, so that a repeated transaction keeps the item once.
    quarantine_id: UUID | None = None
    # Of a raw record that nothing but the quarantine can keep: which state of which record.
    state: bytes | None = None

    @property
    def raw(self) -> bytes:
        """The item as JSON bytes; unreadable ones as they came."""
        if isinstance(self.value, bytes):
            return self.value
        if isinstance(self.value, Event):
            return msgspec.json.encode(self.value)
        return json.dumps(self.value, ensure_ascii=True).encode()


@dataclass(frozen=True, slots=True)
class ItemResult:
    """accepted: new. duplicate: known before. rejected: kept in quarantine, with code and reason."""

    verdict: Verdict
    code: str = ""
    detail: str = ""
    quarantine_id: UUID | None = None


ACCEPTED = ItemResult("accepted")
DUPLICATE = ItemResult("duplicate")
