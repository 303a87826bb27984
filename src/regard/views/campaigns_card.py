"""The card of the last campaign contacts."""

from __future__ import annotations

from regard.views.card_shape import Card, Made, list_entries
from regard.views.show_scene import Scene


def make_campaigns(scene: Scene) -> Made | None:
    """Three rows and the total; None for a role that does not see this type."""
    if "campaign" not in scene.redactor.policy.types:
        return None
    entries = scene.entries("campaign")
    return list_entries(scene, entries, "No campaigns", None)


CARD = Card(
    "campaigns", "list", "Campaigns", make_campaigns, frozenset({"timeline", "identity"}), types=("campaign",)
)
