"""Why these two are one customer, or are not: in words a support agent can repeat."""

from __future__ import annotations

from collections.abc import Sequence

from regard.identity.compare_customers import Asked, Comparison, compare_customers
from regard.identity.explain_identity import explain
from regard.identity.identity_record import IdentityRecord, Judgement
from regard.identity.match_model import default_model
from tests.identity.make_records import firm, index_of, judgement, person

HOME = {"street": "Ringweg 1", "postcode": "10115", "city": "Berlin"}
KONRAD = {"given_name": "Konrad", "family_name": "Meier"}
FATHER = person("1", birth_date="1950-02-03", **KONRAD, **HOME)
SON = person("2", "shop", birth_date="1982-11-21", **KONRAD, **HOME)
ANNA = person("3", full_name="Anna Brzezinska", email="anna@b.example", phone="+4915112345678")
AGAIN = person("4", "shop", full_name="Anna Brzezinska", email="anna@b.example")


def compared(
    one: IdentityRecord, two: IdentityRecord, *others: IdentityRecord, judged: Sequence[Judgement] = ()
) -> Comparison:
    records = {found.record_id: found for found in (one, two, *others)}
    index = index_of(*records.values(), judged=judged)
    left, right = (index.customer_of(found.record_id) for found in (one, two))
    members = [[records[found] for found in index.members(customer)] for customer in (left, right)]
    asked = Asked(one.record_id, two.record_id, *members, left == right)
    return compare_customers(asked, judged, default_model(), index.hub_keys())


def test_father_and_son_are_two_for_want_of_evidence_and_every_line_tells_both_values() -> None:
    found = compared(FATHER, SON)
    assert found.why == "They are two customers: the evidence does not suffice."
    assert found.pair.bits < 0
    assert found.whole == found.pair
    born = next(line for line in found.pair.evidence if line.field == "birth_date")
    assert (born.left, born.right, born.level) == ("1950-02-03", "1982-11-21", "far")
    assert born.bits < 0


def test_those_who_are_one_would_be_one_by_themselves_or_because_of_others() -> None:
    assert compared(ANNA, AGAIN).why == "They are one customer, and would be by themselves."
    assert compared(ANNA, AGAIN).whole is None
    call = person("5", "calls", full_name="Anna", phone="+4915112345678")
    found = compared(AGAIN, call, ANNA)
    assert found.pair.bits < 0
    assert found.why == "They are one customer because of the other records; by themselves they would not be."


def test_what_a_person_decided_is_named_as_such() -> None:
    same = judgement(1, "same", [FATHER], [SON])
    assert compared(FATHER, SON, judged=[same]).why == "They are one customer: a person decided it."
    differ = judgement(2, "different", [ANNA], [AGAIN])
    assert (
        compared(ANNA, AGAIN, judged=[differ]).why
        == "They are two customers: a person decided that they differ."
    )
    assert compared(ANNA, AGAIN, judged=[differ]).pair.bits > 0


def test_what_can_never_be_one_says_why() -> None:
    fields = dict(ANNA.fields)
    promised = [person(key, "list", **fields, apart="list") for key in "12"]
    found = compared(*promised)
    assert found.pair.bits == float("-inf")
    assert found.why == "Their source says that each of its records is another customer."
    assert {line.field for line in found.pair.evidence} >= {"email", "phone"}
    office = firm("9", name="Anna Brzezinska", email="anna@b.example")
    assert compared(ANNA, office).why == "A person and an organisation are never one customer."
    assert compared(ANNA, office).pair.evidence == ()


def test_a_value_that_everybody_carries_is_named_as_no_evidence() -> None:
    mailbox = "everybody@b.example"
    crowd = [person(f"c{n}", "web", full_name=f"Ada Visit{'o' * n}r", email=mailbox) for n in range(70)]
    one = person("x", full_name="Otto Wolf", email=mailbox)
    found = compared(one, crowd[0], *crowd[1:])
    assert found.crowded == ("email",)
    assert "email" not in {line.field for line in found.pair.evidence}


def test_records_that_share_nothing_were_never_compared_or_say_too_little() -> None:
    assert "too little" in compared(ANNA, person("6", city="Bern")).why
    assert "browser" in compared(ANNA, person("7", "web", anonymous_id="d1")).why


def test_how_common_a_name_is_counts_apart() -> None:
    common, rare = (
        compared(
            person("1", given_name="Anna", family_name=name), person("2", given_name="Anna", family_name=name)
        )
        for name in ("Smith", "Brzezinska")
    )
    smith, other = (
        next(line for line in found.pair.evidence if line.field == "family_name") for found in (common, rare)
    )
    assert smith.rarity_bits < 0 == other.rarity_bits
    assert abs(smith.bits - smith.rarity_bits - other.bits) < 1e-9
    assert 1 / 120 < smith.stranger < 1 / 60


def test_the_joins_of_a_customer_make_one_tree() -> None:
    call = person("5", "calls", full_name="Anna", phone="+4915112345678")
    records = [ANNA, AGAIN, person("8", "crm", 3, **AGAIN.fields), call]
    index = index_of(*records)
    found = explain(records, (), default_model(), index.hub_keys())
    home = {one.record_id: {one.record_id} for one in records}
    for join in found.joins:
        sides = [home[side[0]] for side in (join.left, join.right)]
        assert sides[0] != sides[1]
        assert set(join.left) <= sides[0]
        assert set(join.right) <= sides[1]
        both = sides[0] | sides[1]
        home |= dict.fromkeys(both, both)
    assert all(len(group) == len(records) for group in home.values())


def test_without_an_address_a_customer_may_fall_apart_too() -> None:
    fields = {"given_name": "Konrad", "family_name": "Brzezinski", **HOME}
    records = [person("1", **fields), person("2", "shop", **fields)]
    third = person("3", "calls", **fields, phone="+4915112345678")
    index = index_of(*records, third)
    assert len({index.customer_of(one.record_id) for one in (*records, third)}) == 1
    found = explain([*records, third], (), default_model(), index.hub_keys())
    assert [(what.field, what.splits_into) for what in found.what_if] == [("address", 2)]
