"""The event API of Segment, which RudderStack's clients speak too: one call in, its events out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from regard.connectors.link_actors import (
    VISITORS,
    ActorCall,
    call_event,
    link_event,
    link_events,
    own_ids,
    patch_of,
)
from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.read_values import (
    name_type,
    plain_text,
    read_event_id,
    read_id,
    read_time,
    shift_time,
)
from regard.connectors.segment_commerce import translate_track
from regard.connectors.segment_consent import consent_events
from regard.connectors.segment_traits import GROUPS, Fields, organisation_fields, person_fields
from regard.events.envelope import Event, believed_time
from regard.events.interaction_events import InteractionStated, PartyReference
from regard.kit.ids import derived_id, new_id

CALLS = ("identify", "track", "page", "screen", "group", "alias")
# A clock that is off by more than this is not merely slow; days do pass on a device without a network.
_BROKEN_CLOCK = timedelta(days=30)
# These change from one try to the next, or say nothing about what happened.
_NOT_CONTENT = ("sentAt", "writeKey", "integrations", "_metadata", "messageId", "channel")


def translate_call(item: Mapping[str, Any], origin: Origin) -> list[Event]:
    """The events of one call: first the one that carries its message id, then what follows from it.

    Raises `ItemRefusedError` with the reason.
    """
    kind = _kind(item, origin)
    call = read_call(item, origin)
    return [*_state(kind, call), *consent_events(kind, call)]


def _state(kind: str, call: ActorCall) -> list[Event]:
    if kind == "group":
        return _group(call)
    if kind == "identify":
        body = patch_of(call.party, "person", own_ids(call, person_fields(_traits(call.body))))
        return [call_event(call, body, call.message), *link_events(call, with_user=False)]
    if kind == "alias":
        return _alias(call)
    return [call_event(call, _interaction(kind, call), call.message), *link_events(call)]


def _kind(item: Mapping[str, Any], origin: Origin) -> str:
    kind = item.get("type") or origin.call
    if kind is None:
        raise ItemRefusedError("missing", f"“type” is missing; write one of {', '.join(CALLS)}")
    if kind not in CALLS:
        raise ItemRefusedError("unknown_word", f"“type” must be one of {', '.join(CALLS)}")
    return str(kind)


def read_call(item: Mapping[str, Any], origin: Origin) -> ActorCall:
    """Who calls, when, and under which id; raises `ItemRefusedError`."""
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
        error = origin.received_at - sent_at
        corrected = shift_time(stated_at, error)
        if abs(error) > _BROKEN_CLOCK:
            # Such a time would make what was said now older, or newer, than everything else that is known.
            stated_at = corrected
    occurred_at = believed_time(corrected, origin.received_at)
    message = read_event_id(item.get("messageId"), "messageId") or _made_up_id(item, stated_at, origin)
    return ActorCall(item, origin, user, visitor, stated_at, occurred_at, message)


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


def _group(call: ActorCall) -> list[Event]:
    group = read_id(call.body.get("groupId"), "groupId")
    reference: Fields = {"organisation_ref": {"stream": GROUPS, "id": group}}
    member = patch_of(call.party, "person", reference | own_ids(call))
    organisation = patch_of(
        PartyReference(GROUPS, group), "organisation", organisation_fields(_traits(call.body))
    )
    return [
        call_event(call, member, call.message),
        call_event(call, organisation, _group_event_id(call)),
        *link_events(call, with_user=False),
    ]


def _group_event_id(call: ActorCall) -> str:
    return f"~group:{derived_id(call.origin.source, call.message).hex}"


def _alias(call: ActorCall) -> list[Event]:
    """`previousId` -> `userId` in every library of Segment and RudderStack (PostHog's differ).

    The previous id is tied as a visitor's. Were it stated as a user's too, two different user ids would
    stand against each other, and what the alias says would keep apart what it is there to join. Two users
    who are both known by ids of their own stay two: joining those is for a person to judge.
    """
    if call.user is None:
        raise ItemRefusedError("missing", "“userId” is missing; an alias says which user “previousId” became")
    previous = read_id(call.body.get("previousId"), "previousId")
    known = [previous] if call.visitor in {None, previous} else [previous, str(call.visitor)]
    user = patch_of(call.party, "person", {"user_id": call.user, "anonymous_id": known})
    before = link_event(call, PartyReference(VISITORS, previous), None, previous)
    return [call_event(call, user, call.message), before]


def _interaction(kind: str, call: ActorCall) -> InteractionStated:
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


def _view(kind: str, item: Mapping[str, Any], given: dict[str, Any], call: ActorCall) -> InteractionStated:
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
