"""HubSpot: a list of events that only name their objects; what is left of them is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from regard.connectors.connector_contract import Delivery, RawRecord, Settings, WebhookRequest
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import read_id
from regard.connectors.webhooks.read_pushed_body import read_json_body, stream_named, text_at, time_at

_STREAMS = {"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets"}
_TYPE_IDS = {"0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-5": "tickets"}
_GONE = frozenset({"deletion", "privacyDeletion"})
_EARLIEST = datetime.min.replace(tzinfo=UTC)

Step = tuple[datetime, tuple[str, str], bool]


def translate_hubspot(request: WebhookRequest, settings: Settings) -> Delivery:
    """Deleted records, and ids to fetch; of several events about one object the latest decides.

    A merge deletes the merged ids and fetches the one that is left.
    """
    events = read_json_body(request)
    events = events if isinstance(events, list) else [events]
    last: dict[tuple[str, str], tuple[datetime, bool]] = {}
    for event in events:
        if not isinstance(event, dict):
            raise ItemRefusedError("unknown_form", "The body is no list of HubSpot events.")
        for at, named, gone in _steps(event):
            if named not in last or at >= last[named][0]:
                last[named] = (at, gone)
    records = [
        RawRecord(*named, None, at if at > _EARLIEST else None) for named, (at, gone) in last.items() if gone
    ]
    return Delivery(records, [named for named, (_, gone) in last.items() if not gone])


def _steps(event: dict[str, Any]) -> Iterator[Step]:
    """When, which object, and whether it is gone."""
    kind, _, what = text_at(event, "subscriptionType").partition(".")
    at = time_at(event, "occurredAt") or _EARLIEST
    stream = _stream_of(kind, event)
    if stream is None:
        return
    if what == "merge":
        merged = event.get("mergedObjectIds")
        left = event.get("newObjectId") or event.get("primaryObjectId") or event.get("objectId")
        left_id = read_id(left, "primaryObjectId")
        both = [*(merged if isinstance(merged, list) else []), event.get("primaryObjectId")]
        for one in both:
            if one is not None and read_id(one, "mergedObjectIds") != left_id:
                yield at, (stream, read_id(one, "mergedObjectIds")), True
        yield at, (stream, left_id), False
    elif what == "associationChange" and event.get("objectId") is None:
        yield at, (stream, read_id(event.get("fromObjectId"), "fromObjectId")), False
    else:
        yield at, (stream, read_id(event.get("objectId"), "objectId")), what in _GONE


def _stream_of(kind: str, event: dict[str, Any]) -> str | None:
    """The stream of an object; None for conversations, which are no objects of the CRM."""
    if kind == "object":
        number = text_at(event, "objectTypeId")
        return _TYPE_IDS.get(number, number or None)
    if kind in {"", "conversation"}:
        return None
    return _STREAMS.get(kind) or stream_named(kind)
