"""The card of the last notes."""

from __future__ import annotations

from regard.views.card_shape import Card, Made, list_entries
from regard.views.show_scene import Scene


def make_notes(scene: Scene) -> Made | None:
    """Three rows and the total; None for a role that does not see this type."""
    if "note" not in scene.redactor.policy.types:
        return None
    entries = scene.entries("note")
    return list_entries(scene, entries, "No notes", None)


CARD = Card("notes", "list", "Notes", make_notes, frozenset({"timeline", "identity"}), types=("note",))
