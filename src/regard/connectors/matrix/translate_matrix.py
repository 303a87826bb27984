"""Turns a transaction of a Matrix home server (application service API, v1) into raw records. Pure.

Messages are named by their event. An edit is a record of its own, named by the message that it changes, and a
redaction takes both away. The mapping binds an edit to its sender, because home servers pass on edits by
anybody and leave it to the reader to believe only those of the message's own sender.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from regard.connectors.connector_contract import Delivery, RawRecord, Settings, WebhookRequest
from regard.connectors.webhooks.read_pushed_body import read_object_body

MESSAGES, EDITS, MEMBERS, ROOMS = "messages", "edits", "members", "rooms"
_OURS = "our_users"
_USER = re.compile(r"@[^:\s]{0,255}:[^\s]{1,255}")
_NO_ONE = re.compile(r"(?!)")
_MOST_TEXT = 100_000
_FROM_THE_FUTURE = 86_400_000  # a day, in milliseconds


def translate_transaction(request: WebhookRequest, settings: Settings) -> Delivery:
    """The records of a transaction; events that are no chat are left out. Raises `ItemRefusedError`."""
    body = read_object_body(replace(request, body=request.body.replace(b"\\u0000", b"")))
    ours = _ours(settings)
    now = int(request.received_at.timestamp() * 1000)
    events = body.get("events")
    records: list[RawRecord] = []
    for event in events if isinstance(events, list) else []:
        if isinstance(event, dict):
            records += _records(event, ours, now)
    return Delivery(records)


def _ours(settings: Settings) -> re.Pattern[str]:
    try:
        return re.compile(str(settings.get(_OURS) or "")) if settings.get(_OURS) else _NO_ONE
    except re.error:
        # Refusing would make the home server send the same again for ever.
        return _NO_ONE


def _records(event: Mapping[str, Any], ours: re.Pattern[str], now: int) -> list[RawRecord]:
    event_id, sender = event.get("event_id"), event.get("sender")
    content = event.get("content")
    if not isinstance(event_id, str) or not isinstance(sender, str) or not isinstance(content, dict):
        return []
    if not _USER.fullmatch(sender) or not 0 < len(event_id) <= 255:
        return []
    at = _time(event.get("origin_server_ts"), now)
    match event.get("type"):
        case "m.room.message" | "m.room.encrypted" | "m.sticker":
            return [_message(event, content, ours, at)]
        case "m.room.redaction":
            return _redaction(event, content, at)
        case "m.room.member":
            return _member(event, content, ours, at)
        case "m.room.name" | "m.room.topic":
            return [_record(ROOMS, f"{event.get('room_id')} {event['type']}", event, {}, at)]
    return []


def _message(
    event: Mapping[str, Any], content: Mapping[str, Any], ours: re.Pattern[str], at: datetime
) -> RawRecord:
    relation = content.get("m.relates_to")
    relation = relation if isinstance(relation, dict) else {}
    changed = relation.get("event_id") if relation.get("rel_type") == "m.replace" else None
    shown = content.get("m.new_content") if changed else content
    shown = shown if isinstance(shown, dict) else content
    outbound = ours.fullmatch(event["sender"]) is not None
    more: dict[str, Any] = {
        "text": _text(shown, answers="m.in_reply_to" in relation),
        "direction": "outbound" if outbound else "inbound",
        "outside": None if outbound else event["sender"],
        "message": changed if isinstance(changed, str) else event["event_id"],
        "automatic": shown.get("msgtype") == "m.notice",
    }
    if isinstance(changed, str) and 0 < len(changed) <= 255:
        return _record(EDITS, changed, event, more, at)
    return _record(MESSAGES, event["event_id"], event, more, at)


def _text(content: Mapping[str, Any], *, answers: bool) -> str | None:
    body = content.get("body")
    if not isinstance(body, str):
        return None
    lines = body.split("\n")
    if answers and lines[0].startswith("> "):
        # Older clients put the message that they answer before their own.
        quoted = next((at for at, line in enumerate(lines) if not line.startswith(">")), len(lines))
        lines = lines[quoted:] or lines
    return "\n".join(lines).strip()[:_MOST_TEXT] or None


def _redaction(event: Mapping[str, Any], content: Mapping[str, Any], at: datetime) -> list[RawRecord]:
    # The place of the id changed with room version 11; servers may fill both.
    redacted = event.get("redacts") or content.get("redacts")
    if not isinstance(redacted, str) or not 0 < len(redacted) <= 255:
        return []
    return [RawRecord(stream, redacted, None, at) for stream in (MESSAGES, EDITS)]


def _member(
    event: Mapping[str, Any], content: Mapping[str, Any], ours: re.Pattern[str], at: datetime
) -> list[RawRecord]:
    user, room = event.get("state_key"), event.get("room_id")
    if not isinstance(user, str) or not _USER.fullmatch(user) or not isinstance(room, str):
        return []
    name = content.get("displayname")
    more = {
        "user": user,
        "name": name.strip()[:200] if isinstance(name, str) and name.strip() else None,
        "membership": content.get("membership"),
        "ours": ours.fullmatch(user) is not None,
        # Others may invite somebody by any name: only what a user says of himself counts.
        "own_word": event["sender"] == user,
    }
    return [_record(MEMBERS, f"{room} {user}", event, more, at)]


def _record(
    stream: str, external_id: str, event: Mapping[str, Any], more: Mapping[str, Any], at: datetime
) -> RawRecord:
    kept = {name: value for name, value in event.items() if name not in ("age", "unsigned", "user_id")}
    return RawRecord(stream, external_id, {**kept, **more, "at": at.isoformat()}, at)


def _time(value: object, now: int) -> datetime:
    """When an event happened; a server whose clock is far ahead is not believed."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < now + _FROM_THE_FUTURE:
        value = now
    return datetime.fromtimestamp(value / 1000, UTC)
