"""Where an item comes from, and how a translator refuses it with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regard.kit.errors import RegardError, Terminal


class ItemRefusedError(RegardError, Terminal):
    """One item cannot be accepted: `code` for machines, the message names place and remedy."""

    status = 422

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Origin:
    """What a translator knows besides the item itself.

    `currency` (ISO 4217) is the source's default. `sent_at` is when the client says it sent the
    request, `call` the event type that the address named; both only for event APIs.
    """

    source: str
    received_at: datetime
    currency: str | None = None
    sent_at: datetime | None = None
    call: str | None = None
