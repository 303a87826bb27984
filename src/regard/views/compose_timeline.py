"""Composes a page of the timeline: sentences, with what belongs together folded into one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from regard.events.interaction_events import INTERACTION_TYPES
from regard.kit.errors import RegardError
from regard.kit.ids import epoch_microseconds
from regard.views.compose_sentence import see_detail, see_entry, sentence_of, tone_of
from regard.views.customer_data import RawEntry
from regard.views.redact_values import Redactor

VISIT_GAP = timedelta(minutes=30)
# Rows fetched for a page; folding makes fewer lines of them.
PAGE = 60
_HEADS = ("order", "ticket")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

FILTERS: dict[str, tuple[str, frozenset[str]]] = {
    "important": ("Important", frozenset(INTERACTION_TYPES) - {
        "order_line", "page_view", "track", "campaign", "social_post", "consent"}),
    "tickets": ("Tickets", frozenset({"ticket", "message", "call", "note"})),
    "orders": ("Orders", frozenset({"order", "order_line", "payment", "refund", "invoice", "subscription"})),
    "messages": ("Messages", frozenset({"message", "call", "meeting", "review", "deal", "social_post"})),
    "web": ("Web", frozenset({"page_view", "track"})),
    "marketing": ("Marketing", frozenset({"campaign", "consent"})),
    "everything": ("Everything", frozenset(INTERACTION_TYPES)),
}  # fmt: skip


class UnknownFilterError(RegardError):
    """A filter or cursor of the timeline that does not exist."""

    code = "unknown_filter"
    status = 422


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the timeline: older entries, or later ids at the same instant, come after it."""

    at: datetime
    entry_id: UUID

    def text(self) -> str:
        """The cursor handed to clients."""
        return f"{epoch_microseconds(self.at)}-{self.entry_id.hex}"


def read_place(cursor: str | None) -> Place | None:
    """The place a cursor names; raises `UnknownFilterError`."""
    if not cursor:
        return None
    at, _, entry_id = cursor.partition("-")
    try:
        return Place(_EPOCH + timedelta(microseconds=int(at)), UUID(hex=entry_id))
    except (ValueError, OverflowError):
        raise UnknownFilterError(
            "`before` is not a cursor of this timeline; leave it out to begin anew"
        ) from None


def filter_types(name: str, allowed: frozenset[str]) -> list[str]:
    """The types a filter shows to a role; raises `UnknownFilterError`."""
    known = FILTERS.get(name)
    if known is None:
        raise UnknownFilterError(f"there is no filter “{name}”; use one of {', '.join(FILTERS)}")
    return sorted(known[1] & allowed)


def filter_choices(allowed: frozenset[str]) -> list[dict[str, str]]:
    """The filters that can show the role anything."""
    return [{"id": name, "label": label} for name, (label, types) in FILTERS.items() if types & allowed]


