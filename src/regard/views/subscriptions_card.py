"""The card of subscriptions, the running ones first."""

from __future__ import annotations

from regard.views.card_shape import Card, Made, list_entries
from regard.views.show_scene import Scene


def make_subscriptions(scene: Scene) -> Made | None:
    """Three rows and the total; None for a role that does not see this type."""
    if "subscription" not in scene.redactor.policy.types:
        return None
    entries = sorted(scene.entries("subscription"), key=lambda e: e.status == "cancelled")
    return list_entries(scene, entries, "No subscriptions", None)


CARD = Card(
    "subscriptions",
    "list",
    "Subscriptions",
    make_subscriptions,
    frozenset({"timeline", "identity"}),
    types=("subscription",),
)
