"""The card of visits to the web site and answers to campaigns."""

from __future__ import annotations

from typing import Any

from regard.views.card_shape import Card, Made
from regard.views.show_scene import Scene, ago


def make_web(scene: Scene) -> Made | None:
    """Counts only; None for a role that does not see visits."""
    if "page_view" not in scene.redactor.policy.types:
        return None
    web, campaigns = scene.data.figures.web, scene.data.figures.campaigns
    items: list[dict[str, Any]] = []
    if web.pages or web.last_at:
        hint = f"last {ago(web.last_at, scene.now)}" if web.last_at else None
        items.append({"label": "Pages viewed", "value": str(web.pages), "hint": hint, "tone": "neutral"})
    if campaigns.sent and "campaign" in scene.redactor.policy.types:
        hint = f"opened {campaigns.opened}, clicked {campaigns.clicked}"
        items.append({"label": "Mails sent", "value": str(campaigns.sent), "hint": hint, "tone": "neutral"})
    return Made({"items": items}, empty=None if items else "No visits")


CARD = Card("web", "metric", "Web and campaigns", make_web, frozenset({"indicators", "timeline", "identity"}))
