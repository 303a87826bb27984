"""What a person would call "something happened": an order, a ticket, a call, a visit."""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec

InteractionType = Literal[
    "order", "order_line", "payment", "refund", "invoice", "subscription", "ticket", "message", "call",
    "meeting", "campaign", "page_view", "track", "consent", "note", "review", "deal", "social_post",
]  # fmt: skip
INTERACTION_TYPES: tuple[str, ...] = get_args(InteractionType)

DatedBy = Literal["change", "arrival"]


class PartyReference(msgspec.Struct, frozen=True):
    """The record, within the same source, of the party that the interaction belongs to."""

    stream: str
    external_id: str


class InteractionStated(msgspec.Struct, frozen=True, tag="interaction.stated"):
    """The latest state of an interaction; the same (source, stream, id) again replaces it.

    `amount_minor` is in minor units of `currency`. `fields` holds the other canonical fields,
    `properties` whatever else the source sent. `dated_by` is there when the source does not say when
    it happened: the event's time is then that of its last `change`, or of its `arrival` here.
    """

    stream: str
    external_id: str
    interaction: InteractionType
    party: PartyReference | None = None
    status: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    fields: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    # Left out of the bytes where it says nothing: what is told again must be the same bytes as ever.
    dated_by: DatedBy | msgspec.UnsetType = msgspec.UNSET


class InteractionDeleted(msgspec.Struct, frozen=True, tag="interaction.deleted"):
    """The source no longer has the interaction."""

    stream: str
    external_id: str
