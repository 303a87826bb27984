"""Hand-made customers, the same at every size and seed; docs and tests may name them.

Anne Kowalczyk: 'Kowalczyk, Anne' in the CRM, 'Ania' in the shop with a dotted gmail address, one phone in
three formats, a late order with an open ticket, an overdue invoice; works for Harbour Studios.
Harbour Studios Ltd: her firm, with an office subscription and an open deal.
Heinrich Brückner and Heinrich Brückner jun.: father and son, same name, address and landline.
Zofia and Zuzanna Wiśniewska: twins, one flat, one birthday.
Rafael Azevedo Lima: buys for Atlântico Hotéis Ltda.
Jörg Weiß: umlauts lost in half the sources; a broken grinder, sent back, refunded.
Destiny Walker-Nguyen: married, moved, changed her mail, left the newsletter.
"""

from collections.abc import Callable, Iterator
from datetime import date

from demo.describe_world import Address, HardPair, Job, Organisation, Person, Spell, Unit
from demo.pools.describe_locale import read_locale
from demo.roll_dice import DAY, Dice, Period
from demo.tell_stories import (
    tell_anne,
    tell_destiny,
    tell_father_and_son,
    tell_joerg,
    tell_rafael,
    tell_twins,
)

SOURCES = {"crm", "shop", "marketing"}
ANNE_MAIL = "anne.kowalczyk.demo@gmail.com"


def story_names() -> tuple[str, ...]:
    """The names under which the stories are found."""
    return (
        "Anne Kowalczyk",
        "Heinrich Brückner",
        "Zofia Wiśniewska",
        "Zuzanna Wiśniewska",
        "Rafael Azevedo Lima",
        "Jörg Weiß",
        "Destiny Walker-Nguyen",
        "Harbour Studios Ltd",
        "Atlântico Hotéis Ltda.",
    )


def tell_stories(period: Period, attend: Callable[[Dice, Person], None]) -> Iterator[tuple[Unit, Dice]]:
    """Each story's unit with a dice of its own; `attend` adds mailings, visits and calls."""
    for index, make in enumerate((_anne, _father_and_son, _twins, _rafael, _joerg, _destiny)):
        dice = Dice(f"story/{index}")
        unit = make(period, dice)
        for person in unit.persons:
            person.tags.add("story")
            attend(dice, person)
        yield unit, dice


def _person(
    number: int, code: str, name: str, sex: str, birth: date, mail: str, phone: str, home: Address
) -> Person:
    given, _, family = name.partition(" ")
    return Person(
        id=f"STORY-{number:02d}",
        household=f"STORY-H{number:02d}",
        locale=read_locale(code),
        given=given,
        family=family,
        sex=sex,
        birth=birth,
        mails=[Spell(mail, 0)],
        mobiles=[Spell(phone, 0)],
        homes=[home],
        since=0,
        seen_by=set(SOURCES),
    )


def _firm(number: int, code: str, name: str, forms: tuple[str, ...], host: str, **facts: str) -> Organisation:
    street, house_number, postcode, city, state = facts["address"].split("|")
    return Organisation(
        id=f"STORY-O{number}",
        locale=read_locale(code),
        name=name,
        forms=forms,
        domain=f"{host}.example",
        mailbox=f"{facts['box']}@{host}.example",
        switchboard=facts["phone"],
        tax_id=facts["tax"],
        industry=facts["industry"],
        employees=int(facts["employees"]),
        address=Address(street, house_number, postcode, city, state, code),
        since=0,
        tier="Key account",
        shares_mailbox=False,
        crm_id=facts["crm"],
    )


def _anne(period: Period, dice: Dice) -> Unit:
    home = Address("Priory Road", "14", "BS8 1TX", "Bristol", "Avon", "GB")
    firm = _firm(
        1, "GB", "Harbour Studios", ("Ltd", "Limited"), "harbour-studios", box="hello", phone="+441179496040",
        tax="GB184920375", industry="Architecture", employees="34", crm="001Qx000004hArbAAA",
        address="Wapping Wharf|3|BS1 6UD|Bristol|Avon",
    )  # fmt: skip
    anne = _person(1, "GB", "Anne Kowalczyk", "F", date(1987, 5, 14), ANNE_MAIL, "+447911209142", home)
    anne.nickname = "Ania"
    anne.since = firm.since = period.now - 830 * DAY
    anne.job = Job(firm, "Office Manager", "anne.kowalczyk@harbour-studios.example", "22", buys=True)
    anne.consents = {"email": True, "phone": False}
    anne.aliases = {
        "crm": {"id": "003Qx00000KowAnAAA", "Name": "Kowalczyk, Anne", "Mobile": "07911 209142",
                "E-Mail": ANNE_MAIL, "Date of birth": "14.05.1987", "Tier": "Gold",
                "Note": "Prefers to be called in the evening"},
        "shop": {"id": "9001", "given_name": "Ania", "email": ANNE_MAIL.replace("anne.", "an.ne."),
                 "phone": "+44 7911 209 142"},
        "shop_firm": {"id": "9011", "phone": "07911-209142"},
        "helpdesk": {"id": "690001", "full_name": "Anne K.", "email": ANNE_MAIL},
        "billing": {"full_name": "Anne Kowalczyk", "email": ANNE_MAIL, "phone": "00447911209142"},
    }  # fmt: skip
    tell_anne(period, dice, anne)
    anne.tags.add("b2c_and_b2b")
    return Unit([anne], firm)


