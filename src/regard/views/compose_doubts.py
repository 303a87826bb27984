"""Composes the steward's queue: two records side by side, what speaks for one customer and what against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from regard.identity.match_model import probability
from regard.views.compose_identity import compose_pair, record_values
from regard.views.read_doubts import RawDoubt, RawSide
from regard.views.redact_values import Redactor

_WHY = {
    "torn": "These two agree, but the records around them do not fit together, so they were left apart.",
    "near_miss": "These two nearly agree; a little more and they would have been joined.",
    "weak_join": "These are one customer now, and nothing stronger than this holds them together.",
}


def compose_doubts(redactor: Redactor, doubts: Sequence[RawDoubt], waiting: int) -> dict[str, Any]:
    """The queue as the screen takes it; `waiting` is how many there are in all."""
    return {"doubts": [_doubt(redactor, doubt) for doubt in doubts], "waiting": waiting}


def _doubt(redactor: Redactor, doubt: RawDoubt) -> dict[str, Any]:
    pair = compose_pair(redactor, doubt.pair)
    return {
        "left": _side(redactor, doubt.left),
        "right": _side(redactor, doubt.right),
        "together": doubt.together,
        "reason": doubt.reason,
        "why": _WHY.get(doubt.reason, ""),
        "probability": round(probability(doubt.pair.bits), 4),
        **pair,
    }


def _side(redactor: Redactor, side: RawSide) -> dict[str, Any]:
    record = side.record
    name = redactor.text("name", side.name) if side.name else "Somebody without a name"
    return {
        "record": str(record.record_id),
        "source": record.key.source,
        "source_title": redactor.titles.title(record.key.source),
        "stream": record.key.stream,
        "external_id": redactor.text("external_id", record.key.external_id) or "",
        "customer": str(side.customer_id),
        "name": name or "Hidden",
        "records": side.records,
        "entries": side.entries,
        "values": record_values(redactor, record),
    }
