"""Consent that clients send along: no statement is none, an empty one is no, and the last word counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regard.connectors.name_origin import Origin
from regard.connectors.segment_events import translate_call
from regard.events.envelope import Event
from regard.events.interaction_events import InteractionStated

NOW = datetime(2026, 6, 1, 12, 10, tzinfo=UTC)


def consents(context: Any, kind: str = "track", event: str = "Seen", at: datetime = NOW) -> list[Event]:
    call = {
        "type": kind, "event": event, "userId": "u1", "messageId": f"m{at.isoformat()}",
        "timestamp": at.isoformat(), "context": context,
    }  # fmt: skip
    return [
        event for event in translate_call(call, Origin("web", NOW + timedelta(days=1)))
        if isinstance(event.body, InteractionStated) and event.body.interaction == "consent"
    ]  # fmt: skip


def states(context: Any) -> dict[str, str]:
    bodies = [event.body for event in consents(context)]
    return {
        body.fields["purpose"]: body.fields["state"] for body in bodies if isinstance(body, InteractionStated)
    }


def preferring(**categories: Any) -> dict[str, Any]:
    return {"consent": {"categoryPreferences": categories}}


@pytest.mark.parametrize(
    "context", [None, {}, {"consent": {}}, {"consent": None}, {"consent": {"categoryPreferences": None}}]
)
def test_no_object_is_no_statement(context: Any) -> None:
    assert states(context) == {}


def test_an_empty_object_denies_everything() -> None:
    assert states(preferring()) == {"marketing": "denied", "profiling": "denied", "service": "denied"}


@pytest.mark.parametrize(
    ("categories", "stated"),
    [
        ({"Advertising": True, "Analytics": False}, {"marketing": "granted", "profiling": "denied"}),
        ({"Analytics": True, "Personalization": False}, {"profiling": "denied"}),
        ({"Personalization": False, "Analytics": True}, {"profiling": "denied"}),
        ({"Analytics": "true"}, {"profiling": "denied"}),
        ({"strictly_necessary": True}, {"service": "granted"}),
        ({"C0007": True}, {}),
    ],
)
def test_categories_with_a_plain_meaning_become_purposes(
    categories: dict[str, Any], stated: dict[str, str]
) -> None:
    assert states(preferring(**categories)) == stated


def ids(event: Event) -> tuple[str | None, str]:
    assert isinstance(event.body, InteractionStated)
    return event.event_id, event.body.external_id


def test_a_change_is_an_entry_of_its_own_and_what_every_call_repeats_is_one() -> None:
    name = "Segment Consent Preference Updated"
    first, second = (
        ids(consents(preferring(Advertising=True), event=name, at=NOW + timedelta(minutes=minute))[0])
        for minute in (0, 1)
    )
    assert first[0] != second[0]
    assert first[1] != second[1]
    first, second, later = (
        ids(consents(preferring(Advertising=True), at=NOW + timedelta(minutes=minute))[0])
        for minute in (0, 1, 60)
    )
    assert first == second
    assert later[0] != first[0]
    assert later[1] == first[1]


def test_a_refusal_is_taken_down_every_time() -> None:
    first, second = (
        ids(consents(preferring(Advertising=False), at=NOW + timedelta(minutes=minute))[0])
        for minute in (0, 1)
    )
    assert first[0] != second[0]
    assert first[1] == second[1]


@pytest.mark.parametrize("kind", ["identify", "page", "screen", "track"])
def test_any_call_may_carry_consent(kind: str) -> None:
    assert len(consents(preferring(Marketing=True), kind)) == 1
