"""Composes why a customer is one: its records, what joins them, what people judged, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from regard.views.changes_card import cause_words, change_sentence
from regard.views.customer_data import RawChange, RawJudgement, RawRecord
from regard.views.redact_values import Redactor

_NEVER_SEEN = 9999


def record_row(redactor: Redactor, record: RawRecord) -> dict[str, Any]:
    """A source record without its values."""
    seen = record.first_seen.year < _NEVER_SEEN
    return {
        "record": record.id,
        "source": record.source,
        "source_title": redactor.titles.title(record.source),
        "stream": record.stream,
        "external_id": redactor.text("external_id", record.external_id) or "",
        "kind": record.kind,
        "first_seen": record.first_seen if seen else None,
        "last_seen": record.last_seen,
        "entries": record.entries,
    }


def judgement_rows(redactor: Redactor, judgements: Sequence[RawJudgement]) -> list[dict[str, Any]]:
    """What people judged, the newest first."""
    return [
        {
            "id": one.id,
            "verdict": one.verdict,
            "by": one.by,
            "at": one.at,
            "reason": redactor.text("judgement.reason", one.reason) or "",
            "active": one.active,
        }
        for one in judgements
    ]


def change_rows(changes: Sequence[RawChange], customer_id: str) -> list[dict[str, Any]]:
    """Changes of membership; those of one moment and cause stand together."""
    rows: list[dict[str, Any]] = []
    for change in changes:
        what, cause = change_sentence(change, customer_id), cause_words(change.cause)
        last = rows[-1] if rows else None
        if last and (last["at"], last["what"], last["cause"]) == (change.at, what, cause):
            last["records"] += 1
        else:
            rows.append({"at": change.at, "what": what, "cause": cause, "records": 1})
    return rows
