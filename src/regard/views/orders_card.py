"""The card of the last orders."""

from __future__ import annotations

from regard.views.card_shape import Card, Made, list_entries
from regard.views.show_scene import Scene


def make_orders(scene: Scene) -> Made | None:
    """Three rows and the total; None for a role that does not see this type."""
    if "order" not in scene.redactor.policy.types:
        return None
    entries = scene.entries("order")
    return list_entries(scene, entries, "No orders", scene.data.figures.orders.count or None)


CARD = Card("orders", "list", "Orders", make_orders, frozenset({"timeline", "identity"}), types=("order",))
