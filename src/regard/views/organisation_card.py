"""The card of the organisation a person works at."""

from __future__ import annotations

from regard.views.card_shape import Card, Made
from regard.views.show_scene import Scene


def make_organisation(scene: Scene) -> Made | None:
    """The organisation, with a way to it; None for organisations themselves."""
    if scene.data.kind != "person" or not scene.redactor.policy.shows("organisation"):
        return None
    stated = scene.data.golden.get("organisation")
    linked = scene.data.organisation
    name = linked[1] if linked and linked[1] else stated.value if stated else None
    if name is None:
        return Made({"rows": []}, empty="No organisation")
    title = scene.data.golden.get("job_title")
    source = stated.source if stated else None
    row = {
        "id": linked[0] if linked else "organisation",
        "title": scene.redactor.text("organisation", name),
        "detail": scene.redactor.text("job_title", title.value) if title else None,
        "amount": None,
        "status": None,
        "tone": "neutral",
        "at": stated.at if stated else None,
        "source": source,
        "source_title": scene.titles.title(source) if source else None,
    }
    if linked:
        row["customer"] = linked[0]
    return Made({"rows": [row]}, frozenset({source} if source else ()))


CARD = Card(
    "organisation", "list", "Organisation", make_organisation, frozenset({"record", "identity", "ties"})
)
