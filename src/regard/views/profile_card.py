"""The card of golden values: those the desktop names first, then all others the role may see."""

from __future__ import annotations

from regard.views.card_shape import Card, Made, rows_made
from regard.views.show_scene import Scene

# Parts of the display name, which stands in the header already.
_LAST = ("full_name", "name")


def make_profile(scene: Scene) -> Made | None:
    """All visible golden values; the total tells how many there are."""
    desktop, golden = scene.role.desktop, scene.data.golden
    first = [field for field in (desktop.profile if desktop else ()) if field in golden]
    rest = sorted(field for field in golden if field not in first and field not in _LAST)
    rows, sources = [], set()
    for field in [*first, *rest]:
        value = scene.redactor.golden(field, golden[field])
        if value is not None:
            rows.append(value)
            sources.add(golden[field].source)
    return rows_made(rows, frozenset(sources), "Nothing is known yet", len(rows))


CARD = Card("profile", "fields", "Profile", make_profile, frozenset({"record", "identity"}))
