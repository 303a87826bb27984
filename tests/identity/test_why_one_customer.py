"""The explanation a user reads: joins, the weakest, what hangs on one value, and figures that add up."""

import pytest

from regard.identity.explain_identity import Explanation, explain
from regard.identity.match_model import default_model, probability
from tests.identity.make_records import firm, index_of, judgement, person

CRM = person(
    "1",
    full_name="Dr. Anna Schmidt",
    email="anna@schmidt.example",
    phone="+4915112345678",
    birth_date="07.05.1980",
)
SHOP = person(
    "2",
    "shop",
    day=1,
    given_name="Anna",
    family_name="Schmitt",
    email=["Anna@Schmidt.example", "as@x.example"],
)
CALL = person("3", "calls", day=2, given_name="Anna", phone="0151 12345678", country="DE")


def explained(*records, judged=()) -> Explanation:
    index = index_of(*records, judged=judged)
    members = set(index.members(index.customer_of(records[0].record_id)))
    assert {one.record_id for one in records} == members
    return explain(records, judged, default_model(), index.hub_keys())


def test_every_join_adds_up_and_the_weakest_gives_the_confidence():
    found = explained(CRM, SHOP, CALL)
    assert len(found.joins) == 2
    for join in found.joins:
        total = found.prior + sum(line.bits for line in join.evidence) - join.household_bits
        assert total == pytest.approx(join.bits, abs=1e-9)
    weakest = found.joins[found.weakest]
    assert weakest.bits == min(join.bits for join in found.joins)
    assert found.confidence == pytest.approx(probability(weakest.bits))
    assert found.word in {"Certain", "Likely", "Possible"}


def test_evidence_shows_both_raw_values_and_the_words_show_none():
    found = explained(CRM, SHOP, CALL)
    mail = next(line for join in found.joins for line in join.evidence if line.field == "email")
    assert {mail.left, mail.right} == {"anna@schmidt.example", "Anna@Schmidt.example"}
    assert mail.fields == ("email",)
    said = " ".join([join.words for join in found.joins] + [record.why for record in found.records])
    assert "ame e-mail" in said
    assert "ame mobile phone" in said
    assert "family name nearly the same" in said
    assert "anna" not in said.lower()
    assert "schmi" not in said.lower()
    assert "151" not in said


def test_it_says_what_would_fall_apart_without_a_value():
    found = explained(CRM, SHOP, CALL)
    assert ("phone", 2) in {(what.field, what.splits_into) for what in found.what_if}
    phone = next(what for what in found.what_if if what.field == "phone")
    assert phone.value in {"+4915112345678", "0151 12345678"}


def test_one_record_alone_is_certain():
    found = explained(CRM)
    assert (found.confidence, found.word, found.weakest, found.joins) == (1.0, "Certain", None, ())
    assert found.records[0].why == "The only record of this customer."


def test_same_name_mail_and_birth_date_are_certain_and_a_mail_alone_is_likely():
    twin = person(
        "9", "shop", full_name="Anna Schmidt", email="anna@schmidt.example", birth_date="1980-05-07"
    )
    assert explained(CRM, twin).word == "Certain"
    assert explained(CRM, person("r", "helpdesk", email="anna@schmidt.example")).word == "Likely"


def test_a_visitor_follows_its_browser_and_does_not_lower_the_confidence():
    user = person("17", "web", user_id="17", anonymous_id=["a1", "a2"], email="anna@schmidt.example")
    visits = [person(key, "web", day=3, anonymous_id=key) for key in ("a1", "a2")]
    found = explained(user, CRM, *visits)
    assert [join.follows for join in found.joins].count(True) == 2
    assert found.joins[found.weakest].follows is False
    assert any(record.why == "Same browser or device." for record in found.records)


def test_a_persons_decision_is_named_as_such():
    other = person("5", "shop", full_name="Bernd Wolf")
    judged = [judgement(1, "same", [CRM], [other])]
    found = explained(CRM, other, judged=judged)
    assert found.joins[0].judged
    assert found.joins[0].words == "A person decided that they are the same."
    assert found.judgements == (judged[0].judgement_id,)
    assert found.word == "Certain"


def test_hundreds_of_equal_records_are_explained_too():
    guests = [
        person(f"g{n}", "shop", n, full_name="Anna Schmidt", email="anna@schmidt.example") for n in range(150)
    ]
    found = explained(CRM, *guests)
    assert len(found.joins) == 150


def test_organisations_are_explained_by_name_and_tax_id():
    found = explained(
        firm("1", name="Acme Werke GmbH", tax_id="DE811234567"),
        firm("2", "billing", name="ACME WERKE", tax_id="DE 811234567"),
    )
    assert {line.field for line in found.joins[0].evidence} == {"name", "tax_id"}
    assert found.joins[0].words == "Same tax id, same name."
