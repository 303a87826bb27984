"""Who a call of an event client is about, and which of its ids belong together.

A call with a user id is about the record (source, users, id), without one about (source, visitors,
anonymous id). That two ids belong together is stated as identifiers on those records; whether they are
one customer is for identity to decide, never for a connector.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from regard.connectors.name_origin import Origin
from regard.connectors.read_values import LONGEST_ID, plain_text
from regard.connectors.segment_traits import Fields
from regard.events.envelope import Event, RecordKey
from regard.events.event_catalogue import EventBody
from regard.events.interaction_events import PartyReference
from regard.events.record_events import PartyKind, RecordPatched
from regard.kit.ids import derived_id

USERS, VISITORS = "users", "visitors"
# Types of `context.externalIds` that name a device or a value of the person; others are kept by their name.
_DEVICE_IDS = frozenset({
    "ios.idfa", "ios.idfv", "ios.push_token", "android.id", "android.idfa", "android.push_token",
})  # fmt: skip
_VALUES = frozenset({"email", "phone", "anonymous_id"})
_LONGEST_KIND = 100


class ActorCall(NamedTuple):
    """One call, read: who, when, and the id that its principal event gets; one of the actors is given."""

    body: Mapping[str, Any]
    origin: Origin
    user: str | None
    visitor: str | None
    stated_at: datetime | None
    occurred_at: datetime
    message: str

    @property
    def party(self) -> PartyReference:
        """The record of whom the call is about."""
        if self.user is not None:
            return PartyReference(USERS, self.user)
        assert self.visitor is not None
        return PartyReference(VISITORS, self.visitor)


def own_ids(call: ActorCall, stated: Fields | None = None) -> Fields:
    """The identifiers that a call gives to the record it is about, with what it states besides."""
    fields: Fields = dict(stated or {})
    if call.user is not None:
        fields["user_id"] = call.user
    if call.visitor is not None:
        fields["anonymous_id"] = [call.visitor]
    context = call.body.get("context")
    if not isinstance(context, dict):
        return fields
    device = context.get("device")
    devices: list[str] = []
    if isinstance(device, dict):
        devices = [text for name in ("id", "advertisingId") if (text := plain_text(device.get(name)))]
    for kind, value in _external_ids(context.get("externalIds")):
        if kind in _DEVICE_IDS:
            devices.append(value)
        elif kind in _VALUES:
            _add(fields, kind, value)
        elif kind != "user_id":
            fields.setdefault(f"external_{kind}", value)
    if devices := [text for text in dict.fromkeys(devices) if len(text) <= LONGEST_ID]:
        fields["device_id"] = devices
    return fields


def _external_ids(listed: object) -> list[tuple[str, str]]:
    """Type and value of the further ids of a person that a call names in `context.externalIds`."""
    found = []
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and one.get("collection", "users") == "users":
            kind, value = plain_text(one.get("type")), plain_text(one.get("id"))
            if kind and value and value.strip() and len(kind) <= _LONGEST_KIND and len(value) <= LONGEST_ID:
                found.append((kind.strip(), value.strip()))
    return found


def _add(fields: Fields, name: str, value: str) -> None:
    known = fields.get(name)
    values = known if isinstance(known, list) else [known] if isinstance(known, str) else []
    if value not in values:
        fields[name] = [*values, value]


def link_events(call: ActorCall, *, with_user: bool = True) -> list[Event]:
    """Who the ids of a call belong to, stated once for ever: their ids come from what they say."""
    events = []
    if call.visitor is not None:
        events.append(link_event(call, PartyReference(VISITORS, call.visitor), None, call.visitor))
    if call.user is not None and with_user:
        events.append(link_event(call, PartyReference(USERS, call.user), call.user, call.visitor))
    return events


def link_event(call: ActorCall, party: PartyReference, user: str | None, visitor: str | None) -> Event:
    """That a record carries these ids."""
    fields: Fields = {}
    if user is not None:
        fields["user_id"] = user
    if visitor is not None:
        fields["anonymous_id"] = [visitor]
    event_id = _link_id(call.origin.source, party.stream, party.external_id, user or "", visitor or "")
    return call_event(call, patch_of(party, "person", fields), event_id)


def patch_of(party: PartyReference, kind: PartyKind, fields: Fields) -> RecordPatched:
    """Fields of a record."""
    return RecordPatched(party.stream, party.external_id, kind, fields)


def call_event(call: ActorCall, body: EventBody, event_id: str) -> Event:
    """An event that a call states, at the time of the call."""
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


def follow_id(call: ActorCall, word: str) -> str:
    """The id of an event that follows from a call, the same at every delivery."""
    return f"~{word}:{derived_id(call.origin.source, call.message, word).hex}"


@lru_cache(50_000)
def _link_id(*said: str) -> str:
    return f"~link:{derived_id(*said).hex}"
