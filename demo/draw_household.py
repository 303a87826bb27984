"""Draws households: who lives together, what they share, and how that changes over the years."""

from datetime import date, timedelta

from demo.describe_world import Address, HardPair, Organisation, Person, Spell, Unit
from demo.draw_names import (
    MailBook,
    draw_address,
    draw_family_name,
    draw_given_name,
    draw_landline,
    draw_mobile,
    inflect_family_name,
    slug,
)
from demo.draw_organisation import give_job
from demo.pools.describe_locale import Locale
from demo.pools.list_locales import HOSTILE_NAMES, SHARES, all_locales, other_scripts
from demo.roll_dice import DAY, Dice, Period

KINDS = ("single", "couple", "family", "parent", "father_son", "twins")
FAMILY_WORDS = {"GB": "the", "US": "the", "DE": "familie", "PL": "rodzina", "BR": "familia"}
KIND_WEIGHTS = (0.50, 0.29, 0.12, 0.07, 0.008, 0.006)


class HouseholdDrawer:
    """Draws one household after the other; remembers only the last given-up phone number."""

    def __init__(
        self, period: Period, organisations: list[Organisation], mails: MailBook, profile: str
    ) -> None:
        """`organisations` are the firms people may work for."""
        self._period = period
        self._organisations = organisations
        self._mails = mails
        self._profile = profile
        self._freed: tuple[str, int, str] | None = None
        self._persons = 0
        self._hostile = 0

    def draw(self, dice: Dice, index: int, limit: int) -> Unit:
        """A household of at most `limit` persons."""
        locale = dice.choices(all_locales(), SHARES)[0]
        kind = dice.choices(KINDS, KIND_WEIGHTS)[0] if limit > 1 else "single"
        home = draw_address(dice, locale, 0)
        household = f"H{index:07d}"
        persons = self._draw_members(dice, locale, kind, household, home)[:limit]
        unit = Unit(persons)
        self._share(dice, locale, kind, unit)
        for person in persons:
            self._age(dice, person, unit)
        self._move(dice, locale, persons)
        return unit

    def _draw_members(
        self, dice: Dice, locale: Locale, kind: str, household: str, home: Address
    ) -> list[Person]:
        family = draw_family_name(dice, locale)
        year = self._year()
        born = year - dice.between(24, 78)
        sex = dice.pick("MF")
        if kind == "father_son":
            given = draw_given_name(dice, locale, "M")
            father = self._person(dice, locale, household, home, (given, family, "M", born))
            son = self._person(dice, locale, household, home, (given, family, "M", max(born + 27, year - 30)))
            father.birth = father.birth.replace(year=min(born, year - 50))
            return [father, son]
        if kind == "twins":
            first = self._person(
                dice, locale, household, home, (draw_given_name(dice, locale, sex), family, sex, born)
            )
            second = self._person(
                dice, locale, household, home, (draw_given_name(dice, locale, sex), family, sex, born)
            )
            second.birth = first.birth
            while second.given == first.given:
                second.given = draw_given_name(dice, locale, sex)
            return [first, second]
        members = [(draw_given_name(dice, locale, sex), family, sex, born)]
        if kind in ("couple", "family"):
            other = "F" if sex == "M" else "M"
            surname = family if dice.chance(0.75) else draw_family_name(dice, locale)
            members.append((draw_given_name(dice, locale, other), surname, other, born + dice.between(-6, 6)))
        if kind in ("family", "parent"):
            for _ in range(dice.between(1, 2)):
                child = dice.pick("MF")
                members.append(
                    (draw_given_name(dice, locale, child), family, child, min(born + 28, year - 17))
                )
        named: dict[str, tuple[str, str, str, int]] = {}
        for wanted, surname, which, year_born in members:
            own = wanted
            while own in named:
                own = draw_given_name(dice, locale, which)
            named[own] = (own, surname, which, year_born)
        return [self._person(dice, locale, household, home, member) for member in named.values()]

    def _year(self) -> int:
        return (date(1970, 1, 1) + timedelta(seconds=self._period.now)).year

    def _person(
        self, dice: Dice, locale: Locale, household: str, home: Address, who: tuple[str, str, str, int]
    ) -> Person:
        given, family, sex, born = who
        birth = date(born, 1, 1) + timedelta(days=dice.between(0, 364))
        latin = ""
        if dice.chance(0.03):
            script = dice.pick(other_scripts(sex))
            (given, latin_given), (family, latin_family) = dice.pick(script.given), dice.pick(script.family)
            latin = f"{latin_given} {latin_family}"
        elif self._profile == "hostile" and dice.chance(0.12):
            given, _, family = HOSTILE_NAMES[self._hostile % len(HOSTILE_NAMES)].partition(" ")
            self._hostile += 1
        else:
            family = inflect_family_name(locale, family, sex)
        length = self._period.now - self._period.start
        since = self._period.start + int(dice.random() ** 1.2 * length * 0.98)
        since = self._period.by_day(dice, since, locale.utc_offset)
        self._persons += 1
        mail = self._draw_mail(dice, locale, latin or f"{given} {family}", born)
        return Person(
            id=f"P{self._persons:07d}",
            household=household,
            locale=locale,
            given=given,
            family=family,
            latin=latin,
            nickname=locale.nicknames.get(given, ""),
            middle=draw_given_name(dice, locale, sex) if not latin and dice.chance(0.12) else "",
            sex=sex,
            birth=birth,
            mails=[Spell(mail, 0)],
            mobiles=[Spell(draw_mobile(dice, locale), 0)],
            homes=[home],
            since=since,
            tags={"other_script"} if latin else set(),
        )

    def _draw_mail(self, dice: Dice, locale: Locale, name: str, year: int) -> str:
        given, _, family = name.partition(" ")
        return self._mails.draw(dice, locale, given, family, year)

    def _share(self, dice: Dice, locale: Locale, kind: str, unit: Unit) -> None:
        """Landlines, mailboxes and the hard pairs that follow from who lives together."""
        persons = unit.persons
        if len(persons) > 1 and dice.chance(0.3 if kind == "family" else 0.15):
            landline = draw_landline(dice, locale, persons[0].homes[0].city)
            for person in persons:
                person.landline = landline
                person.tags.add("family_landline")
        if kind == "couple" and len(persons) == 2 and dice.chance(0.08):
            shared = self._mails.take(
                dice,
                f"{FAMILY_WORDS[locale.code]}.{slug(persons[0].latin or persons[0].family)}",
                locale.mail_hosts[0],
            )
            for person in persons:
                person.mails = [Spell(shared, 0)]
                person.tags.add("shared_mailbox")
            unit.hard.append(HardPair("shared_mailbox", "different", persons[0].id, persons[1].id))
        if kind in ("father_son", "twins") and len(persons) == 2:
            for person in persons:
                person.tags.add(kind)
            unit.hard.append(HardPair(kind, "different", persons[0].id, persons[1].id))

    def _age(self, dice: Dice, person: Person, unit: Unit) -> None:
        """New numbers, mails and names over the years, jobs, test accounts; yearly rates of the design."""
        start, now = self._period.start, self._period.now
        years = (now - start) / (365.25 * DAY)
        if dice.chance(0.06 * years):
            self._change_number(dice, person, unit, dice.between(start, now))
        if dice.chance(0.05 * years) and "shared_mailbox" not in person.tags:
            mail = self._draw_mail(dice, person.locale, person.latin or person.name, person.birth.year)
            person.mails.append(Spell(mail, dice.between(start, now)))
            person.tags.add("new_mail")
        if person.sex == "F" and not person.latin and dice.chance(0.014 * years):
            person.old_family = person.family
            new = inflect_family_name(person.locale, draw_family_name(dice, person.locale), "F")
            person.family = f"{person.family}-{new}" if dice.chance(0.33) else new
            person.renamed_at = dice.between(start, now)
            person.tags.add("renamed")
        if dice.chance(0.1):
            job = give_job(dice, person, dice.zipf(self._organisations, 0.6))
            job.mail = self._mails.take(dice, *job.mail.split("@"))
            person.tags.add("b2c_and_b2b")

    def _change_number(self, dice: Dice, person: Person, unit: Unit, at: int) -> None:
        """A new mobile; in a third of the cases the one somebody else gave up some months before."""
        person.mobiles[-1].until = at
        old = person.mobiles[-1].value
        freed = self._freed
        if freed and freed[1] + 90 * DAY < at and freed[0].startswith(f"+{person.locale.dial}"):
            person.mobiles.append(Spell(freed[0], at))
            person.tags.add("recycled_number")
            unit.hard.append(HardPair("recycled_number", "different", person.id, freed[2]))
            self._freed = None
        else:
            person.mobiles.append(Spell(draw_mobile(dice, person.locale), at))
        if self._freed is None or freed is not None:
            self._freed = (old, at, person.id)

    def _move(self, dice: Dice, locale: Locale, persons: list[Person]) -> None:
        """9 % of households a year move, together."""
        start, now = self._period.start, self._period.now
        if dice.chance(0.09 * (now - start) / (365.25 * DAY)):
            home = draw_address(dice, locale, dice.between(start, now))
            for person in persons:
                person.homes = [*person.homes, home]
                person.tags.add("moved")
