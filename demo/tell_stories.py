"""What happened to the hand-made customers of `stories.py`; times are counted back from now."""

import functools
import json
from pathlib import Path
from typing import Any

from demo.describe_world import (
    Bill,
    Call,
    Contract,
    Dealing,
    Line,
    Message,
    Person,
    Problem,
    Purchase,
    Refund,
    Touch,
)
from demo.pools.list_products import OFFICE_PRODUCTS, PLANS, PRODUCTS
from demo.roll_dice import DAY, HOUR, Dice, Period
from demo.tell_contracts import MONTH, TERM
from demo.tell_purchases import local_price
from demo.tell_visits import plan_campaigns

_PRODUCTS = {product.sku: product for product in (*PRODUCTS, *OFFICE_PRODUCTS)}
_PLANS = {plan.code: plan for plan in PLANS}
_STEPS = (("placed", 0), ("paid", 90), ("shipped", DAY), ("delivered", 3 * DAY))


def _buy(
    period: Period, person: Person, number: str, days: float, basket: str, reached: str = "delivered"
) -> Purchase:
    """An order `days` ago of `SKU x quantity, …` that has reached a status."""
    at = period.now - int(days * DAY)
    lines = []
    for item in basket.split(","):
        sku, _, quantity = item.strip().partition(" x ")
        count = int(quantity or 1)
        lines.append(Line(_PRODUCTS[sku], count, count * local_price(_PRODUCTS[sku].price, person.locale)))
    names = [name for name, _ in _STEPS]
    steps = [(at + after, name) for name, after in _STEPS[: names.index(reached) + 1]]
    purchase = Purchase(
        number=number,
        at=at,
        lines=lines,
        total=sum(line.amount for line in lines),
        currency=person.locale.currency,
        guest=False,
        business=lines[0].product in OFFICE_PRODUCTS,
        late=False,
        steps=[step for step in steps if step[0] <= period.now],
    )
    person.life.purchases.append(purchase)
    return purchase


def _subscribe(
    period: Period, person: Person, plan: str, number: int, months: int, unpaid: int = 0
) -> Contract:
    """A subscription for `months`; the card failed for the last `unpaid` invoices."""
    offer = _PLANS[plan]
    contract = Contract(
        number=f"sub_story{number:04d}",
        plan=offer,
        since=period.now - months * MONTH - 20 * DAY,
        until=0,
        status="past_due" if unpaid else "active",
        currency=person.locale.currency,
        price=local_price(offer.price, person.locale),
        business=offer.office,
        bills=[],
        billing_id=f"cus_story{number:04d}",
    )
    count = months // offer.months + 1
    for position in range(count):
        at = contract.since + position * offer.months * MONTH
        bill = Bill(f"INV-{number}-{position + 1:03d}", at, at + TERM, contract.price, "paid", at + 2 * HOUR)
        if position >= count - unpaid:
            bill.status, bill.paid_at, bill.failed_at = "overdue", 0, at + 2 * HOUR
        contract.bills.append(bill)
    person.life.contracts.append(contract)
    return contract


def _write(period: Period, person: Person, number: str) -> None:
    """The ticket of that number from `pools/story_tickets.json`; messages are (days ago, in or out, text)."""
    ticket = _read_tickets()[number]
    messages = [
        Message(period.now - int(days * DAY), way == "in", text) for days, way, text in ticket["messages"]
    ]
    person.life.problems.append(
        Problem(
            number=number,
            at=messages[0].at,
            title=ticket["title"],
            subject=ticket["subject"],
            status=ticket["status"],
            channel="email",
            business=False,
            order=ticket["order"],
            messages=messages,
            changed_at=messages[-1].at,
        )
    )


@functools.cache
def _read_tickets() -> dict[str, Any]:
    path = Path(__file__).parent / "pools" / "story_tickets.json"
    tickets: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return tickets


