"""The card of the people inside an organisation."""

from __future__ import annotations

from regard.views.card_shape import ROWS, Card, Made, rows_made
from regard.views.show_scene import Scene


def make_people(scene: Scene) -> Made | None:
    """The first people by name, with a way to each; None for persons."""
    if scene.data.kind != "organisation":
        return None
    people = scene.data.people
    rows = [
        {
            "id": person.id,
            "customer": person.id,
            "title": scene.redactor.text("name", person.name or "Somebody without a name"),
            "detail": scene.redactor.text("job_title", person.job_title) if person.job_title else None,
            "amount": None,
            "status": None,
            "tone": "neutral",
            "at": None,
            "source": None,
            "source_title": None,
        }
        for person in people[: ROWS * 2]
    ]
    return rows_made(rows, frozenset(), "Nobody is known there", people[0].total if people else None)


CARD = Card("people", "list", "People", make_people, frozenset({"record", "identity", "ties"}))
