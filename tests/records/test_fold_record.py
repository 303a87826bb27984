"""What a source said last about a record, whatever arrived first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from regard.events.envelope import Event, RecordKey
from regard.events.record_events import RecordDeleted, RecordPatched, RecordUpserted
from regard.records.fold_record import SourceRecord, fold_record

KEY = RecordKey("crm", "contacts", "17")
START = datetime(2026, 1, 1, tzinfo=UTC)


def upserted(day: int, **fields: str | list[str]) -> Event:
    return _event(day, RecordUpserted("contacts", "17", "person", dict(fields)))


def patched(day: int, **fields: str | list[str] | None) -> Event:
    return _event(day, RecordPatched("contacts", "17", "person", dict(fields)))


def deleted(day: int) -> Event:
    return _event(day, RecordDeleted("contacts", "17"))


def _event(day: int, body: RecordUpserted | RecordPatched | RecordDeleted) -> Event:
    at = START + timedelta(days=day)
    return Event("crm", f"e{day}", KEY, at, at, at, body)


def folded(*events: Event) -> SourceRecord:
    state = reduce(fold_record, events, None)
    assert state is not None
    return state


def test_a_later_statement_replaces_the_whole_record() -> None:
    record = folded(upserted(1, city="Bonn", email="a@b.de"), upserted(2, city="Köln"))
    assert record.effective_fields() == {"city": "Köln"}


def test_an_older_statement_that_arrives_late_changes_nothing_but_the_first_sight() -> None:
    record = folded(upserted(2, city="Köln"), upserted(1, city="Bonn"))
    assert record.effective_fields() == {"city": "Köln"}
    assert record.first_seen == START + timedelta(days=1)


def test_a_partial_statement_changes_only_its_fields_and_adds_to_lists() -> None:
    record = folded(upserted(1, city="Bonn", email="a@b.de"), patched(2, email="c@d.de", plan="pro"))
    assert record.effective_fields() == {"city": "Bonn", "email": ["a@b.de", "c@d.de"], "plan": "pro"}


def test_a_partial_statement_can_take_a_field_away() -> None:
    record = folded(
        upserted(1, city="Bonn", email=["a@b.de"]), patched(2, email=None), patched(3, email="n@ew.de")
    )
    assert record.effective_fields() == {"city": "Bonn", "email": ["n@ew.de"]}


def test_a_deleted_record_says_nothing_but_is_still_known_as_who_it_was() -> None:
    record = folded(upserted(1, email="a@b.de"), deleted(2))
    assert record.deleted
    assert record.effective_fields() == {}
    assert record.known_fields() == {"email": "a@b.de"}


def test_a_deleted_record_comes_back_when_the_source_states_it_again() -> None:
    record = folded(upserted(1, email="a@b.de"), deleted(2), upserted(3, email="new@b.de"))
    assert not record.deleted
    assert record.effective_fields() == {"email": "new@b.de"}


def noted(day: int, *visitors: str) -> Event:
    return _event(
        day, RecordPatched("contacts", "17", "person", {"anonymous_id": list(visitors)}, in_passing=True)
    )


def test_what_was_noted_in_passing_outlives_a_whole_statement_and_ages_nobody() -> None:
    record = folded(noted(1, "v1"), upserted(5, city="Bonn"), noted(9, "v2"))
    assert record.effective_fields() == {"city": "Bonn", "anonymous_id": ["v1", "v2"]}
    assert record.first_seen == START + timedelta(days=5)


_values = st.sampled_from(["x", "y"])
_events = st.lists(
    st.one_of(
        st.builds(lambda d, c, e: upserted(d, city=c, email=[e]), st.integers(1, 60), _values, _values),
        st.builds(lambda d, e: patched(d, email=e), st.integers(1, 60), st.none() | _values),
        st.builds(lambda d, c: patched(d, city=c), st.integers(1, 60), st.none() | _values),
        st.builds(deleted, st.integers(1, 60)),
        st.builds(noted, st.integers(1, 60), _values),
    ),
    min_size=1,
    max_size=7,
    unique_by=lambda event: event.event_id,
)


@given(_events, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_gives_the_same_record(events: list[Event], random: Random) -> None:
    again = events + [event for event in events if random.random() < 0.5]
    random.shuffle(again)
    assert folded(*again).effective_fields() == folded(*events).effective_fields()
    assert folded(*again) == folded(*events)
