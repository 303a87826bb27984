"""The card of money: what was ordered, refunded, paid and is still to be paid, per currency."""

from __future__ import annotations

from typing import Any

from regard.views.card_shape import Card, Made
from regard.views.show_scene import Scene, money_text


def make_money(scene: Scene) -> Made | None:
    """One line per kind of money and currency; None for a role that does not see amounts."""
    if not scene.redactor.policy.shows("interaction.amount"):
        return None
    figures = scene.data.figures
    items: list[dict[str, Any]] = []
    for currency, money in sorted(figures.orders.by_currency.items()):
        items.append(_item(scene, "Ordered", money.ordered, currency))
        if money.refunded:
            items.append(_item(scene, "Refunded", money.refunded, currency, tone="warn"))
    items += [_item(scene, "Paid", m, c) for c, m in sorted(figures.payments.by_currency.items())]
    for currency, minor in sorted(figures.invoices.unpaid_by_currency.items()):
        items.append(_item(scene, "To be paid", minor, currency, tone="warn"))
    return Made({"items": items}, empty=None if items else "No money has moved")


def _item(scene: Scene, label: str, minor: int, currency: str, tone: str = "neutral") -> dict[str, Any]:
    value = scene.redactor.text("interaction.amount", money_text(minor, currency))
    return {"label": label, "value": value, "hint": None, "tone": tone}


CARD = Card("money", "metric", "Money", make_money, frozenset({"indicators", "timeline", "identity"}))
