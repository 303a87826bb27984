"""Which value of several wins, and that nobody forgets where the others came from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.profiles.build_golden_records import build_profile
from regard.profiles.display_name import display_name
from regard.profiles.survive_values import shipped_survivorship
from regard.records.fold_record import SourceRecord, fold_record
from tests.laws.companies import person


def record(source: str, day: int, **fields: Any) -> SourceRecord:
    return fold_record(None, person(source, day, day * 1_440, source, **fields))


def golden(*records: SourceRecord) -> dict[str, Any]:
    return dict(json.loads(build_profile(records, shipped_survivorship()).golden))


def test_the_value_stated_last_wins_and_the_older_one_is_kept_with_its_source() -> None:
    field = golden(record("crm", 1, email="old@example.com"), record("shop", 2, email="new@example.com"))[
        "email"
    ]
    assert (field["value"], field["source"], field["rule"]) == ("new@example.com", "shop", "most_recent")
    assert [(other["value"], other["source"]) for other in field["others"]] == [("old@example.com", "crm")]


def test_a_birth_date_that_most_sources_state_beats_a_single_later_one() -> None:
    agreeing = [record(source, 1, birth_date="1980-02-03") for source in ("crm", "shop")]
    assert golden(*agreeing, record("web", 9, birth_date="1990-01-01"))["birth_date"]["value"] == "1980-02-03"


def test_an_address_is_never_put_together_from_two_records() -> None:
    whole = record("crm", 1, street="Weg 1", postcode="53111", city="Bonn")
    city_only = record("shop", 2, city="Berlin")
    values = {name: field["value"] for name, field in golden(whole, city_only).items()}
    assert values == {"street": "Weg 1", "postcode": "53111", "city": "Bonn"}


def test_given_and_family_name_come_from_the_record_whose_name_is_shown() -> None:
    values = golden(
        record("crm", 1, full_name="Kowalczyk, Anne", given_name="Anne"),
        record("shop", 2, given_name="Anne", family_name="Kowalczyk"),
        record("mail", 3, given_name="A", family_name="K"),
    )
    assert values["name"]["value"] == "Anne Kowalczyk"
    assert values["family_name"]["value"] == "Kowalczyk"


@given(st.permutations([0, 1, 2, 3]))
def test_the_order_of_the_records_changes_no_byte(order: list[int]) -> None:
    records = [
        record("crm", 1, full_name="Anne Nowak", city="Bonn", phone=["1", "2"]),
        record("shop", 2, given_name="Anna", family_name="Nowak", street="Weg 1", city="Köln"),
        record("web", 2, full_name="ANNE NOWAK", phone="3"),
        record("mail", 3, email="a@example.com"),
    ]
    rules = shipped_survivorship()
    assert build_profile([records[at] for at in order], rules) == build_profile(records, rules)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"full_name": "Kowalczyk, Anne"}, "Anne Kowalczyk"),
        ({"given_name": "ANNE", "family_name": "KOWALCZYK-MEIER"}, "Anne Kowalczyk-Meier"),
        ({"full_name": "jan von der heide"}, "Jan von der Heide"),
        ({"full_name": "O'BRIEN, SEAN"}, "Sean O'Brien"),
        ({"full_name": "<svg onload=alert(1)>"}, "<svg onload=alert(1)>"),
        ({"full_name": "李小龙"}, "李小龙"),
        ({"email": "nobody@example.com"}, ""),
    ],
)
def test_a_name_is_shown_as_a_person_would_write_it(fields: dict[str, str], shown: str) -> None:
    assert display_name("person", fields).casefold() == shown.casefold()
    if shown[:1] != "<":
        assert display_name("person", fields) == shown
