"""Composes what rows of an import became, and some of them beside the customers of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from regard.quality.judge_values import JUDGED, judge_value
from regard.views.record_lens import RecordLens

Json = dict[str, Any]
Verdict = Literal["same", "different", "missing"]


@dataclass(frozen=True, slots=True)
class BecameRow:
    """A row that was taken, and the records or interactions that it became."""

    row: int
    outcome: str
    objects: Sequence[UUID]
    taken_back: bool


@dataclass(frozen=True, slots=True)
class TodayValue:
    """A value as it stands today, and where it is from; `all` are all that sources state."""

    value: str
    source: str
    at: datetime | None
    all: Sequence[str]


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """What a row says (field -> texts) and what stands today; `type` is that of an interaction."""

    row: int
    said: Mapping[str, Sequence[str]]
    type: str | None
    customer_id: UUID | None
    name: str | None
    today: Mapping[str, TodayValue]


def compose_became(
    lens: RecordLens, rows: Sequence[BecameRow], owners: Sequence[asyncpg.Record]
) -> list[Json]:
    """The rows with what they became, as far as it has come to the screens."""
    by_id = {owner["object_id"]: owner for owner in owners}
    return [
        {
            "row": one.row,
            "outcome": one.outcome,
            "taken_back": one.taken_back,
            "became": [_became(lens, by_id[found]) for found in one.objects if found in by_id],
        }
        for one in rows
    ]


def _became(lens: RecordLens, owner: asyncpg.Record) -> Json:
    type_ = owner["type"]
    shown = "external_id" if type_ is None else "number"
    return {
        "what": type_ or "record",
        "id": lens.value(type_, shown, owner["external_id"]),
        "at": owner["occurred_at"].isoformat() if owner["occurred_at"] else None,
        "customer": lens.customer(owner["customer_id"], owner["name"]),
    }


def compose_comparison_rows(lens: RecordLens, rows: Sequence[ComparedRow], country: str, today: date) -> Json:
    """Old against new: each row beside what stands today, and the totals of each field."""
    totals: dict[str, dict[str, int]] = {}
    labels: dict[str, str] = {}
    shown: list[Json] = []
    for row in rows:
        fields = []
        for name in row.said:
            if lens.hides(row.type, name):
                continue
            compared = _compare(lens, row, name, country, today)
            total = totals.setdefault(name, {"same": 0, "different": 0, "missing": 0})
            total[compared["verdict"]] += 1
            labels[name] = compared["label"]
            fields.append(compared)
        customer = lens.customer(row.customer_id, row.name)
        there = row.customer_id is not None or bool(row.today)
        shown.append({"row": row.row, "there": there, "customer": customer, "fields": fields})
    told = [{"field": name, "label": labels[name], **total} for name, total in totals.items()]
    return {"rows": shown, "totals": told}


def _compare(lens: RecordLens, row: ComparedRow, name: str, country: str, today: date) -> Json:
    now = row.today.get(name)
    return {
        "field": name,
        "label": lens.label(row.type, name),
        "said": [text for one in row.said[name] if (text := lens.value(row.type, name, one))],
        "now": lens.value(row.type, name, now.value) if now else None,
        "source": now.source if now else None,
        "source_title": lens.titles.title(now.source) if now else None,
        "at": now.at.isoformat() if now and now.at else None,
        "verdict": verdict_on(name, row.said[name], now, country, today),
    }


def verdict_on(name: str, said: Sequence[str], now: TodayValue | None, country: str, today: date) -> Verdict:
    """Whether what a row says stands today. Of fields with several values all must be kept somewhere."""
    if now is None:
        return "missing"
    standing = [now.value] if len(said) == 1 and len(now.all) <= 1 else [now.value, *now.all]
    kept = {_meaning(name, one, country, today) for one in standing}
    return "same" if all(_meaning(name, one, country, today) in kept for one in said) else "different"


def _meaning(name: str, value: str, country: str, today: date) -> str:
    """The value as it is best written, so that two ways to write one number are the same."""
    best = judge_value(name, value, country, today).value if name in JUDGED else value
    return " ".join(best.split()).casefold()
