"""Composes the records behind one figure of a scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from regard.quality.judge_values import judge_fields
from regard.quality.value_verdict import REASONS, Judged
from regard.records.fold_record import SourceRecord
from regard.views.record_lens import RecordLens

Json = dict[str, Any]
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Flagged:
    """Which figure: `flag` is field:verdict or field:verdict:reason; `country` is that of the source."""

    source: str
    flag: str
    country: str
    following: UUID | None

    @property
    def field(self) -> str:
        """The field that the figure is about."""
        return self.flag.partition(":")[0]


def compose_flagged(
    lens: RecordLens, flagged: Flagged, records: Sequence[SourceRecord], owners: Sequence[asyncpg.Record]
) -> Json:
    """Each record with its customer and the values that were judged so, as the role may see them."""
    by_id = {owner["object_id"]: owner for owner in owners}
    reason = flagged.flag.split(":", 2)[2] if flagged.flag.count(":") == 2 else None
    hidden = lens.hides(None, flagged.field)
    return {
        "field": flagged.field,
        "label": lens.label(None, flagged.field),
        "reason": reason,
        "detail": REASONS.get(reason) if reason else None,
        "records": [
            _record(lens, flagged, record, by_id.get(record.record_id), hidden=hidden) for record in records
        ],
        "next": str(flagged.following) if flagged.following else None,
    }


def _record(
    lens: RecordLens, flagged: Flagged, record: SourceRecord, owner: asyncpg.Record | None, *, hidden: bool
) -> Json:
    judged = [] if hidden else _judged(flagged, record)
    return {
        "stream": record.key.stream,
        "id": lens.value(None, "external_id", record.key.external_id),
        "customer": lens.customer(owner["customer_id"], owner["name"]) if owner else None,
        "values": [
            {
                "value": lens.value(None, one.field, one.raw),
                "suggestion": lens.value(None, one.field, _better(one)),
            }
            for one in judged
        ],
    }


def _judged(flagged: Flagged, record: SourceRecord) -> list[Judged]:
    """The values of the field that have the verdict and reason of the figure."""
    seen = max(record.last_seen.date(), _EARLIEST)
    named = flagged.flag.split(":")
    return [
        one
        for one in judge_fields(record.effective_fields(), flagged.country, seen)
        if [one.field, one.verdict, one.reason][: len(named)] == named
    ]


def _better(one: Judged) -> str | None:
    return one.suggestion or (one.value if one.verdict == "fixed" else None)
