"""Ids that sort by time, and ids derived from what they name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from regard.kit.ids import derived_id, new_id, version_key

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_new_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id(NOON + timedelta(milliseconds=step)) for step in range(50)]
    assert ids == sorted(ids)
    assert {id_.version for id_ in ids} == {7}


def test_the_same_key_names_the_same_record_and_a_shifted_border_does_not() -> None:
    assert derived_id("shop", "customers", "17") == derived_id("shop", "customers", "17")
    assert derived_id("shop", "customers1", "7") != derived_id("shop", "customers", "17")


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_version_keys_sort_as_their_times_do(first: datetime, second: datetime) -> None:
    assert (version_key(first, "") < version_key(second, "")) == (first < second)
