"""Customers of a retailer in five sources that know little: names, e-mail, phone, loyalty card, address.

Households share addresses, landlines and sometimes a mailbox; twins share their birthday; mobile numbers are
given to strangers; a hub is one mailbox and one phone that a till clerk types for thousands of strangers.
About four records a person; each source has its own columns and its own mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from demo.roll_dice import Dice

from benchmarks.identity.invent_people import (
    draw_date,
    draw_given,
    draw_surname,
    misspell,
    misspell_digits,
    mistake_date,
    pet_name,
    word_list,
    word_rows,
)
from benchmarks.identity.write_set import Field, Ref, SetWriter

FIELDS: dict[str, Field] = {
    "given_name": "given_name",
    "family_name": "family_name",
    "full_name": "full_name",
    "email": "email",
    "phone": "phone",
    "birth_date": "birth_date",
    "street": "street",
    "city": "city",
    "postcode": "postcode",
    "loyalty_id": {"type": "account_id", "issuer": "loyalty"},
}
HUB_MAIL, HUB_PHONE = "kunden@retail-till.example", "212-555-0100"
REACHABLE = ("email", "phone", "loyalty_id", "street")
"""A record with none of these is not one of a customer; nobody would keep it."""
MEAN_RECORDS = 3.6


@dataclass(slots=True)
class Shopper:
    """A person as the sources come to know them; addresses and mails in order of time."""

    number: int
    given: str
    family: str
    sex: str
    born: date
    homes: list[tuple[str, str, str]]
    mails: list[str]
    phones: list[str]
    landline: str
    loyalty: str
    refs: list[Ref] = field(default_factory=list)


class CustomerMaker:
    """Draws households until the set has its size."""

    def __init__(self, out: SetWriter, seed: int) -> None:
        self._out = out
        self._seed = seed
        self._people = 0
        self._households = 0
        self._freed: list[tuple[str, Shopper]] = []

    def make(self, records: int) -> None:
        """Put at least so many records."""
        while self._out.records < records:
            dice = Dice(f"{self._seed}/household/{self._households}")
            self._households += 1
            home = self._household(dice)
            for shopper in home:
                for _ in range(min(12, 1 + dice.poisson(MEAN_RECORDS - 1))):
                    self._record(dice, shopper)
            self._recycle(dice, home)
            self._tag(home)

    def make_hub(self, strangers: int) -> None:
        """Strangers for whom the clerk typed the shop's own mailbox and phone."""
        refs = []
        for number in range(strangers):
            dice = Dice(f"{self._seed}/hub/{number}")
            shopper = self._shopper(dice, draw_surname(dice), self._home(dice), "", dice.between(1940, 2005))
            values = {
                "given_name": shopper.given,
                "family_name": shopper.family,
                "email": HUB_MAIL,
                "phone": HUB_PHONE,
            }
            refs.append(self._put(dice, "till", shopper, values))
        for left, right in zip(refs[::10], refs[5::10], strict=False):
            self._out.tag("hub", "different", left, right)

    def _household(self, dice: Dice) -> list[Shopper]:
        family, home = draw_surname(dice), self._home(dice)
        landline = _phone(dice) if dice.chance(0.5) else ""
        year = dice.between(1940, 2002)
        people = [self._shopper(dice, family, home, landline, year)]
        if dice.chance(0.45):
            other = family if dice.chance(0.7) else draw_surname(dice)
            people.append(self._shopper(dice, other, home, landline, year + dice.between(-6, 6)))
            if dice.chance(0.15):
                people[1].mails = people[0].mails[:1]
        while len(people) < 6 and dice.chance(0.22):
            young = self._shopper(dice, family, home, landline, min(2006, year + dice.between(20, 34)))
            if dice.chance(0.08):
                young.given, young.sex = people[0].given, people[0].sex
            people.append(young)
            if dice.chance(0.06):
                twin = self._shopper(dice, family, home, landline, year)
                twin.born = young.born
                people.append(twin)
        if len(people) > 1 and dice.chance(0.1):
            people[-1].homes.append(self._home(dice))
        return people

    def _home(self, dice: Dice) -> tuple[str, str, str]:
        town, code = dice.zipf(word_rows("towns_nc"), 0.5)
        street = dice.pick(word_list("streets"))
        return f"{dice.between(1, 999)} {street}", town, f"{code}{dice.between(1, 40):02}"

    def _shopper(
        self, dice: Dice, family: str, home: tuple[str, str, str], landline: str, year: int
    ) -> Shopper:
        self._people += 1
        sex = dice.pick("MF")
        given = draw_given(dice, sex)
        mails = [_mail(dice, given, family) for _ in range(dice.choices((0, 1, 2), (12, 68, 20))[0])]
        return Shopper(
            number=self._people,
            given=given,
            family=family,
            sex=sex,
            born=draw_date(dice, year, year),
            homes=[home, self._home(dice)] if dice.chance(0.15) else [home],
            mails=mails,
            phones=[_phone(dice) for _ in range(dice.choices((0, 1, 2), (10, 75, 15))[0])],
            landline=landline,
            loyalty=f"LC{dice.between(10**8, 10**9 - 1)}" if dice.chance(0.45) else "",
        )

    def _recycle(self, dice: Dice, home: list[Shopper]) -> None:
        """Some give a number up; later a stranger gets it."""
        for shopper in home:
            if shopper.phones and dice.chance(0.02):
                self._freed.append((shopper.phones[0], shopper))
        if len(self._freed) > 20 and dice.chance(0.3):
            number, giver = self._freed.pop(0)
            taker = home[0]
            taker.phones = [number]
            for _ in range(2):
                self._record(dice, taker)
            for left in giver.refs[:2]:
                self._out.tag("recycled_number", "different", left, taker.refs[-1])

    def _tag(self, home: list[Shopper]) -> None:
        for at, one in enumerate(home):
            for two in home[at + 1 :]:
                if one.born == two.born:
                    self._out.tag("twins", "different", one.refs[0], two.refs[0])
                elif (one.given, one.family) == (two.given, two.family):
                    self._out.tag("father_son", "different", one.refs[0], two.refs[0])
                elif one.mails and one.mails[:1] == two.mails[:1]:
                    self._out.tag("shared_mailbox", "different", one.refs[0], two.refs[0])

    def _record(self, dice: Dice, shopper: Shopper) -> None:
        for _ in range(6):
            source = dice.choices(("crm", "shop", "till", "support", "newsletter"), (25, 30, 18, 15, 12))[0]
            values = getattr(self, f"_{source}")(dice, shopper)
            if any(values.get(column) for column in REACHABLE):
                break
        self._put(dice, source, shopper, values)

    def _put(self, dice: Dice, source: str, shopper: Shopper, values: dict[str, str]) -> Ref:
        record = f"{source[0]}{dice.between(0, 10**12):012}"
        ref = self._out.put(source, record, str(shopper.number), values)
        shopper.refs.append(ref)
        return ref

    def _crm(self, dice: Dice, shopper: Shopper) -> dict[str, str]:
        born = mistake_date(dice, shopper.born) if dice.chance(0.05) else shopper.born
        return {
            "given_name": _given(dice, shopper.given),
            "family_name": _family(dice, shopper),
            "email": _some(dice, shopper.mails, 0.6, 0.03),
            "phone": _any_phone(dice, shopper, 0.7),
            "birth_date": born.isoformat() if dice.chance(0.55) else "",
            **_address(dice, shopper, 0.85),
        }

    def _shop(self, dice: Dice, shopper: Shopper) -> dict[str, str]:
        return {
            "full_name": f"{_given(dice, shopper.given)} {_family(dice, shopper)}",
            "email": _some(dice, shopper.mails, 0.95, 0.02),
            "phone": _any_phone(dice, shopper, 0.4),
            "loyalty_id": shopper.loyalty if dice.chance(0.5) else "",
            **_address(dice, shopper, 0.8),
        }

    def _till(self, dice: Dice, shopper: Shopper) -> dict[str, str]:
        loyalty = shopper.loyalty if dice.chance(0.7) else ""
        return {
            "given_name": _given(dice, shopper.given),
            "family_name": _family(dice, shopper) if dice.chance(0.45) else "",
            "phone": _any_phone(dice, shopper, 0.75 if loyalty else 1.0),
            "loyalty_id": misspell_digits(dice, loyalty) if dice.chance(0.02) else loyalty,
            "birth_date": shopper.born.strftime("%m/%d/%Y") if dice.chance(0.2) else "",
        }

    def _support(self, dice: Dice, shopper: Shopper) -> dict[str, str]:
        mail = _some(dice, shopper.mails, 0.7, 0.01)
        name = _given(dice, shopper.given)
        if dice.chance(0.6):
            name = f"{name} {_family(dice, shopper)}"
        return {"full_name": name, "email": mail, "phone": "" if mail else _any_phone(dice, shopper, 1.0)}

    def _newsletter(self, dice: Dice, shopper: Shopper) -> dict[str, str]:
        return {
            "email": _some(dice, shopper.mails, 1.0, 0.02),
            "given_name": _given(dice, shopper.given) if dice.chance(0.7) else "",
            "postcode": shopper.homes[-1][2] if dice.chance(0.4) else "",
        }


