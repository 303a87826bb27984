"""The card that lays the values of each field side by side, one column per source."""

from __future__ import annotations

from typing import Any

from regard.views.card_shape import Card, Made
from regard.views.customer_data import GoldenValue
from regard.views.show_scene import Scene

_ROWS, _SOURCES = 12, 6


def make_field_sources(scene: Scene) -> Made | None:
    """Fields on which sources differ come first."""
    decide = scene.redactor.policy.decide
    golden = {f: g for f, g in scene.data.golden.items() if decide(f).action != "hide"}
    slugs = sorted(
        {g.source for g in golden.values()} | {o.source for g in golden.values() for o in g.others}
    )
    slugs = slugs[:_SOURCES]
    ordered = sorted(golden, key=lambda field: (not conflicting(golden[field]), field))
    rows: list[dict[str, Any]] = []
    for field in ordered[:_ROWS]:
        cells = [decide(field).rule.label, *(_cell(scene, field, golden[field], slug) for slug in slugs)]
        rows.append({"id": field, "cells": cells})
    columns = [{"id": "field", "label": "Field", "align": "left"}]
    columns += [{"id": slug, "label": scene.titles.title(slug), "align": "left"} for slug in slugs]
    empty = None if rows else "Nothing is known yet"
    return Made({"columns": columns, "rows": rows}, frozenset(slugs), len(golden), empty)


def conflicting(value: GoldenValue) -> bool:
    """Whether sources differ on the value, apart from case and spaces."""
    own = value.value.strip().casefold()
    return any(other.value.strip().casefold() != own for other in value.others)


def _cell(scene: Scene, field: str, golden: GoldenValue, source: str) -> str | None:
    stated = [golden.value] if golden.source == source else []
    stated += [other.value for other in golden.others if other.source == source]
    if not stated:
        return None
    text = scene.redactor.text(field, stated[0])
    more = f" (+{len(stated) - 1})" if len(stated) > 1 else ""
    return (text or "held") + more


CARD = Card(
    "field_sources", "table", "Fields by source", make_field_sources, frozenset({"record", "identity"})
)
