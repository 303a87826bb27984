"""The card of the source records behind the customer."""

from __future__ import annotations

from regard.kit.tell_dates import tell_day
from regard.views.card_shape import Card, Made
from regard.views.show_scene import Scene

_ROWS = 12
_COLUMNS = [
    {"id": "source", "label": "Source", "align": "left"},
    {"id": "stream", "label": "Kind of record", "align": "left"},
    {"id": "external_id", "label": "Id there", "align": "left"},
    {"id": "first_seen", "label": "First seen", "align": "left"},
    {"id": "last_seen", "label": "Last seen", "align": "left"},
]


def make_records(scene: Scene) -> Made | None:
    """The oldest records first, for the oldest gives the customer its id."""
    records = scene.data.records
    rows = [
        {
            "id": record.id,
            "cells": [
                scene.titles.title(record.source),
                record.stream,
                scene.redactor.text("external_id", record.external_id),
                tell_day(record.first_seen) if record.first_seen.year < 9999 else None,
                tell_day(record.last_seen),
            ],
        }
        for record in records[:_ROWS]
    ]
    sources = frozenset(record.source for record in records)
    return Made({"columns": _COLUMNS, "rows": rows}, sources, len(records))


CARD = Card("records", "table", "Source records", make_records, frozenset({"record", "identity"}))