def make_customers(folder: Path, records: int, seed: int, hub_strangers: int = 0) -> None:
    """Writes the set; with ``hub_strangers`` as many records more on one mailbox and one phone."""
    with SetWriter(folder, FIELDS) as out:
        maker = CustomerMaker(out, seed)
        maker.make(records)
        maker.make_hub(hub_strangers)


def _mail(dice: Dice, given: str, family: str) -> str:
    given, family = given.lower(), family.lower()
    shapes = ("{0}.{1}", "{2}{1}", "{0}{3}", "{1}.{0}", "{0}_{1}")
    local = dice.pick(shapes).format(given, family, given[0], family[0])
    number = str(dice.between(1, 999)) if dice.chance(0.6) else ""
    return f"{local}{number}@{dice.zipf(word_list('mail_hosts'), 1.0)}"


def _phone(dice: Dice) -> str:
    return f"{dice.pick(('704', '919', '336', '828', '252', '910', '980'))}-{dice.fill('%##-####')}"


def _given(dice: Dice, given: str) -> str:
    kind = dice.random()
    if kind < 0.1:
        return pet_name(dice, given)
    if kind < 0.14:
        return misspell(dice, given)
    return given[0] if kind < 0.17 else given.upper() if kind < 0.2 else given


def _family(dice: Dice, shopper: Shopper) -> str:
    return misspell(dice, shopper.family) if dice.chance(0.05) else shopper.family


