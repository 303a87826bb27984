"""Tells in words what became of a customer and why, as the role may know it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from regard.views.read_changes import RawChange
from regard.views.redact_values import Redactor

_MOST_NAMES = 3


def history_rows(
    redactor: Redactor,
    changes: Sequence[RawChange],
    mine: Collection[UUID],
    reasons: Mapping[UUID, str] | None = None,
) -> list[dict[str, Any]]:
    """The changes with their words; `mine` are the customer's records, `reasons` why each belongs here."""
    return [history_row(redactor, change, mine, reasons or {}) for change in changes]


def history_row(
    redactor: Redactor, change: RawChange, mine: Collection[UUID], reasons: Mapping[UUID, str]
) -> dict[str, Any]:
    """One change: ids for machines, words for people."""
    return {
        "id": str(change.change_id),
        "at": change.at,
        "kind": change.kind,
        "before": [str(one) for one in change.before],
        "after": [str(one) for one in change.after],
        "records": [
            {"record": str(record), "from": _text(came), "to": _text(went)}
            for record, came, went in zip(change.records, change.came_from, change.went_to, strict=True)
        ],
        "cause": change.cause,
        "caused_by": [str(one) for one in change.caused_by],
        "model": change.model,
        "what": what_happened(redactor, change, mine),
        "because": why_it_happened(redactor, change, reasons),
    }


def what_happened(redactor: Redactor, change: RawChange, mine: Collection[UUID]) -> str:
    """What happened to the customer whose records are `mine`."""
    before, after = change.before, change.after
    others = [one for one in before if one not in mine] or [one for one in before if one not in after]
    if change.kind == "created":
        return f"{_names(redactor, change, after)} was first seen{_more(change)}"
    if change.kind == "joined":
        return f"{_names(redactor, change, change.records)} joined"
    if change.kind == "renamed":
        return f"Goes by {_names(redactor, change, after)} now, its oldest record"
    if change.kind == "merged":
        return f"Joined with {_names(redactor, change, others)}"
    if change.kind == "split":
        return _split(redactor, change, mine)
    if change.kind == "moved":
        apart = [one for one in (*before, *after) if one not in mine]
        return f"Records changed hands with {_names(redactor, change, apart or others)}"
    return "A record is gone"


def why_it_happened(redactor: Redactor, change: RawChange, reasons: Mapping[UUID, str]) -> str:
    """The reason in words; empty where there is nothing to say."""
    if change.cause.startswith("judgement"):
        return _judged(redactor, change)
    if change.cause == "model":
        return f"because other weights came into force ({change.model})"
    if change.cause == "rebuild":
        return "because all was read anew from the log"
    if change.cause == "country":
        return "because a source got another country"
    if change.kind == "created":
        return ""
    told = next((reasons[record] for record in change.records if reasons.get(record)), "")
    if told and change.kind in ("joined", "merged"):
        return f"because of {told[:1].lower()}{told[1:].rstrip('.')}"
    if change.caused_by:
        return f"because of what {_names(redactor, change, change.caused_by)} says"
    return "because of what the records say"


def _judged(redactor: Redactor, change: RawChange) -> str:
    by = change.judged
    if change.cause == "judgement withdrawn":
        return f"because {by.withdrawn_by if by and by.withdrawn_by else 'somebody'} took a judgement back"
    reason = redactor.text("judgement.reason", by.reason) if by and by.reason else None
    said = f": {reason}" if reason else ""
    return f"because {by.made_by if by else 'somebody'} judged so{said}"


def _split(redactor: Redactor, change: RawChange, mine: Collection[UUID]) -> str:
    away = [one for one in change.after if one not in mine]
    old = change.before[0]
    if old in mine or not away:
        gone = away or [one for one in change.after if one != old]
        return f"Split: {_names(redactor, change, gone)} became a customer of its own"
    return f"Split off from {_names(redactor, change, [old])}"


def _more(change: RawChange) -> str:
    more = len(change.records) - 1
    return "" if more < 1 else f", together with {more} more record{'s' * (more > 1)}"


def _names(redactor: Redactor, change: RawChange, ids: Sequence[UUID]) -> str:
    """Records by source and number there: "CRM 17, Web shop 4711 and 3 more"."""
    names = [_name(redactor, change, one) for one in ids[:_MOST_NAMES]]
    more = len(ids) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _name(redactor: Redactor, change: RawChange, record_id: UUID) -> str:
    known = change.named.get(record_id)
    if known is None:
        return "a record"
    number = redactor.text("external_id", known.external_id)
    return " ".join(part for part in (redactor.titles.title(known.source), number) if part)


def _text(customer: UUID | None) -> str | None:
    return str(customer) if customer else None
