"""Puts the world together: stories, then firms with their people, then households, each with its life."""

from collections.abc import Iterator

from demo.describe_world import Organisation, Person, Unit
from demo.draw_household import HouseholdDrawer
from demo.draw_names import MailBook
from demo.draw_organisation import OrganisationDrawer, StaffDrawer
from demo.roll_dice import DAY, Dice, Numbers, Period
from demo.stories import tell_stories
from demo.tell_contracts import ContractTeller
from demo.tell_problems import ProblemTeller
from demo.tell_purchases import PurchaseTeller
from demo.tell_visits import AttentionTeller, plan_campaigns

LEAST_CUSTOMERS = 20
USUAL_EVENTS = 20.0
ORGANISATION_SHARE = 0.1


class Tellers:
    """Everything that makes up what happens to a person."""

    def __init__(self, period: Period, scale: float) -> None:
        """`scale` 1 gives about twenty interactions a customer over three years."""
        numbers = Numbers()
        campaigns = plan_campaigns(Dice("campaigns"), period)
        self.purchases = PurchaseTeller(period, numbers, scale)
        self.contracts = ContractTeller(period, numbers, scale)
        self.problems = ProblemTeller(period, numbers, scale)
        self.attention = AttentionTeller(period, numbers, campaigns, scale)

    def tell(self, dice: Dice, person: Person) -> None:
        """Fills the person's life, and decides which sources know the person."""
        life = person.life
        self.purchases.tell(dice, person, life)
        self.contracts.tell(dice, person, life)
        self.problems.tell(dice, person, life)
        self._decide_sources(dice, person)
        self.attend(dice, person)

    def attend(self, dice: Dice, person: Person) -> None:
        """Mailings, visits, calls and dealings, for people whose sources are decided."""
        life = person.life
        if "marketing" in person.seen_by:
            self.attention.tell_mailings(dice, person, life)
        self.attention.tell_visits(dice, person, life)
        self.attention.tell_calls(dice, person, life)
        if "crm" in person.seen_by:
            self.attention.tell_dealings(dice, person, life)

    def _decide_sources(self, dice: Dice, person: Person) -> None:
        life, seen = person.life, person.seen_by
        if person.job or dice.chance(0.66):
            seen.add("crm")
        if any(not purchase.guest and not purchase.business for purchase in life.purchases):
            seen.add("shop")
        if dice.chance(0.55):
            seen.add("marketing")
        if not seen and not life.purchases and not life.contracts:
            seen.add(dice.pick(("crm", "marketing", "shop")))
        for channel, asked in (("email", 0.6), ("phone", 0.35), ("post", 0.25)):
            if dice.chance(asked):
                person.consents[channel] = dice.chance(0.78)


def make_world(
    customers: int, seed: int, profile: str, period: Period, tellers: Tellers
) -> Iterator[tuple[Unit, Dice]]:
    """Units with their dice until `customers` persons and firms exist."""
    mails = MailBook()
    left = customers
    for unit, dice in tell_stories(period, tellers.attend):
        left -= len(unit.persons) + (unit.organisation is not None)
        yield unit, dice
    firms = _draw_firms(seed, period, max(2, round(customers * ORGANISATION_SHARE)))
    staff = StaffDrawer(mails)
    households = HouseholdDrawer(period, firms, mails, profile)
    people = left - len(firms)
    for position, firm in enumerate(firms):
        dice = Dice(f"{seed}/firm/{position}")
        rest = len(firms) - position - 1
        unit = staff.draw(dice, firm, max(1, min(8, people - rest)))
        people -= len(unit.persons)
        _tell_unit(dice, unit, tellers)
        yield unit, dice
    index = 0
    while people > 0:
        dice = Dice(f"{seed}/household/{index}")
        unit = households.draw(dice, index, people)
        if index % 500 == 499:
            _make_test_account(unit.persons[0])
        people -= len(unit.persons)
        _tell_unit(dice, unit, tellers)
        yield unit, dice
        index += 1


def _tell_unit(dice: Dice, unit: Unit, tellers: Tellers) -> None:
    for person in unit.persons:
        tellers.tell(dice, person)


def _draw_firms(seed: int, period: Period, count: int) -> list[Organisation]:
    drawer = OrganisationDrawer(period)
    return [drawer.draw(Dice(f"{seed}/organisation/{index}"), index) for index in range(count)]


def _make_test_account(person: Person) -> None:
    """Staff trying out the shop: the junk every real database holds."""
    person.given, person.family, person.nickname = "Test", "Test", ""
    person.mails[0].value = "test@test.com"
    person.mails = person.mails[:1]
    person.mobiles = person.mobiles[:1]
    person.mobiles[0].value = f"+{person.locale.dial}000000000"
    person.tags.add("test_account")
    person.since = max(person.since, 30 * DAY)