def tell_anne(period: Period, dice: Dice, anne: Person) -> None:
    """A late order with an open ticket, an overdue invoice, and her firm's coffee."""
    _buy(period, anne, "FH-200102", 402, "BEA-SET4, ACC-CUP2")
    machine = _buy(period, anne, "FH-200311", 96, "ESP-LINA, CLN-DESC x 2")
    machine.rating, machine.review = 5, "Best coffee I have had at home."
    machine.reviewed_at = period.now - 88 * DAY
    _buy(period, anne, "FH-200398", 40, "BEA-ETH-250 x 2, CLN-FILTER")
    late = _buy(period, anne, "FH-200417", 9, "GRD-MOLE, BEA-HOUSE-1000", reached="shipped")
    late.late = True
    _buy(period, anne, "FH-200433", 5, "B2B-BEA-6 x 2, B2B-MILK")
    _subscribe(period, anne, "bean-club-l", 200031, 7, unpaid=1)
    _subscribe(period, anne, "office-50", 200044, 11)
    _write(period, anne, "690417")
    _write(period, anne, "690398")
    anne.life.calls.append(
        Call(
            at=period.now - 5 * HOUR,
            inbound=True,
            seconds=0,
            answered=False,
            hidden=False,
            business=False,
            about="Where is my order FH-200417?",
        )
    )
    anne.life.dealings += [
        Dealing("deal", "D-200044", period.now - 26 * DAY, "Second floor machine, Harbour Studios",
                status="open", amount=1260000),
        Dealing("meeting", "A-200045", period.now - 12 * DAY, "Tasting on site",
                "Anne and six colleagues preferred the Huila. Wants service included."),
    ]  # fmt: skip


def tell_father_and_son(period: Period, dice: Dice, father: Person, son: Person) -> None:
    """The father brews filter coffee, the son espresso; both pay their own way."""
    _buy(period, father, "FH-200120", 350, "FLT-ALBA, ACC-PAPER x 2")
    _buy(period, father, "FH-200371", 58, "BEA-HOUSE-1000 x 2")
    _buy(period, son, "FH-200205", 210, "ESP-LINA-D, ACC-TAMP")
    _buy(period, son, "FH-200405", 21, "BEA-BRA-1000 x 3")
    _subscribe(period, father, "bean-club-s", 200051, 5)
    _subscribe(period, son, "care-home", 200052, 6)
    _write(period, father, "690371")


def tell_twins(period: Period, dice: Dice, zofia: Person, zuzanna: Person) -> None:
    """Same flat, same birthday, different taste."""
    _buy(period, zofia, "FH-200188", 240, "FLT-V1, ACC-KETTLE, BEA-KEN-250")
    _buy(period, zofia, "FH-200424", 6, "BEA-KEN-250 x 2")
    _buy(period, zuzanna, "FH-200260", 150, "FLT-MOKA3, BEA-DECAF-250")
    _buy(period, zuzanna, "FH-200440", 1.2, "ACC-TRAVEL, BEA-DECAF-250", reached="paid")
    _subscribe(period, zofia, "bean-club-s", 200061, 8)


def tell_rafael(period: Period, dice: Dice, rafael: Person) -> None:
    """Buys for nine hotels; a large deal is open, the last order on its way."""
    _buy(period, rafael, "FH-200150", 300, "B2B-ORSO-XL, B2B-CUPS x 4")
    _buy(period, rafael, "FH-200290", 120, "B2B-BEA-12 x 4")
    _buy(period, rafael, "FH-200380", 52, "B2B-BEA-12 x 4, B2B-CARE")
    _buy(period, rafael, "FH-200436", 3, "B2B-BEA-12 x 6, B2B-MILK x 2", reached="shipped")
    _subscribe(period, rafael, "office-50", 200071, 14)
    rafael.life.dealings += [
        Dealing("deal", "D-200071", period.now - 18 * DAY, "Nine breakfast bars, Atlântico Hotéis",
                status="open", amount=18400000),
        Dealing("note", "A-200072", period.now - 17 * DAY, "Call note",
                "Decides in spring. Repair times matter more than the price."),
    ]  # fmt: skip


def tell_joerg(period: Period, dice: Dice, joerg: Person) -> None:
    """A grinder that broke, came back and was refunded."""
    _buy(period, joerg, "FH-200133", 330, "BEA-COL-250 x 2")
    broken = _buy(period, joerg, "FH-200362", 66, "GRD-MOLEPRO, BEA-COL-250")
    back = period.now - 55 * DAY
    broken.refund = Refund(back, broken.lines[0].amount, "defective")
    broken.steps.append((back - 6 * HOUR, "returned"))
    broken.rating, broken.review, broken.reviewed_at = 2, "Stopped working after a few days.", back + DAY
    _write(period, joerg, "690362")


def tell_destiny(period: Period, dice: Dice, destiny: Person) -> None:
    """Old name and mail in the old records, new ones in the new; left the newsletter."""
    _buy(period, destiny, "FH-200099", 410, "FLT-PRESS, BEA-SET4")
    _buy(period, destiny, "FH-200345", 75, "FLT-COLD, BEA-ETH-250 x 2")
    _subscribe(period, destiny, "bean-club-s", 200081, 4)
    campaign = plan_campaigns(Dice("campaigns"), period)[-12]
    destiny.life.touches.append(
        Touch(campaign, campaign.at, campaign.at + HOUR, unsubscribed=campaign.at + HOUR + 60)
    )
