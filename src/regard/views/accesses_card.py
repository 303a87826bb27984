"""The card of who looked at the customer in the last 30 days."""

from __future__ import annotations

from regard.views.card_shape import ROWS, Card, Made, rows_made
from regard.views.show_scene import Scene


def make_accesses(scene: Scene) -> Made | None:
    """The newest first; None for a role that may not read the audit."""
    if not scene.role.may("audit"):
        return None
    accesses = scene.data.accesses
    rows = [
        {
            "id": f"access-{number}",
            "title": scene.redactor.text("access.username", access.username),
            "detail": f"{access.role.replace('_', ' ')}, {access.action.replace('_', ' ')}",
            "amount": None,
            "status": None,
            "tone": "neutral",
            "at": access.at,
            "source": None,
            "source_title": None,
        }
        for number, access in enumerate(accesses[: ROWS * 2])
    ]
    total = accesses[0].total if accesses else None
    return rows_made(rows, frozenset(), "Nobody has looked in the last 30 days", total)


CARD = Card(
    "accesses", "list", "Who looked", make_accesses, frozenset({"record"}), needs=frozenset({"accesses"})
)
