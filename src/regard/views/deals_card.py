"""The card of deals, the open ones first."""

from __future__ import annotations

from regard.views.card_shape import Card, Made, list_entries
from regard.views.show_scene import Scene


def make_deals(scene: Scene) -> Made | None:
    """Three rows and the total; None for a role that does not see this type."""
    if "deal" not in scene.redactor.policy.types:
        return None
    entries = sorted(scene.entries("deal"), key=lambda e: e.status in ("won", "lost"))
    return list_entries(scene, entries, "No deals", None)


CARD = Card("deals", "list", "Deals", make_deals, frozenset({"timeline", "identity"}), types=("deal",))
