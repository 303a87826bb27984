"""Composes the detail of one interaction: every field the role may see, and its order or ticket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from regard.views.compose_timeline import compose_entry
from regard.views.customer_data import EntryFields, RawEntry
from regard.views.redact_values import Redactor
from regard.views.show_scene import money_text

_TEXT_FIELDS = tuple(field for field in EntryFields.__struct_fields__ if field != "lines")


def compose_entry_detail(redactor: Redactor, entry: RawEntry, children: Sequence[RawEntry]) -> dict[str, Any]:
    """The entry, its fields as values, and its fellows of the same order or ticket."""
    return {
        "entry": compose_entry(redactor, entry),
        "rows": _rows(redactor, entry),
        "children": [compose_entry(redactor, child) for child in children],
    }


def _rows(redactor: Redactor, entry: RawEntry) -> list[dict[str, Any]]:
    fields = entry.fields or EntryFields()
    stated: list[tuple[str, object]] = [("number", redactor.number_of(entry)), ("status", entry.status)]
    stated.append(("amount", money_text(entry.amount_minor, entry.currency)))
    stated += [(name, getattr(fields, name)) for name in _TEXT_FIELDS]
    rows = [
        redactor.entry_value(entry, name, _plain(value))
        for name, value in stated
        if value not in (None, "", [], {})
    ]
    rows += [redactor.entry_value(entry, "lines", text) for text in _lines(fields.lines, entry.currency)]
    return [row for row in rows if row is not None]


def _lines(lines: object, currency: str | None) -> list[str]:
    """The lines of an order as texts; what is no line is left out."""
    if not isinstance(lines, list):
        return []
    texts = []
    for line in lines[:100]:
        if isinstance(line, dict):
            quantity, title = line.get("quantity"), line.get("title") or line.get("sku")
            amount = f", {line['amount']} {currency or ''}".rstrip() if line.get("amount") is not None else ""
            texts.append(f"{quantity} × {title}{amount}" if quantity else f"{title}{amount}")
    return texts


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
