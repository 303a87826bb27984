"""How sure a customer is: the same on the way, at the end, and in the explanation."""

from __future__ import annotations

import random
from uuid import UUID

from hypothesis import given

from regard.identity.explain_identity import explain, measure_confidence
from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord, Judgement
from regard.identity.match_model import MatchModel
from tests.identity.test_identity_laws import LAW, MODELS, RECORDS, SEEDS, judgements_about, played


def _customers(index: IdentityIndex, records: list[IdentityRecord]) -> dict[UUID, list[IdentityRecord]]:
    found: dict[UUID, list[IdentityRecord]] = {}
    for one in records:
        if customer := index.customer_of(one.record_id):
            found.setdefault(customer, []).append(one)
    return found


def _about(records: list[IdentityRecord], judged: list[Judgement]) -> list[Judgement]:
    ids = {one.record_id for one in records}
    return [one for one in judged if ids & {*one.left, *one.right}]


@LAW
@given(RECORDS, SEEDS, MODELS)
def test_the_index_is_as_sure_as_the_explanation(
    records: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    judged = judgements_about(records, seed, seed % 4)
    index = played(records, judged, model, seed)
    for customer, members in _customers(index, records).items():
        if len(members) < 2:
            assert index.confidence(customer) == 1.0
            continue
        about = _about(members, judged)
        sure = index.confidence(customer)
        assert sure == measure_confidence(members, about, model, index.hub_keys())
        assert sure == explain(members, about, model, index.hub_keys()).confidence


@LAW
@given(RECORDS, RECORDS, SEEDS, MODELS)
def test_whoever_remembers_what_was_reviewed_knows_how_sure_every_customer_is(
    before: list[IdentityRecord], after: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    rng = random.Random(seed)
    index = IdentityIndex(model)
    steps: list[IdentityRecord | Judgement] = [*before, *after, *judgements_about(before, seed, 2)]
    known: dict[UUID, float] = {}
    kept = {}
    for one in steps:
        removals = [rng.choice(before).record_id] if rng.random() < 0.2 else []
        for record_id in removals:
            kept.pop(record_id, None)
        if isinstance(one, Judgement):
            index.apply((), removals, [one], ())
        else:
            kept[one.record_id] = one
            index.apply([one], removals, (), ())
        known |= {customer: index.confidence(customer) for customer in index.reviewed()}
    for customer in _customers(index, list(kept.values())):
        assert known[customer] == index.confidence(customer)
