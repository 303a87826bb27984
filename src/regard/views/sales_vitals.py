"""Vitals about selling: stage, owner, value so far, engagement, renewal, last order, last response."""

from __future__ import annotations

from regard.kit.tell_dates import tell_stated_day
from regard.views.show_scene import UNDATED, Scene, ago, days_between, money_text
from regard.views.vital_shape import Told, Vital, sources_of, sources_of_types

_SOON_DAYS = 30


def tell_stage(scene: Scene) -> Told:
    """The stage a source states; else what the deals and orders say."""
    stage = scene.data.golden.get("stage")
    if stage:
        return Told(stage.value, sources=sources_of(scene, "stage"))
    if scene.data.figures.orders.count:
        return Told("Customer", "from orders")
    return Told("Not a customer yet")


def tell_owner(scene: Scene) -> Told:
    """Who looks after the customer."""
    owner = scene.data.golden.get("owner")
    return Told(owner.value, sources=sources_of(scene, "owner")) if owner else Told("Nobody", tone="warn")


def tell_value(scene: Scene) -> Told:
    """What was ordered, less what was refunded, per currency."""
    orders = scene.data.figures.orders
    amounts = [
        money_text(m.ordered - m.refunded, currency) for currency, m in sorted(orders.by_currency.items())
    ]
    if not amounts:
        return Told("Nothing yet")
    hint = f"{orders.count} order{'s' * (orders.count != 1)}"
    return Told(" + ".join(a for a in amounts if a), hint, sources=sources_of_types(scene, ("order",)))


def tell_engagement(scene: Scene) -> Told:
    """Visits and answers to mails: counts, never what was looked at."""
    web, campaigns = scene.data.figures.web, scene.data.figures.campaigns
    if not web.pages and not campaigns.opened and not campaigns.clicked:
        return Told("None seen")
    last = max((at for at in (web.last_at, campaigns.last_at) if at), default=None)
    words = [
        f"{web.pages} page{'s' * (web.pages != 1)}" if web.pages else None,
        f"{campaigns.opened + campaigns.clicked} mail reactions"
        if campaigns.opened + campaigns.clicked
        else None,
    ]
    return Told(", ".join(w for w in words if w), f"last {ago(last, scene.now)}" if last else None)


def tell_renewal(scene: Scene) -> Told:
    """When the next running subscription is due."""
    running = [
        e for e in scene.entries("subscription") if e.status != "cancelled" and e.fields and e.fields.due_at
    ]
    sources = sources_of_types(scene, ("subscription",))
    due = sorted(str(e.fields.due_at)[:10] for e in running if e.fields)
    today = scene.now.date().isoformat()
    coming = [day for day in due if day >= today]
    if not coming:
        return Told("None known", "running without a date" if running or sources else None, sources=sources)
    soon = coming[0] <= (scene.now.date().fromordinal(scene.now.date().toordinal() + _SOON_DAYS)).isoformat()
    day, hint = tell_stated_day(coming[0]), "renews soon" if soon else None
    return Told(day, hint, "warn" if soon else "neutral", sources)


def tell_last_order(scene: Scene) -> Told:
    """When the last order was placed."""
    orders = scene.data.figures.orders
    sources = sources_of_types(scene, ("order",))
    if not orders.count:
        return Told("None yet")
    if orders.last_at is None:
        return Told(UNDATED, f"{orders.count} order{'s' * (orders.count != 1)}", sources=sources)
    hint = f"{orders.count} in {max(1, days_between(orders.first_at or orders.last_at, scene.now))} days"
    return Told(ago(orders.last_at, scene.now), hint, sources=sources)


def tell_last_response(scene: Scene) -> Told:
    """The last campaign contact, and how many were answered."""
    campaigns = scene.data.figures.campaigns
    if campaigns.last_at is None and not (campaigns.sent or campaigns.opened or campaigns.clicked):
        return Told("Never written to")
    hint = f"{campaigns.sent} sent, {campaigns.opened} opened, {campaigns.clicked} clicked"
    last = ago(campaigns.last_at, scene.now) if campaigns.last_at else UNDATED
    return Told(last, hint, sources=sources_of_types(scene, ("campaign",)))


VITALS = (
    Vital("stage", "Stage", tell_stage, ("stage",)),
    Vital("owner", "Owner", tell_owner, ("owner",)),
    Vital("value", "Value so far", tell_value, ("interaction.amount",), types=("order",)),
    Vital("engagement", "Engagement", tell_engagement, ("interaction.action",), types=("page_view",)),
    Vital("renewal", "Renewal", tell_renewal, ("interaction.due_at",), types=("subscription",)),
    Vital("last_order", "Last order", tell_last_order, ("interaction.status",), types=("order",)),
    Vital("last_response", "Last campaign", tell_last_response, ("interaction.action",), types=("campaign",)),
)  # fmt: skip
