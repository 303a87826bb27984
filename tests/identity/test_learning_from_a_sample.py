"""Of very many records a part teaches: the same part in any order, and it teaches what all would."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest

from regard.identity import sample_nodes, train_model
from regard.identity.identity_record import IdentityRecord
from regard.identity.resolve_records import RecordResolver, Resolution
from tests.identity.test_what_is_learnt import strangers

PEOPLE = 500


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sampling begins with far fewer records than for real files, for speed."""
    monkeypatch.setattr(train_model, "_STRANGERS", 4_000)
    monkeypatch.setattr(sample_nodes, "MOST_WHOLE", 400)
    monkeypatch.setattr(sample_nodes, "SEEDS", 250)


@pytest.fixture(scope="module")
def records() -> list[IdentityRecord]:
    """People, half of whom are there a second time, with another phone number."""
    people = strangers(PEOPLE, 5, "DE")
    again = [
        replace(
            one, record_id=UUID(int=one.record_id.int ^ 1), fields={**one.fields, "phone": f"030 55{at:05d}"}
        )
        for at, one in enumerate(people[::2])
    ]
    return people + again


def resolve(records: list[IdentityRecord]) -> Resolution:
    resolver = RecordResolver("batch")
    for record in records:
        resolver.add(record)
    return resolver.resolve()


@pytest.mark.usefixtures("sampled")
def test_a_sample_teaches_the_same_in_any_order(records: list[IdentityRecord]) -> None:
    shuffled = records[:]
    random.Random(3).shuffle(shuffled)
    one, two = resolve(records), resolve(shuffled)
    assert one.model.version == two.model.version
    assert one.model == two.model


@pytest.mark.usefixtures("sampled")
def test_what_a_sample_taught_finds_the_people(records: list[IdentityRecord]) -> None:
    found = resolve(records).customer
    twice = sum(found[at] == found[PEOPLE + at // 2] for at in range(0, PEOPLE, 2))
    assert twice >= 0.98 * PEOPLE / 2
    assert max(Counter(found).values()) <= 3


def test_a_sample_is_drawn_of_very_many_only(
    records: list[IdentityRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_model, "_STRANGERS", 4_000)
    whole = resolve(records).model
    monkeypatch.setattr(sample_nodes, "MOST_WHOLE", len(records))
    assert resolve(records).model == whole
    monkeypatch.setattr(sample_nodes, "MOST_WHOLE", 400)
    monkeypatch.setattr(sample_nodes, "SEEDS", 250)
    assert resolve(records).model != whole
