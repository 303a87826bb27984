"""What two values say of each other does not depend on which of them is asked first."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.identity.evidence_fields import EVIDENCE_FIELDS, cross_names, generic_field
from regard.identity.hold_features import FeatureTable
from regard.identity.match_model import default_model
from regard.identity.normalise_fields import Features, features
from regard.identity.screen_candidates import CandidateScreen
from tests.identity.make_records import firm, person

_WORDS = st.sampled_from(
    (
        "van", "der", "de", "la", "von", "zu", "O'Brien", "McKay", "Jr", "Sr", "III", "Jr.", "2nd", "Dr.",
        "Karl", "Karla", "Ann", "Anna", "Ana-Maria", "Anamaria", "Elizabeth", "Liz", "Wei", "Li", "Lee",
        "Muller", "Müller", "Mueller", "Şahin", "Иван", "Ivan", "王", "José", "Jose", "Meyer", "Wolf",
        "Meyer-Wolf", "Maria", "J", "A", "Bank", "Banque", "AG", "GmbH", "Inc", "Ltd", "&", "Sons", "Söhne",
        "Co", "Group", "Holding", "North", "South", "Deutschland", "Germany", "1", "24", "The",
    )
)  # fmt: skip
_NAMES = st.lists(_WORDS, min_size=1, max_size=4).map(" ".join)
_BORN = st.one_of(
    st.dates().map(str),
    st.sampled_from(
        ("1980", "1980-02-03", "1980-03-02", "03/02/1980", "02/03/1980", "1980-01-01", "1981-02-03")
    ),
)
_LOCALS = st.sampled_from(
    ("anna.wolf", "anna_wolf", "annawolf", "anna.wolf1", "anna.wolff", "info", "a", "k.meyer", "meyer")
)
_MAILS = st.builds(
    "{}@{}".format,
    _LOCALS,
    st.sampled_from(("gmail.com", "wolf.example", "wolff.example", "gmx.de", "gmial.com")),
)
_PHONES = st.sampled_from(
    (
        "+4915112345678",
        "015112345678",
        "+493012345678",
        "030 12345678",
        "+4915112345679",
        "12345678",
        "+12025550123",
    )
)
_NUMBERS = st.sampled_from(
    (
        "US:123-45-6789",
        "123456789",
        "US:123-45-6798",
        "DE:123456789",
        "SE:9001011239",
        "987654321",
        "1234567890",
    )
)
_STREETS = st.sampled_from(
    (
        "Ringweg 1",
        "Ringweg 1a",
        "Ring-Weg 1",
        "Rnigweg 1",
        "Hauptstr. 12",
        "Hauptstrasse 12",
        "1 Main St",
        "Postfach 7",
    )
)


def _few(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values, st.lists(values, min_size=1, max_size=3))


def _one(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


_SAID = {
    "email": _few(_MAILS),
    "phone": _few(_PHONES),
    "government_id": _few(_NUMBERS),
    "account_id": _few(_NUMBERS),
    "handle": _few(_NAMES),
    "anonymous_id": _few(st.sampled_from(("d1", "d2", "d3"))),
    "user_id": _one(st.sampled_from(("1", "2"))),
    "street": _one(_STREETS),
    "postcode": _one(st.sampled_from(("10115", "10151", "10117", "SW1A 1AA"))),
    "city": _one(st.sampled_from(("Berlin", "Berln", "Bern", "Köln", "Cologne", "Koeln"))),
    "organisation": _one(_NAMES),
    "domain": _few(st.sampled_from(("wolf.example", "meyer.example"))),
    "tax_id": _few(_NUMBERS),
    "category:trade": _one(_NAMES),
    "text:place": _one(_NAMES),
    "apart": _one(st.sampled_from(("crm", "shop"))),
}
_HUMAN = {
    "given_name": _one(_NAMES),
    "middle_name": _one(_NAMES),
    "family_name": _one(_NAMES),
    "full_name": _one(_NAMES),
    "generation": _one(st.sampled_from(("Jr", "Sr", "III", "the younger"))),
    "sex": _one(st.sampled_from(("f", "m"))),
    "birth_date": _one(_BORN),
}


def _features(fields: dict[str, Any], *, human: bool) -> Features:
    known = {name: value for name, value in fields.items() if value}
    return features((person if human else firm)("1", **known), "")


_PERSONS = st.fixed_dictionaries({**_HUMAN, **_SAID}).map(lambda fields: _features(fields, human=True))
_FIRMS = st.fixed_dictionaries({"name": _one(_NAMES), **_SAID}).map(
    lambda fields: _features(fields, human=False)
)
_TWO = st.one_of(st.tuples(_PERSONS, _PERSONS), st.tuples(_FIRMS, _FIRMS))
_FIELDS = (*EVIDENCE_FIELDS, generic_field("category:trade"), generic_field("text:place"))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(_TWO, st.integers(0, 3))
def test_every_field_finds_the_same_level_and_the_same_agreed_value(
    two: tuple[Features, Features], at: int
) -> None:
    one, other = two
    hubs = {*one.emails[:at], *other.phones[:at], *one.governments[1 : at + 1], *other.devices[:at]}
    for field in _FIELDS:
        mine, theirs = field.value(one), field.value(other)
        if mine is None or theirs is None:
            continue
        (level, agreed), (again, other_agreed) = (
            field.compare(mine, theirs, hubs),
            field.compare(theirs, mine, hubs),
        )
        assert level == again, field.name
        assert level in ("", *field.levels), field.name
        if level in field.group_of:
            assert agreed == other_agreed, field.name
        if field.apart and mine != theirs and field.apart(mine, theirs):
            assert level not in field.group_of, field.name
    for given_level, family_level in (("", ""), ("different", "different"), ("loose", "different")):
        assert cross_names(one.name, other.name, given_level, family_level) == cross_names(
            other.name, one.name, given_level, family_level
        )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(_TWO)
def test_so_the_score_is_the_same_too(two: tuple[Features, Features]) -> None:
    one, other = two
    assert _bits(one, other) == _bits(other, one)


def test_two_numbers_that_end_in_two_others_agree_in_the_same_one_either_way() -> None:
    one = _features({"phone": ["+4915112345678", "3012345678"]}, human=True)
    other = _features({"phone": ["+493012345678", "15112345678"]}, human=True)
    assert (one.phones, other.phones) == (
        ("p:+4915112345678", "p:~3012345678"),
        ("p:+493012345678", "p:~15112345678"),
    )
    assert _bits(one, other) == _bits(other, one)
    phone = next(field for field in EVIDENCE_FIELDS if field.name == "phone")
    mine, theirs = phone.value(one), phone.value(other)
    assert phone.compare(mine, theirs, ()) == ("unknown", "p:~3012345678")
    assert phone.compare(theirs, mine, ()) == ("unknown", "p:~3012345678")


def _bits(one: Features, other: Features) -> tuple[list[int], float]:
    """By a table that has seen nothing else."""
    table = FeatureTable(default_model())
    rows = table.row(one), table.row(other)
    # Generic columns stand in the order they were met.
    return sorted(table.pattern(*rows)), table.score(*rows)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(_TWO, st.integers(0, 3), st.sampled_from((-2.0, 0.0, 20.0)))
def test_whoever_is_passed_over_early_would_not_have_scored_enough(
    two: tuple[Features, Features], at: int, least: float
) -> None:
    hubs = {*two[0].emails[:at], *two[1].phones[:at]}
    table = FeatureTable(default_model())
    one, other = table.row(two[0]), table.row(two[1])
    pattern = table.pattern(one, other, hubs)
    expected = {1: pattern} if table.score(one, other, hubs) >= least else {}
    assert CandidateScreen(table).edges(one, [(1, other)], hubs, least) == expected
