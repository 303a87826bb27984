"""Subscriptions, their invoices, and the payments that fail."""

from demo.describe_world import Bill, Contract, Life, Person
from demo.pools.list_products import PLANS, Plan
from demo.roll_dice import DAY, HOUR, Dice, Numbers, Period
from demo.tell_purchases import format_day, local_price

MONTH = 30 * DAY + 10 * HOUR
TERM = 14 * DAY
"""Days an invoice may stay open before it is overdue."""


class ContractTeller:
    """Makes up the subscriptions of one person after the other."""

    def __init__(self, period: Period, numbers: Numbers, scale: float) -> None:
        """`scale` stretches how many people subscribe."""
        self._period = period
        self._numbers = numbers
        self._scale = scale

    def tell(self, dice: Dice, person: Person, life: Life) -> None:
        """Adds private subscriptions, and the firm's when the person buys for it."""
        if person.private and dice.chance(min(0.95, 0.2 * self._scale)):
            life.contracts.append(self._contract(dice, person, business=False))
        if (
            person.job
            and person.job.buys
            and not person.private
            and dice.chance(min(0.95, 0.7 * self._scale))
        ):
            life.contracts.append(self._contract(dice, person, business=True))

    def _contract(self, dice: Dice, person: Person, *, business: bool) -> Contract:
        plans = [plan for plan in PLANS if plan.office == business]
        plan = dice.choices(plans, [plan.weight for plan in plans])[0]
        earliest = max(person.since, self._period.now - 16 * MONTH)
        since = self._period.by_day(dice, dice.between(earliest, self._period.now), person.locale.utc_offset)
        return self.open_contract(dice, person, plan, since, business=business)

    def open_contract(
        self, dice: Dice, person: Person, plan: Plan, since: int, *, business: bool
    ) -> Contract:
        """A subscription of the plan since a moment, with all its invoices until now."""
        now = self._period.now
        cancelled = dice.chance(0.22)
        until = dice.between(since, now) if cancelled else 0
        contract = Contract(
            number=f"sub_{dice.token(14)}",
            plan=plan,
            since=since,
            until=until,
            status="cancelled" if cancelled else "active",
            currency=person.locale.currency,
            price=local_price(plan.price, person.locale),
            business=business,
            bills=[],
        )
        at = since
        while at < (until or now):
            contract.bills.append(self.write_bill(dice, contract, at))
            at += plan.months * MONTH
        if any(bill.status == "overdue" for bill in contract.bills) and not cancelled:
            contract.status = "past_due"
        return contract

    def write_bill(self, dice: Dice, contract: Contract, at: int) -> Bill:
        """An invoice: paid, open while young, overdue when the payment failed lately."""
        now = self._period.now
        month = format_day(at)[:4]
        bill = Bill(
            number=f"INV-{month}-{self._numbers.after('i' + month):04d}",
            at=at,
            due=at + TERM,
            amount=contract.price,
            status="open",
        )
        if dice.chance(0.05):
            bill.failed_at = min(at + dice.between(1, 3) * HOUR, now)
        paid_at = (bill.failed_at or at) + dice.between(1, 12) * DAY
        recently_failed = bill.failed_at and bill.failed_at > now - 50 * DAY
        if paid_at <= now and not (recently_failed and dice.chance(0.7)):
            bill.paid_at, bill.status = paid_at, "paid"
        elif bill.due < now:
            bill.status = "overdue"
        return bill
