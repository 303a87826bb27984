"""What a person should look at: records on which it was close, whatever the order they came in."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from regard.identity.block_records import blocking_keys
from regard.identity.compare_records import compare
from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import MatchModel, default_model
from regard.identity.normalise_fields import features
from tests.identity.make_records import index_of, judgement, person
from tests.identity.test_identity_laws import LAW, MODELS, RECORD, RECORDS, SEEDS, judgements_about, played


@LAW
@given(RECORDS, SEEDS, MODELS)
def test_any_order_and_any_batches_leave_the_same_doubts(
    records: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    judged = judgements_about(records, seed, seed % 4)
    whole = index_of(*records, judged=judged, model=model)
    assert played(records, judged, model, seed).doubts() == whole.doubts()


@LAW
@given(RECORDS, RECORDS, SEEDS, MODELS)
def test_the_changes_of_doubts_told_on_the_way_add_up_to_the_doubts_there_are(
    before: list[IdentityRecord], after: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    rng = random.Random(seed)
    index = IdentityIndex(model)
    kept = {}
    for one in [*before, *after]:
        removals = [rng.choice(before).record_id] if rng.random() < 0.2 else []
        index.apply([one], removals, (), ())
        gone, new = index.changed_doubts()
        for pair in gone:
            del kept[pair]
        kept |= {(doubt.left, doubt.right): doubt for doubt in new}
    assert sorted(kept.values()) == index.doubts()


@LAW
@given(RECORDS, SEEDS, MODELS)
def test_a_doubt_tells_whether_the_two_are_one_customer_now(
    records: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    index = played(records, judgements_about(records, seed, seed % 3), model, seed)
    for doubt in index.doubts():
        assert doubt.left.int < doubt.right.int
        assert doubt.together == (index.customer_of(doubt.left) == index.customer_of(doubt.right))
        assert doubt.together == (doubt.reason == "weak_join")
        assert 0 < doubt.risk <= 0.5


@LAW
@given(RECORDS, SEEDS, MODELS, st.sampled_from(["same", "different"]))
def test_an_answer_settles_its_doubt(
    records: list[IdentityRecord], seed: int, model: MatchModel, verdict: str
) -> None:
    index = index_of(*records, model=model)
    found = {one.record_id: one for one in records}
    doubts = index.doubts()
    if not doubts:
        return
    doubt = doubts[seed % len(doubts)]
    answer = judgement(1, verdict, [found[doubt.left]], [found[doubt.right]])
    index.apply((), (), [answer], ())
    assert (doubt.left, doubt.right) not in {(one.left, one.right) for one in index.doubts()}
    index.apply((), (), (), [answer.judgement_id])
    assert index.doubts() == doubts


@LAW
@given(RECORD, RECORD)
def test_of_two_records_it_is_asked_exactly_when_it_is_close(
    one: IdentityRecord, two: IdentityRecord
) -> None:
    model = default_model()
    first, second = features(one), features(two)
    own = min(compare(each, each, model).score for each in (first, second))
    if one.record_id == two.record_id or own < 0 or first.only_devices or second.only_devices:
        return
    close = model.limits.loose <= compare(first, second, model).score < 3.0
    keys = [{found[0] for found in blocking_keys(each)} for each in (first, second)]
    assert bool(index_of(one, two).doubts()) == (close and not keys[0].isdisjoint(keys[1]))


def test_nobody_is_asked_about_records_that_surely_belong_together_or_surely_do_not() -> None:
    full = {"full_name": "Anna Brzezinska", "email": "anna@x.example", "birth_date": "1980-02-03"}
    index = index_of(person("1", **full), person("2", **full), person("3", full_name="Otto Wolf"))
    assert index.doubts() == []
