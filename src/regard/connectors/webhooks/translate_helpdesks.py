"""Zendesk, Intercom and django-helpdesk."""

from __future__ import annotations

from typing import Any

from regard.connectors.connector_contract import Delivery, RawRecord, Settings, WebhookRequest
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import read_id
from regard.connectors.webhooks.read_pushed_body import (
    find_at,
    make_record,
    object_at,
    read_object_body,
    text_at,
    time_at,
)

_EVENT = "zen:event-type:"
_ZENDESK_STREAMS = {
    "ticket": "tickets",
    "messaging_ticket": "tickets",
    "user": "users",
    "organization": "organizations",
}
_ZENDESK_GONE = frozenset({"deleted", "soft_deleted", "permanently_deleted"})
_INTERCOM_CONTACTS = frozenset({"contact", "user", "lead", "visitor"})
_INTERCOM_GONE = frozenset({"deleted", "archived"})


def translate_zendesk(request: WebhookRequest, settings: Settings) -> Delivery:
    """Ids to fetch, for Zendesk pushes another form than its API gives; deletions as they are.

    Understands events (`zen:event-type:ticket.created`), and triggers that say which ticket it is.
    """
    body = read_object_body(request)
    delivery_id = request.headers.get("x-zendesk-webhook-invocation-id", "").strip() or text_at(body, "id")
    # Some of the documented names have a slash where the others have a colon.
    kind = text_at(body, "type").replace("zen:event-type/", _EVENT)
    if not kind.startswith(_EVENT):
        return Delivery(fetch=[("tickets", _triggered_ticket(body))], delivery_id=delivery_id)
    name, _, what = kind.removeprefix(_EVENT).partition(".")
    stream = _ZENDESK_STREAMS.get(name.lower())
    if stream is None:
        return Delivery(delivery_id=delivery_id)
    external_id = find_at(body, "detail", "id") or text_at(body, "subject").rpartition(":")[2]
    named = read_id(external_id, "detail.id")
    if what.lower() in _ZENDESK_GONE:
        return Delivery([RawRecord(stream, named, None, time_at(body, "time"))], delivery_id=delivery_id)
    fetch = {(stream, named): None}
    other = find_at(body, "event", name, "id")
    if other is not None:
        fetch[stream, read_id(other, f"event.{name}.id")] = None
    return Delivery(fetch=list(fetch), delivery_id=delivery_id)


def _triggered_ticket(body: dict[str, Any]) -> str:
    for path in (("ticket", "id"), ("ticket_id",), ("ticketId",), ("id",)):
        if (found := find_at(body, *path)) is not None:
            return read_id(found, ".".join(path))
    raise ItemRefusedError(
        "missing",
        'The trigger does not say which ticket: write {"ticket_id": "{{ticket.id}}"} into the JSON body of'
        " its action “Notify active webhook”.",
    )


def translate_intercom(request: WebhookRequest, settings: Settings) -> Delivery:
    """Contacts and companies whole; conversations as ids, for a push has only the latest part of them."""
    body = read_object_body(request)
    delivery_id = text_at(body, "id")
    item = find_at(body, "data", "item")
    topic = text_at(body, "topic")
    if not isinstance(item, dict) or topic == "ping":
        return Delivery(delivery_id=delivery_id)
    kind, what = text_at(item, "type"), topic.rpartition(".")[2]
    at = time_at(item, "updated_at") or time_at(body, "created_at")
    gone = what in _INTERCOM_GONE
    if kind == "conversation":
        return _translate_conversation(item, delivery_id, gone=gone)
    if kind == "company" or kind in _INTERCOM_CONTACTS:
        stream = "companies" if kind == "company" else "contacts"
        whole = kind in {"contact", "company"}
        record = make_record(stream, item, time_at(body, "created_at") if gone else at, deleted=gone)
        if gone or whole:
            return Delivery([record], delivery_id=delivery_id)
        return Delivery(fetch=[(stream, record.external_id)], delivery_id=delivery_id)
    return Delivery(fetch=_inside(item), delivery_id=delivery_id)


def _translate_conversation(item: dict[str, Any], delivery_id: str, *, gone: bool) -> Delivery:
    external_id = read_id(item.get("id") or item.get("conversation_id"), "data.item.id")
    if gone:
        return Delivery([RawRecord("conversations", external_id, None)], delivery_id=delivery_id)
    return Delivery(fetch=[("conversations", external_id)], delivery_id=delivery_id)


def _inside(item: dict[str, Any]) -> list[tuple[str, str]]:
    """The contact or conversation that a tag or another small thing was put on."""
    found = []
    for name, stream in (("contact", "contacts"), ("user", "contacts"), ("conversation", "conversations")):
        if isinstance(inner := find_at(item, name, "id"), str | int):
            found.append((stream, read_id(inner, f"data.item.{name}.id")))
    return found


def translate_django_helpdesk(request: WebhookRequest, settings: Settings) -> Delivery:
    """The ticket as its API gives it, with all follow-ups; the latest of them is the time of its state."""
    ticket = object_at(read_object_body(request), "ticket")
    follow_ups = ticket.get("followup_set")
    times = [time_at(one, "date") for one in (follow_ups if isinstance(follow_ups, list) else [])]
    return Delivery([make_record("tickets", ticket, max((at for at in times if at), default=None))])