def _father_and_son(period: Period, dice: Dice) -> Unit:
    home = Address("Mühlenweg", "7a", "23552", "Lübeck", "Schleswig-Holstein", "DE")
    mail = "@nordmail.example"
    father = _person(
        2, "DE", "Heinrich Brückner", "M", date(1953, 2, 3), f"h.brueckner{mail}", "+4915123456071", home
    )
    son = _person(
        3, "DE", "Heinrich Brückner", "M", date(1984, 9, 21), f"heiner.brueckner{mail}", "+491719203344", home
    )
    son.household, son.generation = father.household, "jun."
    for person, account in ((father, "9002"), (son, "9003")):
        person.since = period.now - 700 * DAY
        person.landline = "+494512987043"
        person.tags |= {"father_son", "family_landline"}
        person.aliases = {"shop": {"id": account}}
    tell_father_and_son(period, dice, father, son)
    return Unit([father, son], hard=[HardPair("father_son", "different", father.id, son.id)])


def _twins(period: Period, dice: Dice) -> Unit:
    home = Address("ul. Lipowa", "21", "30-702", "Kraków", "małopolskie", "PL")
    birth = date(1998, 11, 30)
    zofia = _person(
        4, "PL", "Zofia Wiśniewska", "F", birth, "zofia.wisniewska@poczta.example", "+48601447120", home
    )
    zuzanna = _person(
        5, "PL", "Zuzanna Wiśniewska", "F", birth, "zuza.wisniewska@poczta.example", "+48692318805", home
    )
    zuzanna.household = zofia.household
    for person, account in ((zofia, "9004"), (zuzanna, "9005")):
        person.since = period.now - 520 * DAY
        person.landline = "+48126349017"
        person.tags |= {"twins", "family_landline"}
        person.aliases = {"shop": {"id": account}}
    tell_twins(period, dice, zofia, zuzanna)
    return Unit([zofia, zuzanna], hard=[HardPair("twins", "different", zofia.id, zuzanna.id)])


def _rafael(period: Period, dice: Dice) -> Unit:
    home = Address("Avenida Paulista", "1374", "01310-100", "São Paulo", "SP", "BR")
    firm = _firm(
        2, "BR", "Atlântico Hotéis", ("Ltda.", "Ltda", "LTDA"), "atlantico-hoteis", box="compras",
        phone="+551132984400", tax="41.202.913/0001-77", industry="Hospitality", employees="210",
        crm="001Qx00000AtlHoAAA", address="Avenida Atlântica|1702|22021-001|Rio de Janeiro|RJ",
    )  # fmt: skip
    work = "rafael.lima@atlantico-hoteis.example"
    rafael = _person(6, "BR", "Rafael Azevedo Lima", "M", date(1979, 7, 8), work, "+5511987120456", home)
    rafael.private, rafael.nickname = False, "Rafa"
    rafael.seen_by = {"crm", "marketing"}
    rafael.since = firm.since = period.now - 900 * DAY
    rafael.job = Job(firm, "Purchasing Manager", work, "17", buys=True)
    rafael.consents = {"email": True, "phone": True}
    rafael.aliases = {
        "crm": {"id": "003Qx00000LimRaAAA", "Name": "Azevedo Lima, Rafael"},
        "shop_firm": {"id": "9012"},
    }
    tell_rafael(period, dice, rafael)
    return Unit([rafael], firm)


def _joerg(period: Period, dice: Dice) -> Unit:
    home = Address("Königsallee", "52", "37081", "Göttingen", "Niedersachsen", "DE")
    joerg = _person(
        7, "DE", "Jörg Weiß", "M", date(1966, 12, 1), "joerg.weiss@postfach.example", "+491728840215", home
    )
    joerg.since = period.now - 600 * DAY
    joerg.consents = {"email": False, "post": False}
    joerg.aliases = {
        "crm": {"id": "003Qx00000WeiJoAAA", "Name": "Weiß, Jörg", "Tier": "Silver"},
        "crm_again": {"id": "003Qx00000WeiJ2AAA", "Name": "Weis, Joerg", "E-Mail": "",
                      "Mobile": "0172/8840215", "Date of birth": "01.12.1966"},
        "shop": {"id": "9006", "given_name": "Joerg", "family_name": "Weiss"},
    }  # fmt: skip
    tell_joerg(period, dice, joerg)
    return Unit([joerg])


def _destiny(period: Period, dice: Dice) -> Unit:
    first = Address("Willow Ct", "118", "80211", "Denver", "CO", "US")
    destiny = _person(
        8, "US", "Destiny Walker-Nguyen", "F", date(1993, 3, 27), "destiny.walker@homemail.example",
        "+13034550142", first,
    )  # fmt: skip
    destiny.since = period.now - 780 * DAY
    destiny.old_family, destiny.renamed_at = "Walker", period.now - 300 * DAY
    moved = period.now - 280 * DAY
    destiny.homes.append(Address("Mission St", "902", "94103", "San Francisco", "CA", "US", since=moved))
    destiny.mails.append(Spell("destiny.wn@mailbox.example", moved))
    destiny.consents = {"email": False}
    destiny.tags |= {"renamed", "moved", "new_mail"}
    destiny.aliases = {"shop": {"id": "9007"}}
    tell_destiny(period, dice, destiny)
    return Unit([destiny])
