"""Numbers of one office differ at their end; that is no slip of the finger and joins nobody."""

from __future__ import annotations

from regard.identity.compare_values import phones_level
from regard.identity.keep_models import shipped_model
from regard.identity.resolve_records import RecordResolver
from tests.identity.make_records import person

OFFICE = {"street": "Office Park", "house_number": "5", "postcode": "10115", "city": "Berlin"}


def level(one: str, two: str) -> str:
    return phones_level(((f"p:{one}",), ("landline",)), ((f"p:{two}",), ("landline",)), ())[0]


def test_a_slip_inside_a_number_is_close_and_another_end_is_another_number() -> None:
    assert level("+49305551041", "+49305561041") == "close"
    assert level("+49305551041", "+49305551047") == "different"
    assert level("+49305551041", "+49305551014") == "different"


def test_colleagues_of_one_given_name_in_one_office_stay_apart() -> None:
    resolver = RecordResolver("batch", model=shipped_model())
    for number, (family, extension) in enumerate([("Weber", 1041), ("Kowalski", 1047), ("Brandt", 1049)], 1):
        resolver.add(
            person(
                str(number), given_name="Anna", family_name=family, phone=[f"+49 30 555{extension}"],
                email=[f"anna.{family.lower()}@firma.example"], **OFFICE,
            )
        )  # fmt: skip
    assert len(set(resolver.resolve().customer)) == 3
