"""What Snowplow's trackers say about purchases, in the words of the event API's commerce events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regard.connectors.read_values import plain_text
from regard.connectors.snowplow_entities import Described

Named = tuple[str, dict[str, Any]]

_ORDER = {
    "tr_id": "order_id", "tr_tt": "total", "tr_tx": "tax", "tr_sh": "shipping", "tr_cu": "currency",
    "tr_af": "affiliation", "tr_ci": "city", "tr_st": "state", "tr_co": "country",
}  # fmt: skip
_TRANSACTION = {
    "transaction_id": "order_id", "revenue": "total", "currency": "currency",
    "payment_method": "payment_method", "tax": "tax", "shipping": "shipping", "discount_code": "coupon",
    "discount_amount": "discount", "total_quantity": "quantity", "credit_order": "credit_order",
}  # fmt: skip
_PRODUCT = {
    "id": "sku", "name": "name", "price": "price", "quantity": "quantity", "currency": "currency",
    "category": "category", "brand": "brand", "variant": "variant",
}  # fmt: skip
_ACTIONS = {"transaction": "Order Completed", "refund": "Order Refunded"}


def name_order(item: Mapping[str, Any]) -> Named:
    """The order of a `tr`, without its lines: the tracker sends those as events of their own."""
    return "Order Completed", _renamed(item, _ORDER)


def name_action(described: Described, entities: Sequence[Described]) -> Named:
    """A step in a shop: the action names it, the entities say what it was about."""
    action = plain_text(described.data.get("type")) or "shop"
    name = _ACTIONS.get(action, action.replace("_", " ").capitalize())
    properties: dict[str, Any] = {key: value for key, value in described.data.items() if key != "type"}
    for entity in entities:
        if entity.name in {"transaction", "refund"}:
            properties |= _renamed(entity.data, _TRANSACTION)
            if entity.name == "refund" and "refund_amount" in entity.data:
                properties["total"] = entity.data["refund_amount"]
    products = [_renamed(entity.data, _PRODUCT) for entity in entities if entity.name == "product"]
    if products:
        properties["products"] = products
    return name, properties


def line_fields(item: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical fields of the order line that a `ti` is."""
    fields: dict[str, Any] = {}
    for key, name in (("ti_id", "order"), ("ti_nm", "title"), ("ti_qu", "quantity")):
        if text := plain_text(item.get(key)):
            fields[name] = text
    quantity = fields.get("quantity")
    if quantity is not None and quantity.isdecimal():
        fields["quantity"] = int(quantity)
    return fields


def _renamed(holder: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[key]: value for key, value in holder.items() if key in names and value not in (None, "")}
