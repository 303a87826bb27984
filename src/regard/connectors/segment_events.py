"""The event API of Segment, which RudderStack's clients speak too: one call in, its events out.

A call with a user id is about the record (source, users, id), without one about (source, visitors,
anonymous id). Which visitor is which user is stated as an identifier on the user's record; whether
they are one customer is for identity to decide, never for this file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.read_values import (
    LONGEST_ID,
    name_type,
    plain_text,
    read_event_id,
    read_id,
    read_time,
    shift_time,
)
from regard.connectors.segment_commerce import translate_track
from regard.connectors.segment_traits import GROUPS, Fields, organisation_fields, person_fields
from regard.events.envelope import Event, RecordKey, believed_time
from regard.events.event_catalogue import EventBody
from regard.events.interaction_events import InteractionStated, PartyReference
from regard.events.record_events import PartyKind, RecordPatched
from regard.kit.ids import derived_id, new_id

USERS, VISITORS = "users", "visitors"
CALLS = ("identify", "track", "page", "screen", "group", "alias")
# These change from one try to the next, or say nothing about what happened.
_NOT_CONTENT = ("sentAt", "writeKey", "integrations", "_metadata", "messageId", "channel")


class _Call(NamedTuple):
    """One call, read: who, when, and the ids its events get."""

    body: Mapping[str, Any]
    origin: Origin
    user: str | None
    visitor: str | None
    stated_at: datetime | None
    occurred_at: datetime
    message: str

    @property
    def party(self) -> PartyReference:
        if self.user is not None:
            return PartyReference(USERS, self.user)
        assert self.visitor is not None
        return PartyReference(VISITORS, self.visitor)


def translate_call(item: Mapping[str, Any], origin: Origin) -> list[Event]:
    """The events of one call: first the one that carries its message id, then what follows from it.

    Raises `ItemRefusedError` with the reason.
    """
    kind = _kind(item, origin)
    call = _read_call(item, origin)
    if kind == "group":
        return _group(call)
    if kind == "identify":
        body = _patch(call.party, "person", person_fields(_traits(item)) | _own_ids(call))
        return [_event(call, body, call.message), *_links(call, with_user=False)]
    if kind == "alias":
        return _alias(call)
    return [_event(call, _interaction(kind, call), call.message), *_links(call)]


def _kind(item: Mapping[str, Any], origin: Origin) -> str:
    kind = item.get("type") or origin.call
    if kind is None:
        raise ItemRefusedError("missing", f"“type” is missing; write one of {', '.join(CALLS)}")
    if kind not in CALLS:
        raise ItemRefusedError("unknown_word", f"“type” must be one of {', '.join(CALLS)}")
    return str(kind)


def _read_call(item: Mapping[str, Any], origin: Origin) -> _Call:
    user, visitor = _actor(item, "userId"), _actor(item, "anonymousId")
    if user is None and visitor is None:
        raise ItemRefusedError(
            "missing", "“userId” and “anonymousId” are both missing; send at least one of them"
        )
    stated_at = read_time(item.get("timestamp"), "timestamp") or read_time(
        item.get("originalTimestamp"), "originalTimestamp"
    )
    sent_at = read_time(item.get("sentAt"), "sentAt") or origin.sent_at
    corrected = stated_at
    if stated_at is not None and sent_at is not None:
        # The client's clock is wrong by what lies between its sending and our receiving.
        corrected = shift_time(stated_at, origin.received_at - sent_at)
    occurred_at = believed_time(corrected, origin.received_at)
    message = read_event_id(item.get("messageId"), "messageId") or _made_up_id(item, stated_at, origin)
    return _Call(item, origin, user, visitor, stated_at, occurred_at, message)


def _actor(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return read_id(value, name)


def _made_up_id(item: Mapping[str, Any], stated_at: datetime | None, origin: Origin) -> str:
    """An id for a call that brings none.

    With a time of its own the same call again is the same event. Without one nothing tells a
    repetition from a second time, and losing one would be worse than keeping both.
    """
    if stated_at is None:
        return f"~call:{new_id(origin.received_at).hex}"
    content = {name: value for name, value in item.items() if name not in _NOT_CONTENT}
    return f"~call:{derived_id(origin.source, json.dumps(content, sort_keys=True), origin.call or '').hex}"


def _traits(item: Mapping[str, Any]) -> dict[str, Any]:
    context = item.get("context")
    inner = context.get("traits") if isinstance(context, dict) else None
    outer = item.get("traits")
    for name, value in (("traits", outer), ("context.traits", inner)):
        if value is not None and not isinstance(value, dict):
            raise ItemRefusedError("wrong_type", f"“{name}” must be an object, not {name_type(value)}")
    return {**(inner or {}), **(outer or {})}


def _own_ids(call: _Call) -> Fields:
    fields: Fields = {}
    if call.user is not None:
        fields["user_id"] = call.user
    if call.visitor is not None:
        fields["anonymous_id"] = [call.visitor]
    context = call.body.get("context")
    device = context.get("device") if isinstance(context, dict) else None
    if isinstance(device, dict):
        devices = [text for name in ("id", "advertisingId") if (text := plain_text(device.get(name)))]
        if devices:
            fields["device_id"] = [text for text in devices if len(text) <= LONGEST_ID]
    return fields


def _links(call: _Call, *, with_user: bool = True) -> list[Event]:
    """Who the ids of a call belong to, stated once for ever: their ids come from what they say."""
    events = []
    if call.visitor is not None:
        events.append(_link(call, PartyReference(VISITORS, call.visitor), None, call.visitor))
    if call.user is not None and with_user:
        events.append(_link(call, PartyReference(USERS, call.user), call.user, call.visitor))
    return events


def _link(call: _Call, party: PartyReference, user: str | None, visitor: str | None) -> Event:
    fields: Fields = {}
    if user is not None:
        fields["user_id"] = user
    if visitor is not None:
        fields["anonymous_id"] = [visitor]
    event_id = _link_id(call.origin.source, party.stream, party.external_id, user or "", visitor or "")
    return _event(call, _patch(party, "person", fields), event_id)


@lru_cache(50_000)
def _link_id(*said: str) -> str:
    return f"~link:{derived_id(*said).hex}"


def _group(call: _Call) -> list[Event]:
    group = read_id(call.body.get("groupId"), "groupId")
    reference: Fields = {"organisation_ref": {"stream": GROUPS, "id": group}}
    member = _patch(call.party, "person", reference | _own_ids(call))
    organisation = _patch(
        PartyReference(GROUPS, group), "organisation", organisation_fields(_traits(call.body))
    )
    return [
        _event(call, member, call.message),
        _event(call, organisation, f"~group:{derived_id(call.origin.source, call.message).hex}"),
        *_links(call, with_user=False),
    ]


def _alias(call: _Call) -> list[Event]:
    """`previousId` -> `userId` in every library of Segment and RudderStack (PostHog's differ).

    The previous id may be a visitor's or an older user's: a visitor record that carries it in both
    forms is the bridge to either.
    """
    if call.user is None:
        raise ItemRefusedError("missing", "“userId” is missing; an alias says which user “previousId” became")
    previous = read_id(call.body.get("previousId"), "previousId")
    known = [previous] if call.visitor in {None, previous} else [previous, str(call.visitor)]
    user = _patch(call.party, "person", {"user_id": call.user, "anonymous_id": known})
    bridge = _link(call, PartyReference(VISITORS, previous), previous, previous)
    return [_event(call, user, call.message), bridge]


def _interaction(kind: str, call: _Call) -> InteractionStated:
    item = call.body
    properties = item.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise ItemRefusedError("wrong_type", f"“properties” must be an object, not {name_type(properties)}")
    given = dict(properties or {})
    if kind == "track":
        name = plain_text(item.get("event"))
        if not name or not name.strip():
            raise ItemRefusedError("missing", "“event” is missing; a track call says what happened")
        stated = translate_track(name.strip(), given, call.party, call.message, call.origin)
    else:
        stated = _view(kind, item, given, call)
    if context := _kept_context(kind, item):
        stated.properties.setdefault("context", context)
    return stated


def _view(kind: str, item: Mapping[str, Any], given: dict[str, Any], call: _Call) -> InteractionStated:
    page = _object(_object(item, "context"), "page")
    name = plain_text(item.get("name")) or plain_text(given.get("title")) or plain_text(given.get("name"))
    fields: dict[str, Any] = {"channel": "web" if kind == "page" else "app"}
    if title := name or plain_text(page.get("title")):
        fields["title"] = title
    url = plain_text(given.pop("url", None)) or plain_text(page.get("url"))
    if url:
        fields["url"] = url
    campaign = _object(_object(item, "context"), "campaign")
    if word := plain_text(campaign.get("name")) or plain_text(campaign.get("source")):
        fields["campaign"] = word
    if category := plain_text(item.get("category")):
        given.setdefault("category", category)
    return InteractionStated(
        "page_views", call.message, "page_view", call.party, fields=fields, properties=given
    )


def _kept_context(kind: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """The context without what is said elsewhere: traits, and the page that a page call repeats."""
    said = {"traits", "userAgentData"}
    if kind == "page" and item.get("properties"):
        said.add("page")
    context = _object(item, "context")
    return {
        name: value for name, value in context.items() if name not in said and value not in (None, "", {})
    }


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _patch(party: PartyReference, kind: PartyKind, fields: Fields) -> RecordPatched:
    return RecordPatched(party.stream, party.external_id, kind, fields)


def _event(call: _Call, body: EventBody, event_id: str) -> Event:
    party = call.party
    if isinstance(body, RecordPatched):
        party = PartyReference(body.stream, body.external_id)
    return Event(
        source=call.origin.source,
        event_id=event_id,
        subject=RecordKey(call.origin.source, party.stream, party.external_id),
        occurred_at=call.occurred_at,
        stated_at=call.stated_at,
        received_at=call.origin.received_at,
        body=body,
    )
