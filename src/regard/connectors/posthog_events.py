"""Events of PostHog's clients, told as the calls of the event API that mean the same.

So a purchase, a page or a sign-in is one and the same canonical event whichever client sent it. Names that
begin with `$` are the library's own and go into the context; the others are properties of the event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from regard.connectors.link_actors import ActorCall, call_event, follow_id, patch_of
from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.posthog_people import read_actor, read_alias, read_identified
from regard.connectors.read_values import LONGEST_STREAM, name_type, plain_text, read_id
from regard.connectors.segment_events import read_call, translate_call
from regard.connectors.segment_traits import GROUPS, organisation_fields, plain_name
from regard.events.envelope import Event, RecordKey
from regard.events.interaction_events import InteractionStated, PartyReference
from regard.kit.ids import derived_id

# Kinds of groups that are organisations. Others (projects, rooms, devices) are no party.
_ORGANISATIONS = frozenset({
    "company", "organization", "organisation", "account", "customer", "client", "business", "tenant",
    "workspace", "employer", "school", "group",
})  # fmt: skip
_CAMPAIGN = ("source", "medium", "term", "content")
_PAGE = {
    "$current_url": "url",
    "title": "title",
    "$title": "title",
    "$referrer": "referrer",
    "$pathname": "path",
}
# The write key, and what is said elsewhere.
_NOT_KEPT = frozenset({
    "token", "api_key", "distinct_id", "$set", "$set_once", "$unset", "$lib", "$lib_version", "alias",
    "$anon_distinct_id", "$groups", "$is_identified", "$ignore_sent_at",
})  # fmt: skip
_FIRST, _LAST = datetime(1800, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Item = Mapping[str, Any]


def translate_capture(item: Item, origin: Origin) -> list[Event]:
    """The events of one captured event, the principal one first; raises `ItemRefusedError`."""
    name = (plain_text(item.get("event")) or "").strip()
    properties = _properties(item)
    if not name:
        raise ItemRefusedError("missing", "“event” is missing; say what happened")
    if name == "$snapshot":
        raise ItemRefusedError(
            "not_kept", "recordings of sessions are not kept here; switch them off in the client"
        )
    origin = _trusting(item, properties, origin)
    base = _base(item, origin)
    if name == "$groupidentify":
        return _group(base, item, properties, origin)
    if name in {"$create_alias", "$merge_dangerously"}:
        return translate_call({**base, "type": "alias", **read_alias(item, properties)}, origin)
    if name in {"$identify", "$set"}:
        read = read_identified if name == "$identify" else read_actor
        actor = read(item, properties)
        traits = _people_properties(item, properties, "$set")
        events = translate_call({**base, "type": "identify", **actor, "traits": traits}, origin)
        return [*events, *_set_once({**base, **actor}, item, properties, origin)]
    actor = read_actor(item, properties)
    call = {**base, **actor, **_call_of(name, properties)}
    return [*translate_call(call, origin), *_said_beside(call, item, properties, origin)]


def _properties(item: Item) -> dict[str, Any]:
    """The properties with what newer libraries write beside them."""
    moved = {f"${key}": item[key] for key in ("session_id", "window_id") if item.get(key)}
    return {**moved, **_object(item.get("properties"), "properties")}


def _trusting(item: Item, properties: Item, origin: Origin) -> Origin:
    """The origin whose clock is left alone where the event asks for that, as events moved by hand do."""
    options = item.get("options")
    asked = isinstance(options, dict) and options.get("disable_skew_correction") is True
    if asked or properties.get("$ignore_sent_at") is True:
        return replace(origin, sent_at=None)
    return origin


def _base(item: Item, origin: Origin) -> dict[str, Any]:
    base = {"messageId": item.get("uuid"), "timestamp": item.get("timestamp")}
    offset = item.get("offset")
    if base["timestamp"] in (None, "") and isinstance(offset, int | float) and not isinstance(offset, bool):
        # Milliseconds between the event and its sending; the wire takes no time worth counting.
        try:
            base["timestamp"] = (origin.received_at - timedelta(milliseconds=float(offset))).isoformat()
        except OverflowError:
            base["timestamp"] = None
        base["sentAt"] = origin.received_at.isoformat()
    return base


def _call_of(name: str, properties: Item) -> dict[str, Any]:
    """Kind, name, properties and context of the call that an event is."""
    own = {key: value for key, value in properties.items() if key[:1] != "$" and key not in _NOT_KEPT}
    context: dict[str, Any] = {
        key[1:]: value
        for key, value in properties.items()
        if key[:1] == "$" and key not in _NOT_KEPT and key not in _PAGE
    }
    if library := plain_text(properties.get("$lib")):
        context["library"] = {"name": library, "version": plain_text(properties.get("$lib_version"))}
    if page := {word: properties[key] for key, word in _PAGE.items() if properties.get(key)}:
        if title := own.get("title"):
            page["title"] = title
        context["page"] = page
    campaign = {word: own.pop(f"utm_{word}") for word in _CAMPAIGN if own.get(f"utm_{word}")}
    if own.get("utm_campaign"):
        campaign["name"] = own.pop("utm_campaign")
    if campaign:
        context["campaign"] = campaign
    call: dict[str, Any] = {"type": "track", "event": name, "properties": own, "context": context}
    if name == "$pageview":
        call |= {"type": "page", "properties": {**own, **context.get("page", {})}}
    elif name == "$screen":
        call |= {"type": "screen", "name": plain_text(properties.get("$screen_name"))}
    return call


def _said_beside(call: dict[str, Any], item: Item, properties: Item, origin: Origin) -> list[Event]:
    """What an event says about the person besides that it happened."""
    known = read_call(call, origin)
    events = _set_once(call, item, properties, origin)
    # The browser library repeats here what it knows of the browser; that stands in the context.
    traits = {
        name: value for name, value in _people_properties(item, properties, "$set").items() if name[:1] != "$"
    }
    if traits:
        patch = translate_call({**call, "type": "identify", "context": {}, "traits": traits}, origin)[0]
        events.append(replace(patch, event_id=follow_id(known, "set")))
    groups = properties.get("$groups")
    for kind, key in groups.items() if isinstance(groups, dict) else ():
        stream = _organisation_stream(kind)
        if stream and key not in (None, ""):
            reference = {"stream": stream, "id": read_id(key, f"$groups.{kind}")}
            body = patch_of(known.party, "person", {"organisation_ref": reference})
            events.append(call_event(known, body, _member_id(known, stream, str(reference["id"]))))
    return events


def _member_id(call: ActorCall, stream: str, key: str) -> str:
    """Every event of a member repeats where they belong; it is taken down once an hour."""
    said = (call.party.stream, call.party.external_id, stream, key, f"{call.occurred_at:%Y-%m-%dT%H}")
    return f"~member:{derived_id(call.origin.source, *said).hex}"


def _set_once(call: dict[str, Any], item: Item, properties: Item, origin: Origin) -> list[Event]:
    """Properties that hold only until somebody states them, and of which the first statement wins.

    Versions make the latest win, so these are stated at a time mirrored into an age before all clients:
    every other statement is later, and of two the earlier is.
    """
    given = _people_properties(item, properties, "$set_once")
    traits = {name: value for name, value in given.items() if value is not None}
    if call.get("type") != "identify" and "event" in call:
        traits = {name: value for name, value in traits.items() if name[:1] != "$"}
    if not traits:
        return []
    patch = translate_call({**call, "type": "identify", "context": {}, "traits": traits}, origin)[0]
    stated = _FIRST + (_LAST - (patch.stated_at or patch.occurred_at))
    return [replace(patch, event_id=follow_id(read_call(call, origin), "once"), stated_at=stated)]


def _people_properties(item: Item, properties: Item, name: str) -> dict[str, Any]:
    """The object under that name, beside the properties or among them."""
    beside, among = _object(item.get(name), name), _object(properties.get(name), f"properties.{name}")
    return {**among, **beside}


def _group(base: dict[str, Any], item: Item, properties: Item, origin: Origin) -> list[Event]:
    """What a group is; who belongs to it is said by the events of its members."""
    kind = read_id(properties.get("$group_type"), "$group_type", LONGEST_STREAM)
    key = read_id(properties.get("$group_key"), "$group_key")
    traits = _object(properties.get("$group_set"), "$group_set")
    # The distinct id of such an event is made up by the library.
    call = read_call({**base, "type": "group", "anonymousId": key, "properties": properties}, origin)
    stream = _organisation_stream(kind)
    if stream is not None:
        party = PartyReference(stream, key)
        return [call_event(call, patch_of(party, "organisation", organisation_fields(traits)), call.message)]
    fields = {"title": f"{kind} {key}"}
    stated = InteractionStated("group_changes", call.message, "track", fields=fields, properties=traits)
    subject = RecordKey(origin.source, stated.stream, stated.external_id)
    return [replace(call_event(call, stated, call.message), subject=subject)]


def _organisation_stream(kind: str) -> str | None:
    """The stream of organisations of that kind; the same key of two kinds names two of them."""
    plain = plain_name(kind)
    if plain not in _ORGANISATIONS:
        return None
    return GROUPS if plain == "company" else f"{GROUPS}.{plain}"


def _object(value: object, place: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ItemRefusedError("wrong_type", f"“{place}” must be an object, not {name_type(value)}")
    return value
