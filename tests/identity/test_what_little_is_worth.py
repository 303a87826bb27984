"""A street of many houses, a numbered mailbox, a common name and a town: little, and so it must count."""

from __future__ import annotations

import pytest

from regard.identity.compare_names import given_level
from regard.identity.compare_values import address_level, mail_level
from regard.identity.normalise_addresses import Address
from regard.identity.resolve_records import RecordResolver
from tests.identity.make_records import person, together

HERE = {"postcode": "10115", "city": "berlin"}


def main_st(number: str = "", **place: str) -> Address:
    return Address(street="haupt st", number=number, **place)


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        (main_st("5", **HERE), main_st("5", **HERE), "exact"),
        (main_st(**HERE), main_st(**HERE), "street"),
        (main_st("5", **HERE), main_st(**HERE), "street"),
        (main_st("5", **HERE), main_st("7", **HERE), "neighbour"),
        (main_st(**HERE), main_st(city="berlin", postcode="13585"), "moved_city"),
        (main_st("5", city="berlin"), main_st("5", city="koln"), "elsewhere"),
        (main_st("5", **HERE), main_st("5", city="koln", postcode="50667"), "elsewhere"),
        (main_st("5", postcode="10115"), main_st("5", postcode="10116"), "exact"),
        (main_st("5", postcode="10115"), main_st("5", postcode="50667"), "elsewhere"),
        (main_st("5"), main_st("5", **HERE), "close"),
    ],
)
def test_a_street_says_as_much_as_its_houses_are_few(one: Address, two: Address, level: str) -> None:
    assert address_level(one, two) == address_level(two, one) == level


def test_mailboxes_of_one_host_that_differ_in_digits_alone_are_two_mailboxes() -> None:
    assert mail_level("e:anna.lee26@firm.example", "e:anna.lee3@firm.example") == "different"
    assert mail_level("e:anna.lee@firm.example", "e:a.weber@firm.example") == "company"


def test_two_of_a_common_name_in_one_town_are_two() -> None:
    for place in ({"city": "Leeds"}, {"postcode": "10115"}, {"street": "Main Street", "city": "Leeds"}):
        one = person("1", given_name="John", family_name="Smith", **place)
        two = person("2", "shop", given_name="John", family_name="Smith", phone="+441132960001", **place)
        assert not together(one, two)


def test_namesakes_of_one_street_and_one_firm_stay_apart() -> None:
    resolver = RecordResolver("batch")
    for at in range(6):
        resolver.add(
            person(
                str(at), given_name="Anna", family_name="Lee", email=f"anna.lee{at}@example.org",
                street="Main Street", postcode="10115", city="Berlin", phone=f"+4917012345{at}{at}",
            )
        )  # fmt: skip
    assert len(set(resolver.resolve().customer)) == 6


def test_colleagues_of_one_given_name_are_not_one_for_their_firm_and_its_address() -> None:
    office = {"organisation": "Redstone Roasters", "street": "Birchwood Drive 47", "postcode": "78707"}
    one = person("1", given_name="Zofia", family_name="Lange", email="z.lange@redstone.example", **office)
    two = person("2", given_name="Zofia", family_name="Braun", email="z.braun@redstone.example", **office)
    assert not together(one, two)


def test_two_known_given_names_are_two_and_a_slip_is_one() -> None:
    assert given_level("lea", "lena") == given_level("paul", "paula") == "two_names"
    assert given_level("wilhelmina", "wilhelmna") == "close"
    assert given_level("william", "bill") == "nickname"


def test_father_and_son_of_one_name_and_one_address_are_two() -> None:
    home = {"full_name": "Heinrich Maier", "street": "Ringweg 1", "postcode": "70173"}
    assert not together(
        person("1", birth_date="1950-03-02", **home), person("2", birth_date="1980-07-09", **home)
    )
