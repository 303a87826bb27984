"""Whatever the order, the batches and the detours: the same records and judgements give the same
customers."""

import dataclasses
import random
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.identity.compare_records import compare
from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord, Judgement
from regard.identity.match_model import MatchModel, default_model
from regard.identity.normalise_fields import features
from tests.identity.make_records import firm, index_of, judgement, partition, person

# Tiny limits, so that hubs, pieces over the cap and refined keys happen with a handful of records.
TIGHT = dataclasses.replace(
    default_model(),
    limits=dataclasses.replace(default_model().limits, key_records=3, identifier_records=3, piece_records=4),
)
MODELS = st.sampled_from(["shipped", "tight"]).map({"shipped": default_model(), "tight": TIGHT}.get)
LAW = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def some(*values: object) -> st.SearchStrategy:
    return st.sampled_from([None, *values])


PEOPLE = st.fixed_dictionaries(
    {
        "given_name": some("Anna", "Ana", "Bernd"),
        "family_name": some("Schmidt", "Schmitt", "Wolf"),
        "birth_date": some("1980-02-03", "1980-02-04", "2001-05-07"),
        "email": some("a@x.example", "b@x.example", "info@x.example"),
        "phone": some("+4915112345678", "+493012345678"),
        "city": some("Berlin", "Bern"),
        "street": some("Ringweg 1"),
        "user_id": some("1", "2"),
        "anonymous_id": some("d1", "d2", ["d1", "d2"]),
    }
)
VISITORS = st.fixed_dictionaries({"anonymous_id": st.sampled_from(["d1", "d2", ["d1", "d2"], "d3"])})
FIRMS = st.fixed_dictionaries(
    {"name": some("Acme GmbH", "Acme AG", "Acme"), "domain": some("acme.example", "x.example")}
)


def _person(number: int, source: str, day: int, fields: dict) -> IdentityRecord:
    return person(str(number), source, day, **{name: value for name, value in fields.items() if value})


def _firm(number: int, source: str, day: int, fields: dict) -> IdentityRecord:
    return firm(str(number), source, day, **{name: value for name, value in fields.items() if value})


RECORD = st.one_of(
    st.builds(
        _person,
        st.integers(0, 14),
        st.sampled_from(["crm", "web"]),
        st.integers(0, 3),
        st.one_of(PEOPLE, PEOPLE, VISITORS),
    ),
    st.builds(_firm, st.integers(0, 3), st.just("crm"), st.integers(0, 3), FIRMS),
)
RECORDS = st.lists(RECORD, min_size=2, max_size=18, unique_by=lambda one: one.record_id)
SEEDS = st.integers(0, 2**16)


def judgements_about(records: list[IdentityRecord], seed: int, count: int) -> list[Judgement]:
    rng = random.Random(seed)
    made = []
    for number in range(count):
        chosen = rng.sample(records, min(len(records), rng.choice((2, 2, 3))))
        made.append(judgement(100 + number, rng.choice(("same", "different")), chosen[:1], chosen[1:]))
    return made


def played(
    records: list[IdentityRecord], judged: list[Judgement], model: MatchModel, seed: int
) -> IdentityIndex:
    """The same facts in another order and other batches."""
    rng = random.Random(seed)
    steps: list = [*records, *judged]
    rng.shuffle(steps)
    index = IdentityIndex(model)
    while steps:
        batch, steps = steps[: (size := rng.randint(1, 4))], steps[size:]
        index.apply(
            [one for one in batch if isinstance(one, IdentityRecord)],
            (),
            [one for one in batch if isinstance(one, Judgement)],
            (),
        )
    return index


@LAW
@given(RECORDS, SEEDS, MODELS)
def test_any_order_and_any_batches_give_the_same_customers(records, seed, model):
    judged = judgements_about(records, seed, seed % 4)
    whole = index_of(*records, judged=judged, model=model)
    other = played(records, judged, model, seed)
    assert partition(other, records) == partition(whole, records)
    assert other.hub_keys() == whole.hub_keys()


