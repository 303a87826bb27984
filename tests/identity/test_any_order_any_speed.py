"""Whoever misleads whom: bulk and stream, any order, batches and detours end at the same customers."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.identity import hold_records, keep_edges
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import MatchModel, default_model
from tests.identity.hostile_worlds import SMALL, WORLDS, customers, in_bulk, judgements, learnt, streamed
from tests.identity.make_records import person

SEEDS = st.integers(0, 2**16)
MODELS = st.sampled_from([SMALL, default_model()])


def law(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


def orders(records: list[IdentityRecord], seed: int) -> list[list[IdentityRecord]]:
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)
    return [records, records[::-1], shuffled]


@pytest.fixture(autouse=True)
def comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index compares few records one by one and many column by column: here five are many.

    And it makes all rows anew once there were twice as many.
    """
    monkeypatch.setattr(keep_edges, "_MANY", 5)
    monkeypatch.setattr(hold_records, "MOST_PAST", 0)


@law(50)
@given(WORLDS, SEEDS, MODELS)
def test_bulk_and_stream_in_any_order_find_the_same_customers(
    records: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    expected = in_bulk(records, model)
    for turn, order in enumerate(orders(records, seed)):
        assert in_bulk(order, model) == expected
        assert customers(streamed(order, model, (1, 7, 100, None)[(seed + turn) % 4]), records) == expected


@law(12)
@given(WORLDS, SEEDS)
def test_they_do_with_a_model_learnt_from_the_records_too(records: list[IdentityRecord], seed: int) -> None:
    model = learnt(records)
    expected = in_bulk(records, model)
    for turn, order in enumerate(orders(records, seed)):
        assert in_bulk(order, model) == expected
        assert customers(streamed(order, model, (1, 7, 100, None)[(seed + turn) % 4]), records) == expected


@law(40)
@given(WORLDS, SEEDS, MODELS)
def test_judgements_that_contradict_each_other_weigh_the_same_whenever_they_come(
    records: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    steps = [*records, *judgements(records, seed)]
    expected = streamed(steps, model)
    for turn in range(3):
        random.Random(seed + turn).shuffle(steps)
        index = streamed(steps, model, (1, 7, 100)[turn])
        assert customers(index, records) == customers(expected, records)
        assert index.doubts() == expected.doubts()


@law(40)
@given(WORLDS, WORLDS, SEEDS, MODELS)
def test_who_came_and_went_or_changed_and_changed_back_leaves_no_trace(
    kept: list[IdentityRecord], other: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    judged = judgements(kept, seed)
    index = streamed([*kept, *judged], model)
    before, hubs, doubts = customers(index, kept), index.hub_keys(), index.doubts()
    known = {one.record_id for one in kept}
    passing = [one for one in other if one.record_id not in known]
    index.apply(other, (), (), ())
    index.apply([one for one in kept if one.record_id in {o.record_id for o in other}], (), (), ())
    random.Random(seed).shuffle(passing)
    for one in passing:
        index.apply((), [one.record_id], (), ())
    assert customers(index, kept) == before
    assert (index.hub_keys(), index.doubts(), len(index)) == (hubs, doubts, len(kept))


@law(40)
@given(WORLDS, SEEDS, MODELS)
def test_a_merge_taken_back_restores_customers_and_ids_whatever_came_between(
    records: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    half = max(1, len(records) // 2)
    index = streamed(records[:half], model)
    judged = judgements(records, seed)
    for one in judged:
        index.apply((), (), [one], ())
    index.apply(records[half:], (), (), ())
    random.Random(seed).shuffle(judged)
    for one in judged:
        index.apply((), (), (), [one.judgement_id])
    assert customers(index, records) == in_bulk(records, model)


@law(20)
@given(WORLDS, SEEDS, st.sampled_from(["email", "phone", "anonymous_id", "user_id"]), st.integers(1, 7))
def test_a_crowd_counts_from_when_it_is_there_and_no_longer_once_it_is_gone(
    records: list[IdentityRecord], seed: int, field: str, batch: int
) -> None:
    value = {"email": "anna.schmidt@web.de", "phone": "+4915112345678", "anonymous_id": "d1", "user_id": "1"}[
        field
    ]
    crowd = [
        person(f"crowd {n}", "web", given_name="Carla", family_name=f"Crowd{chr(97 + n)}x", **{field: value})
        for n in range(8)
    ]
    index = streamed(records, SMALL, batch)
    before, hubs = customers(index, records), index.hub_keys()
    everybody = [*records, *crowd]
    for one in crowd:
        index.apply([one], (), (), ())
    known_at_the_start = streamed([*crowd, *records], SMALL)
    assert len(index.hub_keys()) > 0
    assert index.hub_keys() == known_at_the_start.hub_keys()
    assert (
        customers(index, everybody) == customers(known_at_the_start, everybody) == in_bulk(everybody, SMALL)
    )
    random.Random(seed).shuffle(crowd)
    for at in range(0, len(crowd), batch):
        index.apply((), [one.record_id for one in crowd[at : at + batch]], (), ())
    assert (customers(index, records), index.hub_keys()) == (before, hubs)


def test_a_memory_that_sees_one_record_change_for_ever_does_not_grow_for_ever() -> None:
    index = streamed([person(str(number), family_name=f"Wolf{number}") for number in range(10)], SMALL)
    for number in range(200):
        index.apply([person("1", family_name=f"Wolf{number}", phone=f"+49151123{number:05}")], (), (), ())
    assert max(len(column.values) for column in index._table.columns) < 40
