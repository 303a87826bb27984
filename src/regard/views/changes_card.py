"""The card of what became of the customer: merged, split, joined by records."""

from __future__ import annotations

from regard.views.card_shape import ROWS, Card, Made, rows_made
from regard.views.show_scene import Scene
from regard.views.tell_history import what_happened, why_it_happened


def make_changes(scene: Scene) -> Made | None:
    """The newest first; that a record was first seen stands on other cards."""
    mine = scene.data.record_ids
    changes = [change for change in scene.data.changes if change.kind != "created"]
    rows = [
        {
            "id": str(change.change_id),
            "title": what_happened(scene.redactor, change, mine),
            "detail": why_it_happened(scene.redactor, change, {}) or None,
            "amount": None,
            "status": None,
            "tone": "neutral",
            "at": change.at,
            "source": None,
            "source_title": None,
        }
        for change in changes[:ROWS]
    ]
    return rows_made(rows, frozenset(), "The records have not changed hands", len(changes))


CARD = Card(
    "changes",
    "list",
    "Merges and splits",
    make_changes,
    frozenset({"identity"}),
    needs=frozenset({"changes"}),
)
