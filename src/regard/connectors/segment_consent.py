"""Consent that event clients send along: `context.consent.categoryPreferences` of any call.

No such object is no statement; an empty one denies everything. Categories are named freely by whoever runs
the web site, so only names with a plain meaning become statements; the others stay with their event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regard.connectors.interactions_api import PURPOSES
from regard.connectors.link_actors import ActorCall, call_event
from regard.connectors.read_values import plain_text
from regard.connectors.segment_traits import plain_name
from regard.events.envelope import Event
from regard.events.interaction_events import InteractionStated
from regard.kit.ids import derived_id

UPDATED = "segmentconsentpreferenceupdated"
STREAM = "consents"

_WORDS = {
    "marketing": ("advertising", "advertisement", "ads", "targeting", "socialmedia"),
    "profiling": ("analytics", "statistics", "performance", "personalisation", "personalization"),
    "service": ("functional", "necessary", "strictlynecessary", "essential", "required"),
}
_PURPOSE_OF = {word: purpose for purpose, words in _WORDS.items() for word in (purpose, *words)}


def consent_events(kind: str, call: ActorCall) -> list[Event]:
    """The consent interactions that a call states, one per purpose, for the web."""
    stated = read_preferences(call.body)
    changed = kind == "track" and plain_name(plain_text(call.body.get("event")) or "") == UPDATED
    say = _state_change if changed else _repeat_state
    return [say(call, purpose, "granted" if granted else "denied") for purpose, granted in stated.items()]


def read_preferences(item: Mapping[str, Any]) -> dict[str, bool]:
    """Purpose -> granted; of two categories with the same purpose the refusal counts."""
    context = item.get("context")
    consent = context.get("consent") if isinstance(context, dict) else None
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if not isinstance(preferences, dict):
        return {}
    if not preferences:
        return dict.fromkeys(PURPOSES, False)
    stated: dict[str, bool] = {}
    for category, value in preferences.items():
        purpose = purpose_of(category)
        if purpose is not None:
            stated[purpose] = stated.get(purpose, True) and value is True
    return stated


def purpose_of(category: str) -> str | None:
    """The purpose that a category of a consent banner means; None where its name does not say."""
    return _PURPOSE_OF.get(plain_name(category))


def _state_change(call: ActorCall, purpose: str, state: str) -> Event:
    """An entry of its own, so that the timeline shows each change."""
    entry = derived_id(call.origin.source, call.message, purpose).hex
    return _event(call, entry, purpose, state, call.message)


def _repeat_state(call: ActorCall, purpose: str, state: str) -> Event:
    """One entry that moves along, for every call of the client says the same again.

    A repeated grant is taken down once an hour. A refusal always is: the last word counts, and a refusal
    that was skipped because an earlier one said the same would leave a grant in between standing.
    """
    party = call.party
    entry = derived_id(call.origin.source, party.stream, party.external_id, purpose).hex
    moment = f"{call.occurred_at:%Y-%m-%dT%H}" if state == "granted" else call.message
    return _event(call, entry, purpose, state, moment)


def _event(call: ActorCall, entry: str, purpose: str, state: str, moment: str) -> Event:
    fields = {"purpose": purpose, "channel": "web", "state": state}
    body = InteractionStated(STREAM, entry, "consent", call.party, fields=fields)
    return call_event(call, body, f"~consent:{derived_id(entry, state, moment).hex}")
