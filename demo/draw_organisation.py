"""Draws firms and the jobs people have there."""

from datetime import date

from demo.describe_world import Job, Organisation, Person, Spell, Unit
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
from demo.pools.describe_locale import Locale
from demo.pools.list_locales import JOB_TITLES, SHARES, all_locales
from demo.roll_dice import Dice, Period

MAILBOXES = {"GB": "hello", "US": "office", "DE": "info", "PL": "biuro", "BR": "contato"}


class OrganisationDrawer:
    """Draws one firm after the other, no two with the same domain."""

    def __init__(self, period: Period) -> None:
        """`period` bounds how long a firm can have been a customer."""
        self._period = period
        self._hosts: set[str] = set()

    def draw(self, dice: Dice, index: int) -> Organisation:
        """Firm number `index`."""
        locale = dice.choices(all_locales(), SHARES)[0]
        name, host, industry = self._draw_name(dice, locale)
        address = draw_address(dice, locale, 0)
        return Organisation(
            id=f"O{index:06d}",
            locale=locale,
            name=name,
            forms=dice.pick(locale.legal_forms),
            domain=f"{host}.example",
            mailbox=f"{MAILBOXES[locale.code]}@{host}.example",
            switchboard=draw_landline(dice, locale, address.city),
            tax_id=dice.fill(locale.tax_pattern),
            industry=industry,
            employees=int(dice.lognormvariate(3.1, 1.1)) + 2,
            address=address,
            since=dice.between(self._period.start, self._period.now),
            tier=dice.choices(("Standard", "Plus", "Key account"), (6, 3, 1))[0],
            shares_mailbox=dice.chance(0.3),
            reseller=dice.chance(0.03),
        )

    def _draw_name(self, dice: Dice, locale: Locale) -> tuple[str, str, str]:
        """A firm's name, its host name, which is nobody else's, and its industry."""
        trade, industry = dice.pick(locale.firm_trades)
        name = f"{dice.pick(locale.firm_words)} {trade}"
        if host_name(name) in self._hosts:
            name = f"{draw_family_name(dice, locale).split(' ')[0]} {trade}"
        if host_name(name) in self._hosts:
            name = f"{name} {dice.zipf(locale.cities, 0.2).name}"
        host, number = host_name(name), 2
        while host in self._hosts:
            host, number = f"{host_name(name)}-{number}", number + 1
        self._hosts.add(host)
        return name, host, industry


def host_name(name: str) -> str:
    """The name as a host name: folded words with hyphens."""
    return "-".join(word for word in map(slug, name.split()) if word)


def give_job(dice: Dice, person: Person, organisation: Organisation) -> Job:
    """Puts the person to work at the firm, with a mail address there."""
    given, _, family = (person.latin or person.name).partition(" ")
    first, last = slug(given) or "staff", slug(family) or person.id.lower()
    local = dice.pick((f"{first}.{last}", f"{first[0]}.{last}", f"{first[0]}{last}"))
    person.job = Job(
        organisation=organisation,
        title=dice.pick(JOB_TITLES),
        mail=f"{local}.{int(person.id[1:])}@{organisation.domain}"
        if dice.chance(0.03)
        else f"{local}@{organisation.domain}",
        extension=str(dice.between(10, 99)),
        buys=dice.chance(0.6),
    )
    return person.job


class StaffDrawer:
    """Draws the people known only through the firm they work for."""

    def __init__(self, mails: MailBook) -> None:
        """`mails` keeps their private addresses apart from everybody's."""
        self._mails = mails
        self._persons = 0

    def draw(self, dice: Dice, organisation: Organisation, limit: int) -> Unit:
        """The firm with one to `limit` of its people; the first one buys."""
        count = max(1, min(limit, 1 + dice.poisson(0.9)))
        locale = organisation.locale
        persons = []
        for position in range(count):
            sex = dice.pick("MF")
            given = draw_given_name(dice, locale, sex)
            family = inflect_family_name(locale, draw_family_name(dice, locale), sex)
            self._persons += 1
            person = Person(
                id=f"S{self._persons:07d}",
                household="",
                locale=locale,
                given=given,
                family=family,
                nickname=locale.nicknames.get(given, ""),
                sex=sex,
                birth=date(dice.between(1961, 2001), dice.between(1, 12), dice.between(1, 28)),
                mails=[Spell("", 0)],
                mobiles=[Spell(draw_mobile(dice, locale), 0)],
                homes=[organisation.address],
                since=max(organisation.since, 0),
                private=False,
            )
            job = give_job(dice, person, organisation)
            job.buys = position == 0
            job.mail = self._mails.take(dice, *job.mail.split("@"))
            person.mails = [Spell(job.mail, 0)]
            if organisation.shares_mailbox:
                person.tags.add("info_mailbox")
            if organisation.reseller:
                person.tags.add("reseller")
            persons.append(person)
        return Unit(persons, organisation)
