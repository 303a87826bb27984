"""The card of the requests for help, the open ones first."""

from __future__ import annotations

from regard.views.card_shape import Card, Made, list_entries
from regard.views.show_scene import Scene


def make_tickets(scene: Scene) -> Made | None:
    """Three rows and the total; None for a role that does not see this type."""
    if "ticket" not in scene.redactor.policy.types:
        return None
    entries = sorted(scene.entries("ticket"), key=lambda e: e.status not in ("open", "pending"))
    return list_entries(scene, entries, "No tickets", scene.data.figures.tickets.total)


CARD = Card(
    "tickets", "list", "Tickets", make_tickets, frozenset({"timeline", "identity"}), types=("ticket",)
)
