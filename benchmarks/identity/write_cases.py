"""Puts the records of the truth set's cases: their columns, and what a case needs to invent its people."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path

from demo.roll_dice import Dice

from benchmarks.identity.invent_people import (
    draw_date,
    nicknames,
    word_list,
    word_rows,
)
from benchmarks.identity.write_set import Field, Ref, SetWriter
from demo import pools

FIELDS: dict[str, Field] = {
    "record_type": "ignore",
    "name_full": "full_name",
    "name_first": "given_name",
    "name_middle": "middle_name",
    "name_last": "family_name",
    "name_suffix": "generation",
    "gender": "sex",
    "date_of_birth": "birth_date",
    "addr_full": "address",
    "addr_line": "street",
    "addr_city": "city",
    "addr_state": "state",
    "addr_postcode": "postcode",
    "addr_country": "country",
    "home_phone": "phone",
    "mobile_phone": "phone",
    "email": "email",
    "ssn": {"type": "government_id", "issuer": "US-SSN"},
    "licence_nc": {"type": "government_id", "issuer": "US-NC"},
    "licence_va": {"type": "government_id", "issuer": "US-VA"},
    "passport_us": {"type": "government_id", "issuer": "US-passport"},
    "passport_other": {"type": "government_id", "issuer": "passport"},
    "org_name": "organisation",
    "website": "domain",
    "tax_id": {"type": "government_id", "issuer": "US-EIN"},
}
CUSTOMERS, REFERENCE, WATCHLIST = "customers", "reference", "watchlist"
Home = tuple[str, str, str]


@cache
def foreign_names(sex: str) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of (given, its Latin form) and (family, its Latin form)."""
    path = Path(pools.__file__).with_name("other_scripts.json")
    found = []
    for script in json.loads(path.read_text(encoding="utf-8"))[sex]:
        for given, family in zip(script["given"].split(), script["family"].split(), strict=False):
            one, two = given.partition("="), family.partition("=")
            found.append(((one[0], one[2]), (two[0], two[2])))
    return found


class CaseWriter:
    """Puts the records of one case after another."""

    def __init__(self, out: SetWriter, seed: int) -> None:
        self._out = out
        self._seed = seed
        self._number = 1000
        self._entities = 0
        self.dice = Dice(seed)

    def begin(self, name: str) -> None:
        """A case begins: its people do not depend on the cases before."""
        self.dice = Dice(f"{self._seed}/{name}")

    def someone(self) -> str:
        """A new entity."""
        self._entities += 1
        return f"E{self._entities}"

    def add(self, entity: str, source: str, *parts: dict[str, str], **values: str) -> Ref:
        """A record; parts are values such as an address."""
        self._number += self.dice.between(1, 3)
        merged = {"record_type": "PERSON"}
        for part in (*parts, values):
            merged |= part
        return self._out.put(source, str(self._number), entity, merged)

    def apart(self, tag: str, left: Ref, right: Ref) -> None:
        """Two records of different parties."""
        self._out.tag(tag, "different", left, right)

    def alike(self, tag: str, left: Ref, right: Ref) -> None:
        """Two records of one party that look different."""
        self._out.tag(tag, "same", left, right)

    def home(self) -> Home:
        """Street, town, postcode."""
        town, code = self.dice.pick(word_rows("towns_nc"))
        street = self.dice.pick(word_list("streets"))
        return f"{self.dice.between(10, 1900)} {street}", town, f"{code}{self.dice.between(1, 30):02}"

    def phone(self) -> str:
        """A number of the region."""
        return self.dice.fill("919-%##-####")

    def born(self, first: int = 1940, last: int = 1995) -> date:
        """A birthday."""
        return draw_date(self.dice, first, last)

    def short(self, sex: str) -> str:
        """A given name that has a short form."""
        return self.dice.pick([name for name in word_list(f"given_old_{sex}") if name in nicknames()])


def parts(home: Home) -> dict[str, str]:
    """An address in columns."""
    return {
        "addr_line": home[0],
        "addr_city": home[1],
        "addr_state": "NC",
        "addr_postcode": home[2],
        "addr_country": "US",
    }


def line(home: Home) -> dict[str, str]:
    """An address in one line, as somebody else writes it."""
    street = home[0].replace(" St", " Street").replace(" Ave", " Avenue").replace(" Rd", " Road")
    return {"addr_full": f"{street}, {home[1]} NC {home[2]}"}


def slashes(day: date) -> str:
    """Month first."""
    return f"{day.month}/{day.day}/{day.year}"