def compose_timeline(
    redactor: Redactor,
    entries: Sequence[RawEntry],
    filter_name: str,
    limit: int,
    already_shown: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """A page from its rows (newest first); fewer rows than `limit` mean that the timeline ends here.

    `already_shown` names orders and tickets whose row stands on an earlier page.
    """
    more = len(entries) >= limit
    groups = fold_entries([e for e in entries if e.theme not in already_shown or e.theme is None])
    last = entries[-1] if entries else None
    if more and len(groups) > 1 and _cut_through(groups[-1], entries):
        # The last group may go on after the page's end: it is left whole to the next page.
        cut = groups.pop()
        last = entries[len(entries) - len(cut) - 1]
    following = Place(last.at, UUID(last.id)).text() if more and last is not None else None
    return {
        "entries": [_compose_group(redactor, group) for group in groups],
        "next": following,
        "filter": filter_name,
        "filters": filter_choices(redactor.policy.types),
    }


def fold_entries(entries: Sequence[RawEntry]) -> list[list[RawEntry]]:
    """Groups of what belongs together, each newest first, in the order of their newest entries.

    Page views of one source with pauses under 30 minutes; an order or ticket with what belongs to it;
    campaign mails of one source in a month.
    """
    groups: list[list[RawEntry]] = []
    open_groups: dict[object, list[RawEntry]] = {}
    for entry in entries:
        key = _group_key(entry)
        group = open_groups.get(key) if key else None
        if group is not None and not (entry.type == "page_view" and group[-1].at - entry.at > VISIT_GAP):
            group.append(entry)
            continue
        group = [entry]
        groups.append(group)
        if key:
            open_groups[key] = group
    return groups


def compose_entry(redactor: Redactor, entry: RawEntry) -> dict[str, Any]:
    """One interaction as a row."""
    seen = see_entry(redactor, entry)
    return {
        "id": entry.id,
        "type": entry.type,
        "sentence": sentence_of(seen),
        "detail": see_detail(redactor, entry),
        "amount": seen.amount,
        "status": seen.status,
        "tone": tone_of(seen.status),
        "at": entry.at,
        "undated": entry.undated,
        "source": entry.source,
        "source_title": redactor.titles.title(entry.source),
        "count": 1,
        "children": [],
    }


def _group_key(entry: RawEntry) -> object:
    if entry.type == "page_view":
        return ("visit", entry.source)
    if entry.type == "campaign" and not entry.undated:
        return ("mail", entry.source, entry.at.year, entry.at.month)
    return entry.theme


def _cut_through(group: list[RawEntry], entries: Sequence[RawEntry]) -> bool:
    return list(entries[-len(group) :]) == group and _group_key(group[0]) is not None


def _compose_group(redactor: Redactor, group: list[RawEntry]) -> dict[str, Any]:
    newest = _newest_of(group)
    if len(group) == 1:
        return compose_entry(redactor, newest)
    if newest.type == "page_view":
        row = _compose_visit(redactor, group)
    elif newest.type == "campaign" and not newest.theme:
        row = _compose_mail(redactor, group)
    else:
        row = _compose_thread(redactor, group, newest)
    return row | {
        "id": newest.id, "at": newest.at, "undated": newest.undated, "count": len(group),
        "children": [e.id for e in group],
    }  # fmt: skip


def _newest_of(group: list[RawEntry]) -> RawEntry:
    """What happened last; of one moment the order or ticket, whose lines stand at its time."""
    at = group[0].at
    return next((entry for entry in group if entry.at == at and entry.type in _HEADS), group[0])


def _compose_visit(redactor: Redactor, group: list[RawEntry]) -> dict[str, Any]:
    titles = dict.fromkeys(see_entry(redactor, entry).title for entry in group)
    named = [title for title in titles if title][:3]
    row = compose_entry(redactor, group[0])
    return row | {"sentence": f"Viewed {len(group)} pages", "detail": " · ".join(named) or None}


def _compose_mail(redactor: Redactor, group: list[RawEntry]) -> dict[str, Any]:
    actions = [see_entry(redactor, entry).get("action") for entry in group]
    opened, clicked = actions.count("opened"), actions.count("clicked")
    told = [f"opened {opened}" * bool(opened), f"clicked {clicked}" * bool(clicked)]
    row = compose_entry(redactor, group[0])
    return row | {
        "sentence": f"{len(group)} campaign contacts in {group[0].at:%B %Y}",
        "detail": " · ".join(text for text in told if text) or row["sentence"],
    }


def _compose_thread(redactor: Redactor, group: list[RawEntry], newest: RawEntry) -> dict[str, Any]:
    """The order or ticket itself speaks, and below it what happened last."""
    head = next((entry for entry in group if entry.type in _HEADS), group[0])
    row = compose_entry(redactor, head)
    if head is not newest:
        latest = compose_entry(redactor, newest)
        row["detail"] = " ".join(text for text in (latest["sentence"], latest["amount"]) if text)
        if latest["tone"] == "danger":
            row |= {"tone": "danger", "status": latest["status"]}
    return row
