"""What a role's screen of a customer holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.api.world import SEEING_ROLES, World, id_of
from tests.views.customers import happened, record

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)

ANNE = record(
    "crm", "contacts", "C-17", NOON - 400 * DAY, given_name="Anne", family_name="Kowalczyk",
    email="anne.kowalczyk@example.com", phone="+49 30 1234567", city="Berlin", country="DE", tier="Gold",
    plan="Premium", stage="Customer", owner="Sam Seller", customer_since="2025-04-27",
    note="Prefers mornings", birth_date="1980-02-03", job_title="Buyer", shoe_size="38",
)  # fmt: skip
HISTORY = [
    happened(ANNE, "order", "1001", NOON - 30 * DAY, "paid", 8990, title="Two lamps"),
    happened(ANNE, "ticket", "55", NOON - 9 * DAY, "open", title="Lamp is broken", text="It does not shine"),
    happened(ANNE, "invoice", "I-7", NOON - 40 * DAY, "open", 4000, due_at="2026-05-01"),
    happened(ANNE, "payment", "P-1", NOON - 2 * DAY, "failed", 4000, order="1001"),
    happened(ANNE, "consent", "K-1", NOON - 100 * DAY, purpose="marketing", channel="email", state="granted"),
]


async def test_a_support_agent_sees_five_vitals_three_alerts_at_most_and_cards_in_their_regions(
    world: World,
) -> None:
    await world.add_source("crm", "CRM")
    await world.deliver(ANNE, *HISTORY)
    view = await world.json("support_agent", f"/customers/{id_of(ANNE)}")

    assert [vital["label"] for vital in view["vitals"]] == [
        "Open tickets", "Last contact", "Plan", "To be paid", "May we contact",
    ]  # fmt: skip
    vitals = {vital["id"]: vital for vital in view["vitals"]}
    assert vitals["open_tickets"]["value"] == "1 open"
    assert vitals["open_tickets"]["tone"] == "danger"
    assert vitals["money_problem"]["value"] == "40.00 EUR"
    assert vitals["plan"]["source_titles"] == ["CRM"]
    assert vitals["may_contact"]["value"] == "May contact by email"
    assert [alert["id"] for alert in view["alerts"]] == ["payment_failed", "invoice_overdue", "ticket_waits"]
    assert {card["region"] for card in view["cards"]} == {"left", "centre", "right"}
    assert view["header"]["name"]["value"] == "Anne Kowalczyk"
    assert view["header"]["initials"] == "AK"
    tickets = next(card for card in view["cards"] if card["id"] == "tickets")
    assert tickets["payload"]["rows"][0]["title"] == "Lamp is broken"
    assert "exists" in {
        v["state"] for c in view["cards"] if c["id"] == "profile" for v in c["payload"]["rows"]
    }


async def test_contact_points_are_masked_for_the_agent_and_shown_to_the_seller(world: World) -> None:
    await world.deliver(ANNE)
    agent = await world.json("support_agent", f"/customers/{id_of(ANNE)}")
    seller = await world.json("sales_rep", f"/customers/{id_of(ANNE)}")
    assert [value["value"] for value in agent["header"]["contacts"]] == ["a•••@e•••.com", "••• •• 67"]
    assert seller["header"]["contacts"][0]["value"] == "anne.kowalczyk@example.com"
    assert {"field": "email", "label": "Email", "reason": "masked for the role Support agent"} in agent[
        "withheld"
    ]


async def test_a_field_nobody_classified_is_hidden_from_every_role(world: World) -> None:
    await world.deliver(ANNE)
    for role in SEEING_ROLES:
        answer = await world.get(role, f"/customers/{id_of(ANNE)}")
        assert "shoe" not in answer.text.lower(), role


async def test_every_role_that_sees_customers_gets_a_whole_screen(world: World) -> None:
    await world.deliver(ANNE, *HISTORY)
    for role in SEEING_ROLES:
        view = await world.json(role, f"/customers/{id_of(ANNE)}")
        assert len(view["vitals"]) == 5, role
        assert len(view["cards"]) >= 4, role
        assert len(view["alerts"]) <= 3, role
        assert all(card["kind"] and card["title"] for card in view["cards"]), role
