"""Every figure of an explanation follows from the stored records and the model: worked out anew by hand."""

from __future__ import annotations

import math
import random
from functools import cache
from itertools import product

import pytest
from hypothesis import given

from regard.identity.compare_names import crossed_levels
from regard.identity.evidence_fields import EVIDENCE_FIELDS, generic_field
from regard.identity.explain_identity import Explanation, explain
from regard.identity.explain_pair import JoinExplained
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import KindModel, MatchModel, default_model
from regard.identity.normalise_fields import features
from tests.identity.hostile_worlds import WORLDS, customers, learnt, streamed
from tests.identity.make_records import person
from tests.identity.test_any_order_any_speed import SEEDS, law
from tests.identity.test_what_is_learnt import strangers

CLOSE = 1e-9
Said = dict[str, tuple[str, float, float, float]]
"""field -> (level, bits, household bits, bits by rarity)."""


def said(one: IdentityRecord, two: IdentityRecord, model: MatchModel, hubs: frozenset[str]) -> Said:
    """What two records say, from m, u, h and the frequencies of the model."""
    first, second, weights = features(one), features(two), model.of(one.kind)
    agreed: dict[str, tuple[str, object]] = {}
    names = [name for name, _ in first.others if name in dict(second.others)]
    for field in (*EVIDENCE_FIELDS, *map(generic_field, names)):
        mine, theirs = field.value(first), field.value(second)
        if mine is not None and theirs is not None:
            agreed[field.name] = field.compare(mine, theirs, hubs)
    given, family = (agreed.get(name, ("", None))[0] for name in ("given_name", "family_name"))
    crossable = given in {"", "different", "loose", "two_names"} and family in {"", "different"}
    if crossable and first.name and second.name:
        crossed = crossed_levels(first.name, second.name, given, family)
        for name, before, after in zip(("given_name", "family_name"), (given, family), crossed, strict=True):
            if after != before:
                agreed[name] = after, None
    groups = {field.name: dict(field.frequent) for field in (*EVIDENCE_FIELDS, *map(generic_field, names))}
    return {
        name: (level, *worth(weights, name, level, value, groups[name].get(level)))
        for name, (level, value) in agreed.items()
        if level
    }


def worth(
    weights: KindModel, name: str, level: str, value: object, group: str | None
) -> tuple[float, float, float]:
    """(bits, household bits, bits by rarity): the rarity counts in steps of three quarters of a bit."""
    table = weights.frequencies.get((name, group), {}) if group else {}
    more = table.get(value, table.get(None, 0.0))
    more = 0.75 * min(max(round(more / 0.75), -18), 13)
    levels = weights.levels.get(name) or weights.levels[name.split(":", maxsplit=1)[0]]
    if level not in levels:
        return 0.0, 0.0, 0.0
    m, u, h = levels[level]
    chance = min(1.0, u / 2**more)
    kin = chance + (h - u) if h >= u else h
    return math.log(m / chance, 2), math.log(kin / chance, 2), math.log(u / chance, 2)


def check(join: JoinExplained, records: dict, model: MatchModel, hubs: frozenset[str]) -> None:
    left, right = ([records[one] for one in side] for side in (join.left, join.right))
    weights = model.of(left[0].kind)
    # Records that say the same count once.
    left, right = ({features(one): one for one in side}.values() for side in (left, right))
    pairs = [said(one, two, model, hubs) for one, two in product(left, right)]
    expected: dict[str, list[float]] = {}
    for name in {field for pair in pairs for field in pair}:
        known = [pair[name][1:] for pair in pairs if name in pair]
        best = max(known)
        lean = weights.lean if name in weights.single else 0.0
        expected[name] = [
            best[at] + lean * (sum(one[at] for one in known) / len(known) - best[at]) for at in range(3)
        ]
    shown = {line.field: [line.bits, line.household_bits, line.rarity_bits] for line in join.evidence}
    for name, figures in expected.items():
        assert shown.get(name, [0.0, 0.0, 0.0]) == pytest.approx(figures, abs=CLOSE), name
    assert set(shown) <= set(expected)
    household = weights.household_prior + sum(figures[1] for figures in expected.values())
    assert join.household_bits == pytest.approx(math.log(1 + 2**household, 2), abs=CLOSE)
    total = weights.prior + sum(figures[0] for figures in expected.values()) - math.log(1 + 2**household, 2)
    assert join.prior == weights.prior
    assert join.bits == pytest.approx(total, abs=CLOSE)


def recompute(records: list[IdentityRecord], model: MatchModel) -> int:
    """Check every join of every customer; how many there were."""
    index = streamed(records, model)
    by_id, joins = {one.record_id: one for one in records}, 0
    for customer in set(customers(index, records).values()):
        members = [by_id[one] for one in index.members(customer)]
        found: Explanation = explain(members, (), model, index.hub_keys())
        for join in found.joins:
            check(join, by_id, model, index.hub_keys())
        if found.weakest is not None:
            weakest = min(
                join.bits for join in found.joins if not join.follows or all(j.follows for j in found.joins)
            )
            assert found.confidence == pytest.approx(1 / (1 + 2**-weakest), abs=CLOSE)
            assert found.confidence == pytest.approx(index.confidence(customer), abs=CLOSE)
        joins += len(found.joins)
    return joins


@cache
def country() -> tuple[list[IdentityRecord], MatchModel]:
    """People some of whom stand in three sources, with slips; and what they teach."""
    dice, people = random.Random(2), strangers(250, 21, "DE")
    records = list(people)
    for source, one in product(("shop", "calls"), people[:120]):
        fields = {name: value for name, value in one.fields.items() if dice.random() < 0.8}
        for name in ("given_name", "street", "email"):
            if name in fields and dice.random() < 0.2:
                fields[name] = fields[name][:2] + fields[name][3:]
        fields["category:trade"] = dice.choice(("weaver", "smith", "miller"))
        records.append(person(one.external_id, source, **fields))
    return records, learnt(records, default_model())


def test_every_figure_under_a_learnt_model_with_its_frequencies() -> None:
    records, model = country()
    assert model.person.frequencies["family_name", "exact"]
    assert recompute(records, model) > 200


@law(25)
@given(WORLDS, SEEDS)
def test_every_figure_of_hostile_worlds_under_the_shipped_model(
    records: list[IdentityRecord], seed: int
) -> None:
    recompute(records, default_model())
