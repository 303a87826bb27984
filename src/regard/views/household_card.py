"""The card of those who live in the same household: people of their own, never merged."""

from __future__ import annotations

from regard.views.card_shape import Card, Made, rows_made
from regard.views.show_scene import Scene

_ROWS = 8
_HOW = {"address": "Same family name and address", "landline": "Same family name and landline"}
# What a household is derived from: who may not see these may not see what follows from them.
_DERIVES = ("family_name", "street", "phone")


def make_household(scene: Scene) -> Made | None:
    """The others by name, with a way to each; None for organisations."""
    if scene.data.kind != "person" or not all(map(scene.redactor.policy.shows, _DERIVES)):
        return None
    rows = [
        {
            "id": other.id,
            "customer": other.id,
            "title": scene.redactor.text("name", other.name or "Somebody without a name"),
            "detail": _HOW.get(other.how),
            "amount": None,
            "status": None,
            "tone": "neutral",
            "at": None,
            "source": None,
            "source_title": None,
        }
        for other in scene.data.household[:_ROWS]
    ]
    return rows_made(rows, frozenset(), "Nobody else is known to live there", len(scene.data.household))


CARD = Card(
    "household",
    "list",
    "Household",
    make_household,
    frozenset({"record", "identity", "ties"}),
    needs=frozenset({"household"}),
)
