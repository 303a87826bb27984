"""What must stay apart stays apart: by a person's word, a source's promise, an authority's numbers."""

from __future__ import annotations

import dataclasses
import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from regard.identity.identity_record import IdentityRecord, Judgement
from regard.identity.match_model import MatchModel, default_model
from tests.identity.hostile_worlds import (
    FULL,
    SMALL,
    WORLDS,
    customers,
    in_bulk,
    judgements,
    learnt,
    streamed,
)
from tests.identity.make_records import judgement, person, together
from tests.identity.test_any_order_any_speed import MODELS, SEEDS, law


def outranked(judged: list[Judgement], one: object, two: object, after: int) -> bool:
    """Does any later judgement that could speak for one customer, at however many removes, exist?"""
    return any(found.verdict == "same" and found.judgement_id.int > after for found in judged)


@law(60)
@given(WORLDS, SEEDS, MODELS)
def test_two_who_were_judged_different_never_meet_whoever_is_judged_the_same_before(
    records: list[IdentityRecord], seed: int, model: MatchModel
) -> None:
    judged = judgements(records, seed, 6)
    random.Random(seed).shuffle(judged)
    found = customers(streamed([*records, *judged], model), records)
    for one in judged:
        if one.verdict == "different" and not outranked(judged, one.left, one.right, one.judgement_id.int):
            for left in one.left:
                assert all(found[left] != found[right] for right in one.right)


@law(40)
@given(FULL, st.integers(3, 6), SEEDS, MODELS)
def test_must_links_elsewhere_do_not_pull_two_together_who_were_judged_different(
    fields: dict, count: int, seed: int, model: MatchModel
) -> None:
    """A chain of equal people, each judged the same as the next but for one link judged different."""
    chain = [person(str(n), "crm", n, **fields) for n in range(count)]
    cut = seed % (count - 1)
    judged = [judgement(n, "same", [chain[n]], [chain[n + 1]]) for n in range(count - 1) if n != cut]
    judged.append(judgement(50, "different", chain[: cut + 1], chain[cut + 1 :]))
    steps = [*chain, *judged]
    random.Random(seed).shuffle(steps)
    found = customers(streamed(steps, model, 1 + seed % 4), chain)
    assert len({found[one.record_id] for one in chain[: cut + 1]}) == 1
    assert len({found[one.record_id] for one in chain[cut + 1 :]}) == 1
    assert found[chain[0].record_id] != found[chain[-1].record_id]


@law(50)
@given(WORLDS, st.booleans(), MODELS)
def test_records_of_a_source_that_promises_they_differ_never_meet_not_even_through_a_third(
    records: list[IdentityRecord], learning: bool, model: MatchModel
) -> None:
    found = in_bulk(records, learnt(records) if learning and len(records) < 12 else model)
    promised = [one for one in records if "apart" in one.fields]
    for one, two in combinations(promised, 2):
        assert found[one.record_id] != found[two.record_id]


def test_visitors_of_one_browser_stay_apart_where_their_source_promises_it() -> None:
    visits = [person(key, "list", anonymous_id="d1", apart="list") for key in ("1", "2")]
    found = in_bulk(visits, default_model())
    assert len(set(found.values())) == 2
    assert customers(streamed(visits, default_model()), visits) == found


@law(40)
@given(FULL, st.sampled_from(["", "US:", "PL:"]))
def test_two_numbers_of_one_authority_keep_two_people_apart_who_share_name_and_mailbox(
    fields: dict, issuer: str
) -> None:
    kept = {name: fields[name] for name in ("given_name", "family_name", "email") if name in fields}
    one, two = f"{issuer or 'DE:'}123-45-6780", f"{issuer or 'DE:'}987-65-4320"
    assert not together(
        person("1", government_id=one, **kept), person("2", "shop", government_id=two, **kept)
    )


def test_two_numbers_of_one_authority_give_way_where_everything_else_agrees() -> None:
    everything = {
        "given_name": "Wilhelmina", "family_name": "Brzezinska", "birth_date": "1980-02-03",
        "email": "w.brzezinska@mail.example", "phone": "+4915112345678", "street": "Ringweg 1",
        "postcode": "10115", "city": "Berlin",
    }  # fmt: skip
    assert together(
        person("1", government_id="US:123-45-6780", **everything),
        person("2", "shop", government_id="US:987-65-4320", **everything),
    )


def test_numbers_of_two_authorities_do_not_keep_anybody_apart() -> None:
    same = {"given_name": "Wilhelmina", "family_name": "Brzezinska", "email": "w.brzezinska@mail.example"}
    assert together(
        person("1", government_id="US:123-45-6780", **same),
        person("2", "shop", government_id="PL:987654320", **same),
    )


@law(30)
@given(st.integers(6, 14), SEEDS, st.sampled_from(["email", "phone", "anonymous_id"]))
def test_nobody_is_one_customer_for_a_value_that_everybody_carries(count: int, seed: int, field: str) -> None:
    value = {"email": "anna.schmidt@web.de", "phone": "+4915112345678", "anonymous_id": "d1"}[field]
    dice = random.Random(seed)
    crowd = [
        person(str(n), "web", family_name=f"{chr(97 + n) * 2}family{chr(122 - n) * 2}",
               given_name=f"{chr(98 + n) * 3}given{dice.randrange(9)}", **{field: value})
        for n in range(count)
    ]  # fmt: skip
    assert len(set(in_bulk(crowd, SMALL).values())) == count


def test_what_a_source_promises_holds_under_a_model_that_does_not_know_of_promises() -> None:
    model = default_model()
    person_weights = dataclasses.replace(
        model.person, levels={name: found for name, found in model.person.levels.items() if name != "apart"}
    )
    deaf = dataclasses.replace(model, version="deaf", person=person_weights)
    same = {"given_name": "Anna", "family_name": "Brzezinska", "email": "a@b.example"}
    records = [person(str(number), **same, apart="crm") for number in range(2)]
    one, other = customers(streamed(records, deaf), records).values()
    assert one != other
    assert in_bulk(records, deaf) == customers(streamed(records, deaf), records)
