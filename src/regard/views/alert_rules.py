"""Rules for the at most three sentences that ask for an act, each with its event; one function per rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from regard.kit.tell_dates import tell_day, tell_stated_day
from regard.views.compose_sentence import see_entry
from regard.views.customer_data import RawEntry
from regard.views.show_scene import Scene, days_between

MOST = 3
_RECENT = timedelta(days=14)
_OLD_TICKET_DAYS = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert's rule: only for roles that see `type` with `shows` in clear."""

    id: str
    type: str
    shows: tuple[str, ...]
    tone: str
    find: Callable[[Scene], tuple[RawEntry, str] | None]


def compose_alerts(scene: Scene) -> list[dict[str, Any]]:
    """The first three that apply, the most urgent first."""
    alerts: list[dict[str, Any]] = []
    for rule in RULES:
        policy = scene.redactor.policy
        if not all(policy.shows_entry(rule.type, field) for field in rule.shows):
            continue
        found = rule.find(scene)
        if found is not None and len(alerts) < MOST:
            alerts.append({"id": rule.id, "tone": rule.tone, "text": found[1], "entry": found[0].id})
    return alerts


def find_failed_payment(scene: Scene) -> tuple[RawEntry, str] | None:
    """The latest payment failed and none went through since."""
    payments = [e for e in scene.entries("payment") if not e.undated]
    if not payments or payments[0].status != "failed" or scene.now - payments[0].at > _RECENT:
        return None
    seen = see_entry(scene.redactor, payments[0])
    day = tell_day(payments[0].at)
    return payments[0], f"Payment of {seen.amount or 'an unknown amount'} failed on {day}"


def find_overdue_invoice(scene: Scene) -> tuple[RawEntry, str] | None:
    """An open invoice whose day has passed; the oldest one."""
    today = scene.now.date().isoformat()
    late = []
    for entry in scene.entries("invoice"):
        due = str(entry.fields.due_at)[:10] if entry.fields and entry.fields.due_at else ""
        if entry.status == "overdue" or (entry.status == "open" and due and due < today):
            late.append((due or "9999", entry.id, entry))
    if not late:
        return None
    due, _, entry = min(late, key=lambda one: one[:2])
    seen = see_entry(scene.redactor, entry)
    since = f" since {tell_stated_day(due)}" if due != "9999" else ""
    return entry, f"Invoice {seen.number} of {seen.amount or 'an unknown amount'} is overdue{since}"


def find_old_ticket(scene: Scene) -> tuple[RawEntry, str] | None:
    """An open ticket that has waited some days; the oldest one."""
    open_ones = [e for e in scene.entries("ticket") if e.status in ("open", "pending") and not e.undated]
    old = [e for e in open_ones if days_between(e.at, scene.now) >= _OLD_TICKET_DAYS]
    if not old:
        return None
    oldest = min(old, key=lambda e: (e.at, e.id))
    seen = see_entry(scene.redactor, oldest)
    return oldest, f"Ticket {seen.number} has waited {days_between(oldest.at, scene.now)} days"


def find_refund_underway(scene: Scene) -> tuple[RawEntry, str] | None:
    """A refund that has not gone out yet."""
    waiting = [e for e in scene.entries("refund") if e.status in ("open", "pending", "failed")]
    if not waiting:
        return None
    oldest = min(waiting, key=lambda e: (e.undated, e.at, e.id))
    seen = see_entry(scene.redactor, oldest)
    since = "" if oldest.undated else f" since {tell_day(oldest.at)}"
    return oldest, f"Refund of {seen.amount or 'an unknown amount'} waits{since}"


RULES: tuple[Rule, ...] = (
    Rule("payment_failed", "payment", ("amount", "status"), "danger", find_failed_payment),
    Rule(
        "invoice_overdue", "invoice", ("amount", "status", "due_at", "number"), "danger", find_overdue_invoice
    ),
    Rule("refund_waits", "refund", ("amount", "status"), "warn", find_refund_underway),
    Rule("ticket_waits", "ticket", ("status", "number"), "warn", find_old_ticket),
)
ALERT_TYPES = tuple(rule.type for rule in RULES)
