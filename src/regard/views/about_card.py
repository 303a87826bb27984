"""The card of the note that a source keeps about the customer."""

from __future__ import annotations

from regard.views.card_shape import Card, Made
from regard.views.show_scene import Scene


def make_about(scene: Scene) -> Made | None:
    """The note in clear or masked; None for a role it is hidden from."""
    note = scene.data.golden.get("note")
    if note is None or scene.redactor.policy.decide("note").action == "hide":
        return None
    text = scene.redactor.text("note", note.value)
    if text is None:
        return Made(
            {"text": ""}, frozenset({note.source}), empty="A note is held that this role does not read"
        )
    return Made({"text": text}, frozenset({note.source}))


CARD = Card("about", "text", "About", make_about, frozenset({"record", "identity"}))
