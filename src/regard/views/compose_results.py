"""Composes lines of search results, and the same lines as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from regard.views.customer_data import GoldenValue, decode_golden
from regard.views.redact_values import Redactor
from regard.views.search_customers import Found, Hit

COLUMNS = ("name", "email", "phone", "organisation", "city", "country", "tier", "owner", "customer_since")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def compose_results(redactor: Redactor, found: Found, rows: Sequence[asyncpg.Record]) -> dict[str, Any]:
    """The lines in the order of the hits, each redacted."""
    by_id = {row["customer_id"]: row for row in rows}
    lines = [_line(redactor, hit, by_id[hit.customer_id]) for hit in found.hits if hit.customer_id in by_id]
    return {"results": lines, "next": found.following, "searched": found.searched}


def compose_csv(redactor: Redactor, ids: Sequence[UUID], rows: Sequence[asyncpg.Record]) -> str:
    """One row per customer; a text that a spreadsheet would run as a formula is defused."""
    by_id = {row["customer_id"]: row for row in rows}
    decide = redactor.policy.decide
    columns = [field for field in COLUMNS if decide(field).action in ("show", "mask")]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["id", "kind", *columns])
    for customer_id in ids:
        if customer_id not in by_id:
            continue
        row = by_id[customer_id]
        golden = decode_golden(row["golden"])
        values = [redactor.text(f, golden[f].value) if f in golden else "" for f in columns]
        writer.writerow([str(customer_id), row["kind"], *(defuse(value or "") for value in values)])
    return out.getvalue()


def defuse(value: str) -> str:
    """The text with an apostrophe before it when a spreadsheet would take it for a formula."""
    return f"'{value}" if value.startswith(_STARTS_A_FORMULA) else value


def _line(redactor: Redactor, hit: Hit, row: asyncpg.Record) -> dict[str, Any]:
    golden = decode_golden(row["golden"])
    name = redactor.text("name", row["name"]) if row["name"] else "Somebody without a name"
    return {
        "id": str(hit.customer_id),
        "kind": row["kind"],
        "name": name or "Hidden",
        "subtitle": _subtitle(redactor, golden),
        "contact": _contact(redactor, golden),
        "matched": hit.matched,
    }


def _subtitle(redactor: Redactor, golden: dict[str, GoldenValue]) -> str | None:
    fields = ("job_title", "organisation", "industry", "city", "country")
    shown = [redactor.shown(f, golden[f].value) for f in fields if f in golden]
    return " · ".join(text for text in shown if text) or None


def _contact(redactor: Redactor, golden: dict[str, GoldenValue]) -> str | None:
    for field in ("email", "phone"):
        if field in golden and (text := redactor.text(field, golden[field].value)):
            return text
    return None
