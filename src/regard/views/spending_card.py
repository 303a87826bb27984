"""The card that draws the amounts of the last orders over time."""

from __future__ import annotations

from collections import Counter

from regard.kit.money import to_text
from regard.kit.tell_dates import tell_day
from regard.views.card_shape import Card, Made
from regard.views.show_scene import Scene, money_text

_POINTS = 40


def make_spending(scene: Scene) -> Made | None:
    """One point per order in the currency used most; None for a role that does not see amounts of orders."""
    if not scene.redactor.policy.shows_entry("order", "amount"):
        return None
    orders = [
        e
        for e in scene.entries("order")
        if e.amount_minor is not None and e.currency and e.status != "cancelled" and not e.undated
    ]
    if not orders:
        return Made({"label": "Orders", "points": [], "summary": ""}, empty="No orders with an amount")
    currency = Counter(e.currency for e in orders).most_common(1)[0][0]
    drawn = [e for e in reversed(orders) if e.currency == currency][-_POINTS:]
    points = [{"at": e.at, "value": float(to_text(e.amount_minor or 0, currency or ""))} for e in drawn]
    total = money_text(sum(e.amount_minor or 0 for e in drawn), currency)
    scene.redactor.entry_text("order", "amount", total)
    summary = f"The last {len(drawn)} orders came to {total}, the first of them on {tell_day(drawn[0].at)}"
    payload = {"label": f"Orders in {currency}", "points": points, "summary": summary}
    return Made(payload, frozenset(e.source for e in drawn))


CARD = Card(
    "spending", "chart", "Spending", make_spending, frozenset({"timeline", "identity"}),
    types=("order",), entries=_POINTS,
)  # fmt: skip