@LAW
@given(RECORDS, RECORDS, SEEDS, MODELS)
def test_records_that_came_and_went_leave_no_trace(kept, passing, seed, model):
    ids = {one.record_id for one in kept}
    passing = [one for one in passing if one.record_id not in ids]
    index = played([*kept, *passing], [], model, seed)
    index.apply((), [one.record_id for one in passing], (), ())
    plain = index_of(*kept, model=model)
    assert partition(index, kept) == partition(plain, kept)
    assert index.hub_keys() == plain.hub_keys()
    assert len(index) == len(kept)


@LAW
@given(RECORDS, RECORDS, SEEDS, MODELS)
def test_a_record_that_changed_counts_as_if_it_had_always_been_so(before, after, seed, model):
    index = played(before, [], model, seed)
    for one in after:
        index.apply([one], (), (), ())
    ids = {one.record_id for one in after}
    final = [*after, *(one for one in before if one.record_id not in ids)]
    assert partition(index, final) == partition(index_of(*final, model=model), final)


@LAW
@given(RECORDS, SEEDS, MODELS)
def test_a_judgement_taken_back_restores_customers_and_their_ids(records, seed, model):
    index = index_of(*records, model=model)
    before = partition(index, records)
    judged = judgements_about(records, seed, 3)
    for one in judged:
        index.apply((), (), [one], ())
    random.Random(seed).shuffle(judged)
    for one in judged:
        index.apply((), (), (), [one.judgement_id])
    assert partition(index, records) == before


@LAW
@given(RECORDS, SEEDS, MODELS)
def test_the_latest_judgement_is_always_followed_whatever_sources_say(records, seed, model):
    judged = judgements_about(records, seed, 3)
    last = judged[-1]
    links = [
        dataclasses.replace(one, judgement_id=UUID(int=2**127 + at), verdict="same", by="source:crm")
        for at, one in enumerate([last, *judgements_about(records, seed + 1, 2)])
    ]
    index = index_of(*records, judged=[*judged, *links], model=model)
    kinds = {one.record_id: one.kind for one in records}
    left, right = last.left[0], last.right
    for other in right:
        together = index.customer_of(left) == index.customer_of(other)
        if kinds[left] == kinds[other]:
            assert together == (last.verdict == "same")
        else:
            assert not together


@LAW
@given(RECORDS, SEEDS, MODELS)
def test_the_changes_told_are_exactly_what_changed(records, seed, model):
    rng = random.Random(seed)
    index, told = IdentityIndex(model), {}
    pool = [*records]
    rng.shuffle(pool)
    for at, one in enumerate(pool):
        removals = [pool[rng.randrange(at)].record_id] if at and rng.random() < 0.3 else []
        for change in index.apply([one], removals, (), ()):
            assert told.get(change.record_id) == change.before
            assert change.before != change.after
            told[change.record_id] = change.after
    assert {record: customer for record, customer in told.items() if customer} == {
        one.record_id: index.customer_of(one.record_id) for one in records if index.customer_of(one.record_id)
    }


@LAW
@given(RECORDS, MODELS)
def test_a_customer_has_the_id_of_its_oldest_record_and_knows_its_members(records, model):
    index = index_of(*records, model=model)
    found = {one.record_id: one for one in records}
    for one in records:
        customer = index.customer_of(one.record_id)
        members = index.members(customer)
        assert one.record_id in members
        assert members[0] == customer == min(members, key=lambda record: (found[record].first_seen, record))
        assert len({found[member].kind for member in members}) == 1


@LAW
@given(RECORD, RECORD)
def test_evidence_is_the_same_in_both_directions_and_adds_up(one, two):
    first, second = features(one), features(two)
    evidence, back = (compare(a, b, default_model()) for a, b in ((first, second), (second, first)))
    assert evidence == back
    if one.kind == two.kind:
        weights = default_model().of(one.kind)
        total = weights.household_prior + sum(level.household for level in evidence.levels)
        assert abs(total - evidence.household) < 1e-9
        recomputed = weights.prior + sum(level.bits for level in evidence.levels) - evidence.household_bits
        assert abs(recomputed - evidence.score) < 1e-9
    else:
        assert evidence.score == float("-inf")
