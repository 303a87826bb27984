"""The card of invoices, the unpaid ones first."""

from __future__ import annotations

from regard.views.card_shape import Card, Made, list_entries
from regard.views.show_scene import Scene


def make_invoices(scene: Scene) -> Made | None:
    """Three rows and the total; None for a role that does not see this type."""
    if "invoice" not in scene.redactor.policy.types:
        return None
    entries = sorted(scene.entries("invoice"), key=lambda e: e.status not in ("open", "overdue"))
    return list_entries(scene, entries, "No invoices", None)


CARD = Card(
    "invoices", "list", "Invoices", make_invoices, frozenset({"timeline", "identity"}), types=("invoice",)
)
