"""Says of an interaction what happened, in one sentence, with what the role may see of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from regard.views.customer_data import EntryFields, RawEntry
from regard.views.redact_values import Redactor, Seen
from regard.views.show_scene import money_text

_LONGEST_TITLE, _LONGEST_DETAIL = 160, 280

_TONES = {
    "failed": "danger", "overdue": "danger", "past_due": "danger", "lost": "danger",
    "open": "warn", "pending": "warn", "returned": "warn", "cancelled": "warn", "refunded": "warn",
    "paid": "good", "succeeded": "good", "delivered": "good", "solved": "good", "won": "good",
    "active": "good",
}  # fmt: skip


_NO_FIELDS = EntryFields()
_SENTENCE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "order_line": ("quantity",),
    "message": ("direction", "channel"),
    "call": ("direction",),
    "campaign": ("action", "campaign"),
    "consent": ("purpose", "state", "channel"),
    "review": ("rating",),
    "page_view": ("url",),
    "social_post": ("channel",),
    "payment": ("order",),
    "refund": ("order",),
}


def see_entry(redactor: Redactor, entry: RawEntry) -> Seen:
    """The interaction through the redactor; cards and timeline share what was seen once."""
    known = redactor.seen.get(entry.id)
    if known is None:
        known = redactor.seen[entry.id] = _see(redactor, entry)
    return known


def _see(redactor: Redactor, entry: RawEntry) -> Seen:
    fields, type_ = entry.fields or _NO_FIELDS, entry.type
    others: dict[str, str] = {}
    for name in _SENTENCE_FIELDS.get(type_, ()):
        raw = getattr(fields, name)
        if raw is not None and (text := redactor.entry_text(type_, name, raw)):
            others[name] = text
    amount = title = status = None
    if entry.amount_minor is not None:
        amount = redactor.entry_text(type_, "amount", money_text(entry.amount_minor, entry.currency))
    if fields.title is not None:
        title = _short(redactor.entry_text(type_, "title", fields.title), _LONGEST_TITLE)
    if entry.status is not None:
        status = redactor.entry_text(type_, "status", entry.status)
    number = redactor.entry_text(type_, "number", redactor.number_of(entry))
    return Seen(type_, number, title, status, amount, others)


def see_detail(redactor: Redactor, entry: RawEntry) -> str | None:
    """The beginning of the text, for those who may read it."""
    text = entry.fields.text if entry.fields else None
    if text is None:
        return None
    return _short(redactor.entry_text(entry.type, "text", text), _LONGEST_DETAIL)


def tone_of(status: str | None) -> str:
    """How a status should look."""
    return _TONES.get(status or "", "neutral")


def sentence_of(seen: Seen) -> str:
    """The sentence."""
    return _SENTENCES.get(seen.type, _plain)(seen)


def _order(s: Seen) -> str:
    words = {
        "cancelled": "Cancelled order", "returned": "Returned order", "delivered": "Got delivery of order",
        "shipped": "Was sent order", "paid": "Paid order",
    }  # fmt: skip
    return _with(words.get(s.status or "", "Placed order"), s.number, s.title)


def _order_line(s: Seen) -> str:
    verb = "Returned" if s.status == "returned" else "Bought"
    quantity = s.get("quantity")
    what = s.title or "an item"
    return f"{verb} {quantity} × {what}" if quantity else f"{verb} {what}"


def _payment(s: Seen) -> str:
    order = f" for order {s.get('order')}" if s.get("order") else ""
    if s.status == "failed":
        return f"Payment failed{order}"
    if s.status == "refunded":
        return f"Payment was refunded{order}"
    return f"Paid{order}" if order else _with("Paid", None, s.title)


def _refund(s: Seen) -> str:
    return f"Was refunded for order {s.get('order')}" if s.get("order") else "Was refunded"


def _invoice(s: Seen) -> str:
    words = {"paid": "Paid invoice", "overdue": "Is late in paying invoice", "void": "Had cancelled: invoice"}
    return _with(words.get(s.status or "", "Was sent invoice"), s.number, s.title)


def _subscription(s: Seen) -> str:
    words = {"cancelled": "Cancelled subscription", "past_due": "Is late in paying subscription"}
    return _with(words.get(s.status or "", "Has subscription"), s.number, s.title)


def _ticket(s: Seen) -> str:
    words = {
        "solved": "Got an answer to ticket",
        "closed": "Had closed: ticket",
        "pending": "Waits on ticket",
    }
    return _with(words.get(s.status or "", "Opened ticket"), s.number, s.title)


def _message(s: Seen) -> str:
    channel = f" by {s.get('channel')}" if s.get("channel") else ""
    verb = "Was written to" if s.get("direction") == "outbound" else "Wrote"
    return _with(f"{verb}{channel}", None, s.title)


def _call(s: Seen) -> str:
    return _with("Was called" if s.get("direction") == "outbound" else "Called", None, s.title)


def _campaign(s: Seen) -> str:
    words = {
        "sent": "Was sent", "delivered": "Was sent", "opened": "Opened", "clicked": "Clicked in",
        "bounced": "Could not be reached with", "unsubscribed": "Unsubscribed from",
    }  # fmt: skip
    what = s.title or s.get("campaign") or "a campaign"
    return f"{words.get(s.get('action') or s.status or '', 'Took part in')} “{what}”"


def _page_view(s: Seen) -> str:
    return f"Viewed {s.title or s.get('url') or 'a page'}"


def _consent(s: Seen) -> str:
    verb = "Allowed" if s.get("state") == "granted" else "Refused"
    channel = f" by {s.get('channel')}" if s.get("channel") else ""
    return f"{verb} {s.get('purpose') or 'contact'}{channel}"


def _review(s: Seen) -> str:
    rating = f" with {s.get('rating')}" if s.get("rating") else ""
    return _with(f"Reviewed{rating}", None, s.title)


def _deal(s: Seen) -> str:
    words = {"won": "Signed deal", "lost": "Let go: deal"}
    return _with(words.get(s.status or "", "Talks about deal"), None if s.title else s.number, s.title)


def _social_post(s: Seen) -> str:
    return _with(f"Posted on {s.get('channel')}" if s.get("channel") else "Posted", None, s.title)


def _plain(s: Seen) -> str:
    words = {"meeting": "Met us", "note": "A note was taken", "track": "Did"}
    return _with(words.get(s.type, s.type.replace("_", " ").capitalize()), s.number, s.title)


_SENTENCES: Mapping[str, Callable[[Seen], str]] = {
    "order": _order, "order_line": _order_line, "payment": _payment, "refund": _refund, "invoice": _invoice,
    "subscription": _subscription, "ticket": _ticket, "message": _message, "call": _call,
    "campaign": _campaign, "page_view": _page_view, "consent": _consent, "review": _review, "deal": _deal,
    "social_post": _social_post,
}  # fmt: skip


def _with(words: str, number: str | None, title: str | None) -> str:
    head = f"{words} {number}" if number else words
    return f"{head}: {title}" if title else head


def _short(text: str | None, longest: int) -> str | None:
    if text is None or len(text) <= longest:
        return text
    return text[: longest - 1].rstrip() + "…"
