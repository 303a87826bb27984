"""Vitals about service and money: open tickets, last contact, plan, unpaid invoices, may we contact."""

from __future__ import annotations

from regard.kit.tell_dates import tell_stated_day
from regard.views.consent_card import CHANNELS, strictest
from regard.views.show_scene import UNDATED, Scene, ago, days_between, money_text
from regard.views.vital_shape import Told, Vital, sources_of, sources_of_types

_OLD_TICKET_DAYS = 7


def tell_open_tickets(scene: Scene) -> Told:
    """How many are open, and how old the oldest is."""
    tickets = scene.data.figures.tickets
    sources = sources_of_types(scene, ("ticket",))
    if not tickets.open:
        return Told("None open", f"{tickets.total} in all" if tickets.total else None, "neutral", sources)
    oldest = tickets.oldest_open_at
    late = oldest is not None and days_between(oldest, scene.now) >= _OLD_TICKET_DAYS
    hint = f"oldest {ago(oldest, scene.now)}" if oldest else None
    return Told(f"{tickets.open} open", hint, "danger" if late else "warn", sources)


def tell_last_contact(scene: Scene) -> Told:
    """When somebody last spoke to somebody, and how."""
    contact = scene.data.figures.contact
    if contact.last_type is None:
        return Told("Never")
    who = {"inbound": "they came to us", "outbound": "we came to them"}.get(contact.last_direction or "")
    words = [contact.last_type, f"by {contact.last_channel}" if contact.last_channel else None, who]
    hint = ", ".join(word for word in words if word) or None
    return Told(
        ago(contact.last_at, scene.now) if contact.last_at else UNDATED,
        hint,
        sources=sources_of_types(scene, ("ticket", "message", "call", "meeting")),
    )


def tell_plan(scene: Scene) -> Told:
    """Plan and tier as the sources state them."""
    plan, tier = scene.data.golden.get("plan"), scene.data.golden.get("tier")
    value = plan or tier
    if value is None:
        return Told("No plan")
    hint = tier.value if plan and tier else None
    return Told(value.value, hint, sources=sources_of(scene, "plan", "tier"))


def tell_money_problem(scene: Scene) -> Told:
    """Invoices that wait for money."""
    invoices = scene.data.figures.invoices
    sources = sources_of_types(scene, ("invoice",))
    if not invoices.unpaid:
        return Told("Nothing due", tone="good" if sources else "neutral", sources=sources)
    amounts = [money_text(minor, currency) for currency, minor in sorted(invoices.unpaid_by_currency.items())]
    due = (invoices.oldest_due_at or "")[:10]
    late = bool(due) and due < scene.now.date().isoformat()
    hint = f"{invoices.unpaid} unpaid" + (f", oldest due {tell_stated_day(due)}" if due else "")
    return Told(" + ".join(a for a in amounts if a), hint, "danger" if late else "warn", sources)


def tell_may_contact(scene: Scene) -> Told:
    """The channels on which marketing is allowed; nothing said means no."""
    return _tell_channels(scene, "marketing", "May contact by ", "Do not contact")


def tell_consents(scene: Scene) -> Told:
    """The same, in fewer words, for those who speak to many."""
    return _tell_channels(scene, "marketing", "", "None given")


def _tell_channels(scene: Scene, purpose: str, words: str, otherwise: str) -> Told:
    consents = scene.data.consents
    found = {channel: strictest(consents, purpose, channel) for channel in CHANNELS}
    granted = [channel for channel, said in found.items() if said and said.state == "granted"]
    denied = [channel for channel, said in found.items() if said and said.state == "denied"]
    sources = frozenset(said.source for said in found.values() if said)
    hint = (
        f"denied: {', '.join(denied)}"
        if denied
        else None
        if consents
        else "nothing was said, which counts as no"
    )
    if granted:
        return Told(words + ", ".join(granted), hint, "good", sources)
    return Told(otherwise, hint, "warn", sources)


VITALS = (
    Vital(
        "open_tickets", "Open tickets", tell_open_tickets, ("interaction.status",), types=("ticket",)
    ),
    Vital(
        "last_contact", "Last contact", tell_last_contact, ("interaction.channel", "interaction.direction"),
        types=("ticket", "message", "call", "meeting"),
    ),
    Vital("plan", "Plan", tell_plan, ("plan", "tier")),
    Vital(
        "money_problem", "To be paid", tell_money_problem,
        ("interaction.amount", "interaction.status", "interaction.due_at"), types=("invoice",),
    ),
    Vital("may_contact", "May we contact", tell_may_contact, ("interaction.state", "interaction.purpose")),
    Vital("consents", "Consent", tell_consents, ("interaction.state", "interaction.purpose")),
)  # fmt: skip
