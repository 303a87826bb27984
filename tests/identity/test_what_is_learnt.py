"""A model learnt from records is a function of the records, and does not run away with itself."""

from __future__ import annotations

import itertools
import random
import string
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest
from demo.draw_names import (
    MailBook,
    draw_address,
    draw_family_name,
    draw_given_name,
    draw_landline,
    draw_mobile,
)
from demo.pools.describe_locale import read_locale
from demo.roll_dice import Dice
from hypothesis import given

from regard.identity import train_model
from regard.identity.estimate_chances import SeenPairs, chances_of
from regard.identity.evidence_fields import EVIDENCE_FIELDS
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import default_model
from regard.identity.resolve_records import RecordResolver, Resolution
from tests.identity.hostile_worlds import WORLDS, learnt
from tests.identity.make_records import firm, person
from tests.identity.test_any_order_any_speed import SEEDS, law, orders

FIELDS = (
    "given_name",
    "family_name",
    "birth_date",
    "email",
    "phone",
    "street",
    "house_number",
    "postcode",
    "city",
    "sex",
)


@pytest.fixture(autouse=True)
def few_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer pairs of strangers are drawn than for real files, for speed."""
    monkeypatch.setattr(train_model, "_STRANGERS", 4_000)


def strangers(count: int, seed: int, code: str) -> list[IdentityRecord]:
    """So many people of a country, no two of them the same, families and namesakes among them."""
    return [
        person(str(n), "crm", **fields) for n, fields in zip(range(count), _people(seed, code), strict=False)
    ]


def _people(seed: int, code: str) -> Iterator[dict[str, str]]:
    locale, dice, mails = read_locale(code), Dice(seed), MailBook()
    while True:
        family, home = draw_family_name(dice, locale), draw_address(dice, locale, 2020)
        landline, known = draw_landline(dice, locale, home.city), set[str]()
        for _ in range(dice.between(1, 4)):
            sex = dice.pick("FM")
            given = draw_given_name(dice, locale, sex)
            if given in known:
                continue
            known.add(given)
            born = date(1940, 1, 1) + timedelta(days=dice.between(0, 28_000))
            yield {
                "given_name": given, "family_name": family, "sex": sex, "birth_date": born.isoformat(),
                "email": mails.draw(dice, locale, given, family, born.year),
                "phone": landline if dice.chance(0.5) else draw_mobile(dice, locale),
                "street": home.street, "house_number": home.house_number, "postcode": home.postcode,
                "city": home.city, "country": code,
            }  # fmt: skip


def resolved(records: list[IdentityRecord]) -> Resolution:
    resolver = RecordResolver("batch")
    for one in records:
        resolver.add(one)
    return resolver.resolve()


def merged(records: list[IdentityRecord]) -> int:
    """How many records were taken for another one of somebody."""
    return len(records) - len(set(resolved(records).customer))


@law(10)
@given(WORLDS, SEEDS)
def test_the_same_records_teach_the_same_model_in_any_order_to_the_last_bit(
    records: list[IdentityRecord], seed: int
) -> None:
    first, back, shuffled = (learnt(order) for order in orders(records, seed))
    assert first.person == back.person == shuffled.person
    assert first.organisation == back.organisation == shuffled.organisation


def test_people_with_generic_columns_teach_the_same_model_in_any_order_to_the_last_bit() -> None:
    dice = random.Random(5)
    records = [
        person(
            str(at),
            "crm",
            **{name: one.fields[name] for name in one.fields if dice.random() < 0.8},
            **{f"category:{dice.choice('abc')}": dice.choice("xyz")},
            **{f"text:{dice.choice('abc')}": dice.choice("uvw")},
        )
        for at, one in enumerate([*strangers(150, 8, "DE"), *strangers(150, 8, "DE")])
    ]
    first, back, shuffled = (learnt(order) for order in orders(records, 3))
    assert first.person == back.person == shuffled.person


@pytest.mark.parametrize("code", ["DE", "US"])
@pytest.mark.parametrize(
    "kept", [FIELDS, FIELDS[:3], (*FIELDS[:2], "city", "birth_date"), ("given_name", "family_name", "city")]
)
def test_a_file_without_any_duplicate_is_left_as_it_is(code: str, kept: tuple[str, ...]) -> None:
    whole = strangers(500, 11, code)
    records = [person(one.external_id, "crm", **{name: one.fields[name] for name in kept}) for one in whole]
    alike = len(records) - len({tuple(one.fields.values()) for one in records})
    assert merged(records) <= alike + len(records) // 500


def test_one_record_alone_is_a_customer_and_no_record_at_all_is_none() -> None:
    assert resolved([person("1", email="a@x.example")]).customer == [0]
    assert resolved([]).customer == []


def test_records_that_say_nothing_are_nobody_in_particular() -> None:
    assert (
        len(set(resolved([person(str(n), email="", phone=" ", given_name="-") for n in range(50)]).customer))
        == 50
    )


def test_records_that_all_say_the_same_are_one() -> None:
    same = {"given_name": "Wilhelmina", "family_name": "Brzezinska", "email": "w.brzezinska@mail.example"}
    assert set(resolved([person(str(n), **same) for n in range(200)]).customer) == {0}


@pytest.mark.parametrize(("field", "value"), [("email", "guest@shop.example"), ("phone", "+493012345678"),
                                              ("birth_date", "1980-05-17"), ("family_name", "Unknown"),
                                              ("street", "Packstation 1")])  # fmt: skip
def test_a_value_that_three_in_ten_carry_makes_nobody_one(field: str, value: str) -> None:
    people = strangers(400, 12, "DE")
    records = [person(one.external_id, "crm", **{**one.fields, **({field: value} if n % 10 < 3 else {})})
               for n, one in enumerate(people)]  # fmt: skip
    assert merged(records) <= 2


def test_garbage_in_every_tenth_row_neither_merges_nor_hides_the_rest() -> None:
    dice = random.Random(4)
    people = strangers(600, 13, "DE")
    copies = [person(f"copy {one.external_id}", "shop", **one.fields) for one in people[:200]]
    garbage = [
        person(f"garbage {n}", **{name: "".join(dice.choices(string.printable, k=n % 30)) for name in FIELDS})
        for n in range(80)
    ]
    customer = resolved([*people, *copies, *garbage]).customer
    sizes = Counter(customer)
    assert all(customer[600 + n] == customer[n] for n in range(200))
    assert len(set(customer[:600])) >= 600 - 2
    assert all(sizes[one] == 1 for one in customer[800:])


def test_how_common_a_value_is_among_firms_says_nothing_of_people() -> None:
    """Fifty firms in one office park, two people of its postcode among many others."""
    people = strangers(150, 5, "DE")
    firms = [
        firm(str(n), name=f"{a}{b} Werke", postcode="99999", city="Gewerbe", street=f"Ring {n}")
        for n, (a, b) in enumerate(itertools.islice(itertools.product("ABCDEFGHKL", "aeiou"), 50))
    ]
    model, alone = learnt([*people, *firms]), learnt(people)
    key = "address", "postcode"
    assert "99999" in model.organisation.frequencies[key]
    assert "99999" not in model.person.frequencies[key]
    assert model.person.frequencies[key] == alone.person.frequencies[key]


@pytest.mark.parametrize(("name", "level"), [("email", "exact"), ("phone", "mobile")])
def test_households_that_share_a_mailbox_or_mobile_teach_that_sharing_them_says_little(
    name: str, level: str
) -> None:
    at, field = next((at, one) for at, one in enumerate(EVIDENCE_FIELDS) if one.name == name)
    shipped = default_model().person.levels[name]
    agreeing = np.zeros((1_000, len(EVIDENCE_FIELDS)), dtype=np.uint8)
    agreeing[:, at] = field.number[level]
    ends = np.zeros(1_000, dtype=np.int32)
    kin = SeenPairs(agreeing, np.array([at]), np.ones((1_000, 1)), ends, ends)
    nobody = SeenPairs(agreeing[:0], np.array([at]), np.zeros((0, 1)), ends[:0], ends[:0])
    found = chances_of(at, field, shipped, agreeing[:0], nobody, kin, 2_000)[level]
    assert shipped[level].h * 10 < found.h <= 1.0
    assert found.h > found.m / 2
