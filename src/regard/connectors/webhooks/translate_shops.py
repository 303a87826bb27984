"""Shopify and WooCommerce: a header names what happened, the body is the object as the API gives it."""

from __future__ import annotations

from typing import Any

from regard.connectors.connector_contract import Delivery, RawRecord, Settings, WebhookRequest
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import read_id
from regard.connectors.webhooks.read_pushed_body import (
    find_at,
    make_record,
    read_object_body,
    stream_named,
    time_at,
)

_GONE = frozenset({"delete", "deleted", "redact"})
# Shopify's parts of an order: the order itself is what changed.
_PARTS_OF_ORDERS = frozenset({"refunds", "fulfillments", "order_transactions"})
_WOOCOMMERCE_STREAMS = frozenset({"customer", "order", "product", "coupon"})


def translate_shopify(request: WebhookRequest, settings: Settings) -> Delivery:
    """A record by its topic (`customers/update`); parts of an order as the order to be fetched.

    What a merchant must redact is gone; a customer's question what is held is left to a person.
    """
    topic = request.headers.get("x-shopify-topic", "").strip().lower()
    stream, _, what = topic.partition("/")
    if not what:
        raise ItemRefusedError("missing", "The header X-Shopify-Topic is missing; it says what the body is.")
    delivery_id = request.headers.get("x-shopify-webhook-id", "").strip()
    body = read_object_body(request)
    if what == "redact":
        return Delivery(_redacted(stream, body), delivery_id=delivery_id)
    if topic == "customers/data_request":
        raise ItemRefusedError(
            "needs_a_person",
            "A customer asks through Shopify what is held about them. Open the customer, answer within"
            " 30 days, and discard this item.",
        )
    if stream in _PARTS_OF_ORDERS:
        return Delivery(
            fetch=[("orders", read_id(body.get("order_id"), "order_id"))], delivery_id=delivery_id
        )
    if body.get("id") is None:
        return Delivery(fetch=_named(stream, body), delivery_id=delivery_id)
    updated_at = time_at(body, "updated_at") if what not in _GONE else None
    updated_at = updated_at or time_at(request.headers, "x-shopify-triggered-at")
    record = make_record(stream.replace(".", "_"), body, updated_at, deleted=what in _GONE)
    return Delivery([record], delivery_id=delivery_id)


def translate_woocommerce(request: WebhookRequest, settings: Settings) -> Delivery:
    """A record by its topic (`order.updated`); its test says nothing."""
    topic = request.headers.get("x-wc-webhook-topic", "").strip().lower()
    delivery_id = request.headers.get("x-wc-webhook-delivery-id", "").strip()
    if request.body.startswith(b"webhook_id="):
        return Delivery()
    resource, _, what = topic.partition(".")
    resource = request.headers.get("x-wc-webhook-resource", "").strip().lower() or resource
    if resource not in _WOOCOMMERCE_STREAMS:
        return Delivery(delivery_id=delivery_id)
    body = read_object_body(request)
    gone = what in _GONE
    # WooCommerce writes UTC without saying so.
    updated_at = None if gone else time_at(body, "date_modified_gmt") or time_at(body, "date_created_gmt")
    return Delivery(
        [make_record(stream_named(resource), body, updated_at, deleted=gone)], delivery_id=delivery_id
    )


def _redacted(stream: str, body: dict[str, Any]) -> list[RawRecord]:
    customer = find_at(body, "customer", "id")
    if stream != "customers" or customer is None:
        return []
    orders = body.get("orders_to_redact")
    named = orders if isinstance(orders, list) else []
    return [
        RawRecord("customers", read_id(customer, "customer.id"), None),
        *(RawRecord("orders", read_id(order, "orders_to_redact"), None) for order in named),
    ]


def _named(stream: str, body: dict[str, Any]) -> list[tuple[str, str]]:
    """Topics of the newer form name their object by an address such as gid://shopify/Customer/17."""
    for key in ("customerId", "customer_id", "admin_graphql_api_id", "orderId", "order_id"):
        value = body.get(key)
        if value is not None:
            named = "orders" if key.startswith("order") else stream.partition(".")[0]
            streams = "customers" if key.startswith("customer") else stream_named(named)
            return [(streams, read_id(str(value).rpartition("/")[2], key))]
    return []
