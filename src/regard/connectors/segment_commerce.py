"""Track calls that the Segment specification gives a meaning: orders, refunds, payments, e-mails, chats.

Everything else stays a `track` interaction with the event's name as its title.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from regard.connectors.interactions_api import read_amount, read_lines
from regard.connectors.name_origin import Origin
from regard.connectors.read_values import LONGEST_ID, plain_text
from regard.connectors.segment_traits import plain_name
from regard.events.interaction_events import InteractionStated, InteractionType, PartyReference

# The specification's own default where neither event nor source names a currency.
SPEC_CURRENCY = "USD"


class Meaning(NamedTuple):
    """What an event name stands for: type, status or action, stream, and where its id may be found."""

    type: InteractionType
    word: str
    stream: str
    ids: tuple[str, ...] = ()


_ORDER_IDS = ("order_id", "orderId")
_PAYMENT_IDS = ("payment_id", "paymentId", "transaction_id", "transactionId")
_REFUND_IDS = ("refund_id", "refundId")
_MEANINGS: dict[str, Meaning] = {
    "ordercompleted": Meaning("order", "placed", "orders", _ORDER_IDS),
    "orderupdated": Meaning("order", "placed", "orders", _ORDER_IDS),
    "ordercancelled": Meaning("order", "cancelled", "orders", _ORDER_IDS),
    "ordercanceled": Meaning("order", "cancelled", "orders", _ORDER_IDS),
    "orderrefunded": Meaning("refund", "refunded", "refunds", _REFUND_IDS),
    "paymentsucceeded": Meaning("payment", "succeeded", "payments", _PAYMENT_IDS),
    "paymentcompleted": Meaning("payment", "succeeded", "payments", _PAYMENT_IDS),
    "paymentreceived": Meaning("payment", "succeeded", "payments", _PAYMENT_IDS),
    "paymentfailed": Meaning("payment", "failed", "payments", _PAYMENT_IDS),
    "paymentrefunded": Meaning("payment", "refunded", "payments", _PAYMENT_IDS),
    "emaildelivered": Meaning("campaign", "sent", "track"),
    "emailopened": Meaning("campaign", "opened", "track"),
    "emaillinkclicked": Meaning("campaign", "clicked", "track"),
    "emailbounced": Meaning("campaign", "bounced", "track"),
    "emailmarkedasspam": Meaning("campaign", "marked_as_spam", "track"),
    "unsubscribed": Meaning("campaign", "unsubscribed", "track"),
}
_WORTH = ("order", "refund", "payment")
_TOTALS = {
    "order": ("total", "revenue", "value"),
    "refund": ("total", "refund", "revenue", "value", "amount"),
    "payment": ("amount", "total", "revenue", "value"),
}
_CAMPAIGN_NAMES = ("campaign_name", "campaignName", "campaign", "email_subject", "emailSubject")


def has_meaning(name: str) -> bool:
    """Whether an event of that name is more than a `track`."""
    return plain_name(name) in _MEANINGS


def translate_track(
    name: str, properties: Mapping[str, Any], party: PartyReference, message: str, origin: Origin
) -> InteractionStated:
    """The interaction that a track call states; `message` is its id where it brings none of its own."""
    meaning = _MEANINGS.get(plain_name(name))
    if meaning is None:
        return InteractionStated(
            "track", message, "track", party, fields={"title": name}, properties=dict(properties)
        )
    if meaning.type in _WORTH:
        return _worth(meaning, name, properties, party, message, origin)
    fields: dict[str, Any] = {"title": name, "action": meaning.word, "channel": "email"}
    campaign = next((text for key in _CAMPAIGN_NAMES if (text := plain_text(properties.get(key)))), None)
    if campaign:
        fields["campaign"] = campaign
    return InteractionStated(
        meaning.stream, message, meaning.type, party, fields=fields, properties=dict(properties)
    )


def _worth(
    meaning: Meaning,
    name: str,
    properties: Mapping[str, Any],
    party: PartyReference,
    message: str,
    origin: Origin,
) -> InteractionStated:
    left = dict(properties)
    order = _first_id(left, _ORDER_IDS)
    external_id = _first_id(left, meaning.ids) or message
    names = _TOTALS[meaning.type]
    total = next((key for key in names if left.get(key) not in (None, "")), None)
    minor = currency = None
    if total is not None:
        minor, currency = read_amount(
            left.pop(total),
            left.pop("currency", None),
            origin.currency or SPEC_CURRENCY,
            f"properties.{total}",
        )
    fields: dict[str, Any] = {"title": f"{name} {order}" if order else name}
    if meaning.type != "order" and order:
        fields["order"] = order
    products = left.get("products")
    if isinstance(products, list) and all(isinstance(one, dict) for one in products):
        fields["lines"] = read_lines([_line(one) for one in left.pop("products")], "properties.products")
    status = plain_text(left.get("status")) if meaning.type == "order" else None
    word = status.strip().lower() if status and plain_name(name) == "orderupdated" else meaning.word
    return InteractionStated(
        meaning.stream, external_id, meaning.type, party, word, minor, currency, fields, left
    )


def _first_id(properties: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = properties.get(name)
        text = None if isinstance(value, bool) else plain_text(value)
        if text and text.strip() and len(text) <= LONGEST_ID:
            return text.strip()
    return None


def _line(product: Mapping[str, Any]) -> dict[str, Any]:
    line = dict(product)
    sku = line.pop("sku", None) or line.get("product_id")
    return line | {
        "sku": sku,
        "title": line.pop("name", None),
        "quantity": line.pop("quantity", None),
        "amount": line.pop("price", None),
    }
