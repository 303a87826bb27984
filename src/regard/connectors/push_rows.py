"""What a pushed message of a change stream comes to: a row, or nothing to keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regard.connectors.connector_contract import RawRecord


@dataclass(frozen=True, slots=True)
class PushedRow:
    """A row that was pushed; None for messages that say nothing about one (heartbeats, transaction marks).

    `delivery_id` is the sender's name for the message: the same again is the same message.
    """

    record: RawRecord | None = None
    delivery_id: str | None = None


@dataclass(frozen=True, slots=True)
class RowAddress:
    """What the address of a push says about its rows: their stream, and the columns of their key.

    Both may be left open where the messages say it themselves. `received_at` bounds the times they state.
    """

    received_at: datetime
    stream: str | None = None
    key: tuple[str, ...] = ()
