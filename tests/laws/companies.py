"""Small made-up companies whose events collide on purpose: shared mailboxes, corrections, deletions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from regard.events.envelope import Event, RecordKey
from regard.events.event_catalogue import EventBody
from regard.events.interaction_events import DatedBy, InteractionDeleted, InteractionStated, PartyReference
from regard.events.record_events import RecordDeleted, RecordPatched, RecordUpserted

START = datetime(2026, 1, 1, tzinfo=UTC)

_ids = st.sampled_from(["1", "2", "3"])
_names = st.sampled_from([("Anne", "Kowalczyk"), ("Ania", "Kowalczyk"), ("Jan", "Nowak"), ("John", "Smith")])
_emails = st.sampled_from(["anne.kowalczyk@example.com", "jan@example.org", "info@example.net", None])
_phones = st.sampled_from(["+49 30 1234567", "030 1234567", "+48 22 5551234", None])

# Of half of the interactions nothing says when they happened.
_dated_by: st.SearchStrategy[DatedBy | UnsetType] = st.sampled_from([UNSET, UNSET, "arrival", "change"])


def event(source: str, number: int, minute: int, subject: RecordKey, body: EventBody) -> Event:
    """An event of a source at a minute after the start; numbers make the source's event ids."""
    at = START + timedelta(minutes=minute)
    return Event(source, f"{source}-{number}", subject, at, at, at, body)


def person(source: str, number: int, minute: int, external_id: str, **fields: Any) -> Event:
    """A whole statement of a person's record."""
    key = RecordKey(source, "people", external_id)
    kept = {name: value for name, value in fields.items() if value is not None}
    return event(source, number, minute, key, RecordUpserted("people", external_id, "person", kept))


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Up to fourteen events of two sources about six people and three orders and tickets each."""
    events: list[Event] = []
    for number in range(draw(st.integers(1, 14))):
        source = draw(st.sampled_from(["crm", "shop"]))
        minute = draw(st.integers(0, 500)) * 20 + number
        external_id = draw(_ids)
        key = RecordKey(source, "people", external_id)
        make = draw(
            st.sampled_from(
                [_stated, _stated, _patched, _deleted, _ordered, _ordered, _inherited, _cancelled, _consented]
            )
        )
        subject, body = make(draw, key)
        events.append(event(source, number, minute, subject, body))
    return events


def _stated(draw: st.DrawFn, key: RecordKey) -> tuple[RecordKey, EventBody]:
    given, family = draw(_names)
    fields: dict[str, Any] = {"given_name": given, "family_name": family, "user_id": key.external_id}
    for name, values in (("email", _emails), ("phone", _phones)):
        if value := draw(values):
            fields[name] = value
    return key, RecordUpserted("people", key.external_id, "person", fields)


def _patched(draw: st.DrawFn, key: RecordKey) -> tuple[RecordKey, EventBody]:
    return key, RecordPatched(
        "people", key.external_id, "person", {"email": draw(_emails), "plan": draw(_ids)}
    )


def _deleted(draw: st.DrawFn, key: RecordKey) -> tuple[RecordKey, EventBody]:
    return key, RecordDeleted("people", key.external_id)


def _ordered(draw: st.DrawFn, key: RecordKey) -> tuple[RecordKey, EventBody]:
    status = draw(st.sampled_from(["placed", "paid", "cancelled"]))
    kind = draw(st.sampled_from(["order", "ticket", "payment", "page_view"]))
    party = PartyReference("people", key.external_id)
    # Tickets about orders and orders out of tickets: each may name the other.
    of = {"order": {"ticket": draw(_ids)}, "ticket": {"order": draw(_ids)}}.get(kind, {})
    return key, InteractionStated(
        kind + "s", draw(_ids), kind, party, status, 1250, "EUR", draw(st.sampled_from([{}, of])),
        dated_by=draw(_dated_by),
    )  # fmt: skip


def _inherited(draw: st.DrawFn, key: RecordKey) -> tuple[RecordKey, EventBody]:
    number = draw(_ids)
    named = draw(st.sampled_from([None, None, PartyReference("people", key.external_id)]))
    subject = key if named else RecordKey(key.source, "lines", number)
    return subject, InteractionStated(
        "lines", number, "order_line", named, None, 500, "EUR", {"order": draw(_ids)},
        dated_by=draw(_dated_by),
    )  # fmt: skip


def _cancelled(draw: st.DrawFn, key: RecordKey) -> tuple[RecordKey, EventBody]:
    return key, InteractionDeleted(draw(st.sampled_from(["orders", "tickets", "lines"])), draw(_ids))


def _consented(draw: st.DrawFn, key: RecordKey) -> tuple[RecordKey, EventBody]:
    fields = {
        "purpose": "marketing",
        "channel": "email",
        "state": draw(st.sampled_from(["granted", "denied"])),
    }
    party = PartyReference("people", key.external_id)
    return key, InteractionStated("consents", draw(_ids), "consent", party, None, None, None, fields)
