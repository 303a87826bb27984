"""The card that lists what the sources say of each field: every different value with those who state it."""

from __future__ import annotations

from typing import Any

from regard.views.card_shape import Card, Made
from regard.views.customer_data import GoldenValue
from regard.views.show_scene import Scene

_COLUMNS = [
    {"id": "field", "label": "Field", "align": "left", "grouped": True},
    {"id": "value", "label": "Value", "align": "left"},
    {"id": "sources", "label": "Stated by", "align": "left"},
]


def make_field_sources(scene: Scene) -> Made | None:
    """Fields on which sources differ come first; of each the value that stands, then the others."""
    decide = scene.redactor.policy.decide
    golden = {f: g for f, g in scene.data.golden.items() if decide(f).action != "hide"}
    ordered = sorted(golden, key=lambda field: (not conflicting(golden[field]), field))
    rows: list[dict[str, Any]] = []
    sources: set[str] = set()
    for field in ordered:
        for place, (value, slugs) in enumerate(_stated(golden[field])):
            titles = ", ".join(sorted({scene.titles.title(slug) for slug in slugs}))
            shown = scene.redactor.text(field, value) or "held"
            rows.append({"id": f"{field}:{place}", "cells": [decide(field).rule.label, shown, titles]})
            sources |= slugs
    empty = None if rows else "Nothing is known yet"
    return Made({"columns": _COLUMNS, "rows": rows}, frozenset(sources), len(golden), empty)


def conflicting(value: GoldenValue) -> bool:
    """Whether sources differ on the value, apart from case and spaces."""
    own = value.value.strip().casefold()
    return any(other.value.strip().casefold() != own for other in value.others)


def _stated(golden: GoldenValue) -> list[tuple[str, set[str]]]:
    """Each different value, the surviving one first, with its sources; case and spaces make no difference."""
    found: dict[str, tuple[str, set[str]]] = {}
    stated = [(golden.value, golden.source), *((other.value, other.source) for other in golden.others)]
    for value, source in stated:
        found.setdefault(value.strip().casefold(), (value, set()))[1].add(source)
    return list(found.values())


CARD = Card(
    "field_sources", "table", "Fields by source", make_field_sources, frozenset({"record", "identity"})
)
