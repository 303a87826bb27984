"""Twilio, Slack and Mailchimp."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from regard.connectors.connector_contract import Delivery, RawRecord, Settings, WebhookRequest
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import read_id
from regard.connectors.webhooks.read_pushed_body import (
    find_at,
    make_record,
    read_form_body,
    read_object_body,
    text_at,
    time_at,
)

# Twilio asks what to do next; this says: nothing.
_NOTHING_TO_DO = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_SLACK_PEOPLE = frozenset({"team_join", "user_change"})
_MEMBERS = frozenset({"subscribe", "unsubscribe", "profile", "cleaned"})


def translate_twilio(request: WebhookRequest, settings: Settings) -> Delivery:
    """The call or message to fetch: what Twilio pushes has another form than what its API gives."""
    if request.body.lstrip().startswith(b"{"):
        fields = {name: one for name, one in read_object_body(request).items() if isinstance(one, str)}
    else:
        fields = read_form_body(request)
    fetch = []
    if sid := fields.get("CallSid"):
        fetch.append(("calls", read_id(sid, "CallSid")))
    if sid := fields.get("MessageSid") or fields.get("SmsSid"):
        fetch.append(("messages", read_id(sid, "MessageSid")))
    delivery_id = request.headers.get("i-twilio-idempotency-token", "").strip()
    return Delivery(fetch=fetch, answer=_NOTHING_TO_DO, delivery_id=delivery_id)


def translate_slack(request: WebhookRequest, settings: Settings) -> Delivery:
    """Messages and people of a workspace; the challenge of a new address is echoed."""
    body = read_object_body(request)
    if text_at(body, "type") == "url_verification":
        return Delivery(answer=json.dumps({"challenge": text_at(body, "challenge")}))
    event = find_at(body, "event")
    delivery_id = text_at(body, "event_id")
    if text_at(body, "type") != "event_callback" or not isinstance(event, dict):
        return Delivery(delivery_id=delivery_id)
    kind = text_at(event, "type")
    if kind == "message":
        return Delivery([_slack_message(event, body)], delivery_id=delivery_id)
    user = find_at(event, "user")
    if kind in _SLACK_PEOPLE and isinstance(user, dict):
        updated_at = time_at(user, "updated") or time_at(body, "event_time")
        return Delivery([make_record("users", user, updated_at)], delivery_id=delivery_id)
    return Delivery(delivery_id=delivery_id)


def _slack_message(event: dict[str, Any], body: dict[str, Any]) -> RawRecord:
    """A message is named by its channel and its time stamp, which an edit does not change."""
    channel, subtype = read_id(event.get("channel"), "event.channel"), text_at(event, "subtype")
    at = time_at(event, "event_ts") or time_at(body, "event_time")
    if subtype == "message_deleted":
        stamp = event.get("deleted_ts") or find_at(event, "previous_message", "ts")
        return RawRecord("messages", f"{channel}:{read_id(stamp, 'event.deleted_ts')}", None, at)
    message = find_at(event, "message") if subtype == "message_changed" else None
    message = message if isinstance(message, dict) else event
    stamp = read_id(message.get("ts"), "event.ts")
    team = text_at(body, "team_id")
    return RawRecord("messages", f"{channel}:{stamp}", {**message, "channel": channel, "team_id": team}, at)


def translate_mailchimp(request: WebhookRequest, settings: Settings) -> Delivery:
    """The member to fetch; one that was deleted, or whose address changed, is gone under its old id.

    A member's id is the MD5 hash of the address in small letters, as Mailchimp makes it. Of an audience that
    the source is not about, nothing is taken.
    """
    if request.method in {"GET", "HEAD"}:
        return Delivery()
    form = read_form_body(request)
    kind = form.get("type", "")
    own, said = settings.get("list_id"), form.get("data[list_id]")
    if own and said and own != said:
        return Delivery()
    if kind == "upemail":
        old, new = member_id(form.get("data[old_email]")), member_id(form.get("data[new_email]"))
        gone = [RawRecord("members", old, None, time_at(form, "fired_at"))] if old != new else []
        return Delivery(gone, [("members", new)])
    if kind not in _MEMBERS:
        return Delivery()
    named = member_id(form.get("data[email]"))
    if kind == "unsubscribe" and form.get("data[action]") == "delete":
        return Delivery([RawRecord("members", named, None, time_at(form, "fired_at"))])
    return Delivery(fetch=[("members", named)])


def member_id(email: str | None) -> str:
    """What Mailchimp calls the member with that address; raises `ItemRefusedError` without one."""
    if not email or not email.strip():
        raise ItemRefusedError("missing", "“data[email]” is missing; a member is named by the address.")
    return hashlib.md5(email.strip().lower().encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
