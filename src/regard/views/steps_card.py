"""The card of what the role can do with the customer, and why not what it cannot."""

from __future__ import annotations

from regard.views.card_shape import Card, Made
from regard.views.show_scene import Scene


def make_steps(scene: Scene) -> Made | None:
    """Merge, split, export: enabled or with the reason."""
    merge, export = scene.role.may("merge"), scene.role.may("export")
    several = len(scene.data.records) > 1
    refused = f"The role “{scene.role.title}” may not do this"
    split_reason = refused if not merge else None if several else "There is only one record"
    items = [
        {
            "id": "merge",
            "label": "Merge with another customer",
            "enabled": merge,
            "reason": None if merge else refused,
        },
        {"id": "split", "label": "Detach records", "enabled": merge and several, "reason": split_reason},
        {
            "id": "export",
            "label": "Export what is held",
            "enabled": export,
            "reason": None if export else refused,
        },
    ]
    return Made({"items": items})


CARD = Card("steps", "actions", "Steps", make_steps, frozenset({"identity"}))
