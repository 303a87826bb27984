"""Composes what other weights would make of customers: both sides of each difference, redacted."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from regard.records.fold_record import SourceRecord
from regard.views.compose_identity import record_values
from regard.views.read_model_differences import RawDifference, RawDifferences, shown_records
from regard.views.redact_values import Redactor


def compose_model_differences(redactor: Redactor, found: RawDifferences) -> dict[str, Any]:
    """A page as the screen takes it; `compared_at` null: nobody has compared these weights yet."""
    return {
        "compared_at": found.at,
        "against": found.against,
        "counts": found.counts,
        "differences": [_difference(redactor, found, one) for one in found.page],
        "next": found.following,
    }


def _difference(redactor: Redactor, found: RawDifferences, one: RawDifference) -> dict[str, Any]:
    sizes_before, sizes_after = Counter(one.came.values()), Counter(one.went.values())
    records = [_record(redactor, found, one, record) for record in shown_records(one)]
    return {
        "number": one.number,
        "kind": one.kind,
        "words": _words(one),
        "before": [_customer(redactor, found, customer, sizes_before[customer]) for customer in one.before],
        "after": [
            _customer(redactor, found, customer, sizes_after[customer])
            | {"shown": [record for record in records if record["then"] == str(customer)]}
            for customer in one.after
        ],
    }


def _words(one: RawDifference) -> str:
    before, after = len(one.before), len(one.after)
    if one.kind == "merged":
        return f"{before} customers would become one."
    if one.kind == "split":
        return f"One customer would become {after}."
    return f"Records would pass between customers: {before} now, {after} then."


def _customer(redactor: Redactor, found: RawDifferences, customer: UUID, records: int) -> dict[str, Any]:
    """A customer by its name today; one that is none today has the name of its oldest record."""
    name = found.names.get(customer)
    if name is None:
        name = _name_of(found.records.get(customer))
    shown = redactor.text("name", name) if name else "Somebody without a name"
    is_there = customer in found.names
    return {"customer": str(customer), "name": shown or "Hidden", "exists": is_there, "records": records}


def _name_of(record: SourceRecord | None) -> str:
    fields = record.effective_fields() if record else {}
    for names in (("name",), ("full_name",), ("given_name", "family_name")):
        words = [text for name in names if isinstance(text := fields.get(name), str)]
        if words:
            return " ".join(words)
    return ""


def _record(redactor: Redactor, found: RawDifferences, one: RawDifference, record_id: UUID) -> dict[str, Any]:
    record = found.records.get(record_id)
    source = record.key.source if record else ""
    external_id = redactor.text("external_id", record.key.external_id) if record else None
    return {
        "record": str(record_id),
        "source": source,
        "source_title": redactor.titles.title(source) if record else "",
        "external_id": external_id or "",
        "now": str(one.came[record_id]),
        "then": str(one.went[record_id]),
        "values": record_values(redactor, record),
    }
