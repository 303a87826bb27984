"""Every card there is. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from regard.views import (
    about_card,
    accesses_card,
    campaigns_card,
    changes_card,
    consent_card,
    deals_card,
    field_sources_card,
    household_card,
    invoices_card,
    money_card,
    notes_card,
    orders_card,
    organisation_card,
    people_card,
    profile_card,
    records_card,
    spending_card,
    steps_card,
    subscriptions_card,
    tickets_card,
    timeline_card,
    web_card,
)
from regard.views.card_shape import Card

CARDS: tuple[Card, ...] = (
    profile_card.CARD,
    about_card.CARD,
    organisation_card.CARD,
    people_card.CARD,
    household_card.CARD,
    consent_card.CARD,
    timeline_card.CARD,
    field_sources_card.CARD,
    tickets_card.CARD,
    orders_card.CARD,
    invoices_card.CARD,
    deals_card.CARD,
    subscriptions_card.CARD,
    notes_card.CARD,
    campaigns_card.CARD,
    money_card.CARD,
    spending_card.CARD,
    web_card.CARD,
    records_card.CARD,
    changes_card.CARD,
    accesses_card.CARD,
    steps_card.CARD,
)

CARDS_BY_ID: Mapping[str, Card] = {card.id: card for card in CARDS}
