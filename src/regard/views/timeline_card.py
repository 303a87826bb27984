"""The card that stands where the timeline is drawn; its entries come beside the cards."""

from __future__ import annotations

from regard.views.card_shape import Card, Made
from regard.views.show_scene import Scene


def make_timeline(scene: Scene) -> Made | None:
    """A place only."""
    return Made({})


CARD = Card("timeline", "timeline", "Timeline", make_timeline, frozenset({"timeline", "identity"}))