def _some(dice: Dice, mails: list[str], known: float, wrong: float) -> str:
    if not mails or not dice.chance(known):
        return ""
    mail = dice.pick(mails)
    local, _, host = mail.partition("@")
    return f"{misspell(dice, local)}@{host}" if dice.chance(wrong) else mail


def _any_phone(dice: Dice, shopper: Shopper, known: float) -> str:
    if not dice.chance(known):
        return ""
    own = not shopper.landline or dice.chance(0.7)
    number = (dice.pick(shopper.phones) if shopper.phones else "") if own else shopper.landline
    if not number:
        return ""
    if dice.chance(0.02):
        number = misspell_digits(dice, number)
    shape = dice.between(0, 4)
    if shape == 0:
        return f"+1 {number}"
    return f"({number[:3]}) {number[4:]}" if shape == 1 else number.replace("-", "") if shape == 2 else number


def _address(dice: Dice, shopper: Shopper, known: float) -> dict[str, str]:
    if not dice.chance(known):
        return {}
    street, town, code = dice.pick(shopper.homes)
    if dice.chance(0.05):
        street = misspell(dice, street)
    if dice.chance(0.2):
        street = street.replace(" St", " Street").replace(" Ave", " Avenue").replace(" Rd", " Road")
    if dice.chance(0.02):
        code = misspell_digits(dice, code)
    return {"street": street, "city": town, "postcode": code}
