"""Numbers meet themselves however written; a crowded mailbox does not teach that mailboxes are common."""

from __future__ import annotations

import random
from collections import Counter

from regard.identity.resolve_records import RecordResolver, Resolution
from tests.identity.make_records import person, together

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def test_a_number_meets_itself_written_without_its_country() -> None:
    with_country = person("1", phone="+1 704-330-4704", given_name="Howard", family_name="Burton")
    without = person("2", "till", phone="704-330-4704", given_name="Howard")
    assert together(with_country, without)


def named(number: int) -> str:
    return LETTERS[number % 26] + LETTERS[number // 26 % 26] + LETTERS[number // 7 % 26] + "ov"


def subscribers(crowd: int) -> Resolution:
    """People of a shop, each of whom subscribes by a mailbox alone; and a ``crowd`` who share a mailbox."""
    resolver = RecordResolver("batch")
    for at in range(150):
        who = {"given_name": named(at).title(), "family_name": f"{named(at * 3 + 5)}a".title()}
        mail = f"{named(at)}.{at}@post.example"
        resolver.add(person(f"{at}", "shop", email=mail, city=f"Town {at % 9}", **who))
        resolver.add(person(f"{at}", "newsletter", email=mail))
    for at in range(crowd):
        who = {"given_name": named(at * 5 + 1).title(), "family_name": f"{named(at * 11)}i".title()}
        resolver.add(person(f"crowd {at}", "till", email="till.seven@post.example", **who))
    return resolver.resolve()


def test_a_crowded_mailbox_does_not_make_the_others_common() -> None:
    alone, crowded = subscribers(0), subscribers(90)
    for found in alone, crowded:
        together_with_shop = sum(found.customer[2 * at] == found.customer[2 * at + 1] for at in range(150))
        assert together_with_shop == 150
    assert len(set(crowded.customer)) > len(set(alone.customer)) + 60


GIVEN = [
    "Anna",
    "Peter",
    "Maria",
    "Thomas",
    "Sabine",
    "Michael",
    "Petra",
    "Andreas",
    "Monika",
    "Stefan",
    "Karin",
    "Frank",
    "Ursula",
    "Uwe",
    "Heike",
]
FAMILY = [
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Meyer",
    "Wagner",
    "Becker",
    "Schulz",
    "Koch",
    "Richter",
    "Klein",
    "Wolf",
    "Braun",
]


def test_where_all_write_from_one_host_namesakes_stay_two() -> None:
    """A number in the mailbox says who of them it is: it is no sign that they are one."""
    resolver, chance, taken = RecordResolver("batch"), random.Random(1), Counter[str]()
    for at in range(260):
        who = {"given_name": chance.choice(GIVEN), "family_name": chance.choice(FAMILY)}
        name = ".".join(who.values()).lower()
        taken[name] += 1
        mail = f"{name}{taken[name] if taken[name] > 1 else ''}@grosswerk-ag.de"
        seen = {"email": mail, "phone": f"+49 511 4477{chance.randint(100, 999)}", **who}
        resolver.add(person(f"{at}", "staff", **seen))
        if chance.random() < 0.35:
            resolver.add(person(f"{at} again", "staff", **(seen | {"phone": ""})))
    customers = len(set(resolver.resolve().customer))
    assert 250 <= customers <= 275, f"260 people became {customers} customers"
