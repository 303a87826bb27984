"""Stripe: every event carries the whole object as the API gives it; the event's time is its version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from regard.connectors.connector_contract import Delivery, RawRecord, Settings, WebhookRequest
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.webhooks.read_pushed_body import (
    find_at,
    make_record,
    object_at,
    read_object_body,
    stream_named,
    text_at,
    time_at,
)

_REFUNDS = "refunds"
# These events tell of an end, after which the object can still be read.
_ENDED_NOT_DELETED = frozenset({"subscription"})


def translate_stripe(request: WebhookRequest, settings: Settings) -> Delivery:
    """One record, or two kinds of them when a charge of an old API version brings its refunds along."""
    event = read_object_body(request)
    kind = text_at(event, "object")
    if kind == "v2.core.event":
        return _translate_thin(event)
    if kind != "event":
        raise ItemRefusedError(
            "unknown_form",
            "This is no event of Stripe: “object” is not “event”. Let the endpoint send events.",
        )
    thing = object_at(event, "data", "object")
    delivery_id = text_at(event, "id")
    # Previews, such as that of the next invoice, and the balance have no id: they are no records.
    if not thing.get("id"):
        return Delivery(delivery_id=delivery_id)
    version = time_at(thing, "updated") or time_at(event, "created")
    records = _records(thing, text_at(event, "type"), version)
    fetch: list[tuple[str, str]] = []
    if settings.get("secret_key"):
        # A refund is read together with its charge, which says whose it is; a push of it does not.
        fetch = [(one.stream, one.external_id) for one in records if one.stream == _REFUNDS]
        records = [one for one in records if one.stream != _REFUNDS]
    return Delivery(records, fetch, delivery_id=delivery_id)


def _records(thing: dict[str, Any], event_type: str, version: datetime | None) -> list[RawRecord]:
    kind = text_at(thing, "object")
    ended = event_type.endswith(".deleted") and kind not in _ENDED_NOT_DELETED
    gone = thing.get("deleted") is True or (ended and event_type == f"{kind}.deleted")
    if kind == "refund":
        return [_refund(thing)]
    records = [make_record(stream_named(kind), thing, version, deleted=gone)]
    refunds = find_at(thing, "refunds", "data") if kind == "charge" else None
    refunds = refunds if isinstance(refunds, list) else []
    named = [one for one in refunds if isinstance(one, dict) and one.get("id")]
    return records + [_refund(one) for one in named]


def _refund(thing: dict[str, Any]) -> RawRecord:
    """A refund has the time that its readings give it, so that neither is older than the other."""
    return make_record(_REFUNDS, thing, time_at(thing, "created"))


def _translate_thin(event: dict[str, Any]) -> Delivery:
    """The newer events, which only name their object."""
    named = find_at(event, "related_object")
    external_id, kind = text_at(named, "id"), text_at(named, "type")
    fetch = [(stream_named(kind.rpartition(".")[2]), external_id)] if external_id and kind else []
    return Delivery(fetch=fetch, delivery_id=text_at(event, "id"))
