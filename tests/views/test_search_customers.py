"""What a search finds for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.world import World
from tests.views.customers import happened, record

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=300)
ANNE = record(
    "crm", "contacts", "C-17", LONG_AGO, full_name="Anne Kowalczyk", email="anne.kowalczyk@example.com",
    phone="+49 171 2345678", account_id="DE-4711-99", city="Berlin", government_id="80123456789",
)  # fmt: skip
JAN = record(
    "crm", "contacts", "C-18", LONG_AGO, full_name="Jan Nowák", email="jan@example.org", phone="030 1234567"
)
ACME = record(
    "crm",
    "companies",
    "A-1",
    LONG_AGO,
    "organisation",
    name="Acme Machines GmbH",
    domain="acme-machines.example",
)
ORDER = happened(ANNE, "order", "2026-1001", NOON, "paid", 8990, title="Lamps")
TICKET = happened(JAN, "ticket", "T-55", NOON, "open", title="Help")


async def names(world: World, q: str, role: str = "sales_rep") -> list[str]:
    found = await world.json(role, "/customers", params={"q": q})
    return [result["name"] for result in found["results"]]


async def everybody(world: World) -> None:
    await world.deliver(ANNE, JAN, ACME, ORDER, TICKET)


@pytest.mark.parametrize(
    ("q", "name", "matched"),
    [
        ("Anne Kowalczyk", "Anne Kowalczyk", "name"),
        ("kowalczyk anne", "Anne Kowalczyk", "name"),
        ("Ane Kowalcyk", "Anne Kowalczyk", "name, alike"),
        ("kowalzcyk", "Anne Kowalczyk", "name, alike"),
        ("jan novak", "Jan Nowák", "name, alike"),
        ("acme", "Acme Machines GmbH", "name"),
        ("ANNE.KOWALCZYK@example.com", "Anne Kowalczyk", "email, exact"),
        ("+49 171 234 56 78", "Anne Kowalczyk", "phone, exact"),
        ("0049 (171) 2345678", "Anne Kowalczyk", "phone, exact"),
        ("0171/2345678", "Anne Kowalczyk", "phone, last digits"),
        ("2026-1001", "Anne Kowalczyk", "order 2026-1001"),
        ("#t-55", "Jan Nowák", "ticket T-55"),
        ("C-18", "Jan Nowák", "id at a source, exact"),
    ],
)
async def test_customers_are_found_by_what_people_have_at_hand(
    world: World, q: str, name: str, matched: str
) -> None:
    await everybody(world)
    found = await world.json("sales_rep", "/customers", params={"q": q})
    first: dict[str, Any] = found["results"][0]
    assert (first["name"], first["matched"]) == (name, matched)


async def test_who_sees_masked_identifiers_finds_by_the_full_value_and_never_by_a_part(world: World) -> None:
    await everybody(world)
    assert await names(world, "anne.kowalczyk@example.com", "support_agent") == ["Anne Kowalczyk"]
    assert await names(world, "0171 2345678", "support_agent") == ["Anne Kowalczyk"]
    for part in ("2345678", "12345678", "anne.kowalczyk", "example.com", "kowalczyk@example.com"):
        found = await world.json("support_agent", "/customers", params={"q": part})
        assert not [r for r in found["results"] if "exact" in r["matched"] or "digits" in r["matched"]], part


async def test_an_identifier_the_role_does_not_see_finds_nobody(world: World) -> None:
    await everybody(world)
    assert await names(world, "80123456789", "sales_rep") == []
    assert await names(world, "80123456789", "data_steward") == ["Anne Kowalczyk"]


async def test_numbers_of_types_the_role_does_not_see_find_nobody(world: World) -> None:
    await everybody(world)
    assert await names(world, "T-55", "marketer") == []


async def test_without_a_text_the_customers_that_changed_last_come_page_by_page(world: World) -> None:
    await everybody(world)
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        found = await world.json("sales_rep", "/customers", params={"limit": 1, "cursor": cursor})
        seen += [result["id"] for result in found["results"]]
        cursor = found["next"]
    assert len(set(seen)) == 3
    assert cursor is None


async def test_many_of_one_name_come_page_by_page_without_repetition(world: World) -> None:
    people = [
        record(
            "crm", "contacts", f"m{n}", LONG_AGO, full_name=f"Maria Santos{n:02}x", email=f"m{n}@example.net"
        )
        for n in range(25)
    ]
    await world.deliver(*people)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        found = await world.json(
            "sales_rep", "/customers", params={"q": "maria", "limit": 10, "cursor": cursor}
        )
        seen += [result["id"] for result in found["results"]]
        cursor = found["next"]
    assert len(seen) == len(set(seen)) == 25


async def test_patterns_quotes_and_control_characters_are_only_text(world: World) -> None:
    await everybody(world)
    for q in ("%", "_", "a%b", "\\", "'; DROP TABLE x", "\x00", "«»", "=1+1", "x" * 5000, "日本", "🦄"):
        answer = await world.get("sales_rep", "/customers", params={"q": q})
        assert answer.status_code == 200, (q, answer.text)
    assert (await world.get("sales_rep", "/customers", params={"cursor": "x"})).status_code == 422


async def test_the_table_for_spreadsheets_defuses_formulas_and_masks(world: World) -> None:
    evil = record("crm", "contacts", "e", LONG_AGO, full_name="=1+1 Evil", email="evil@example.com")
    await world.deliver(ANNE, evil)
    answer = await world.get("sales_rep", "/customers.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "anne.kowalczyk@example.com" in answer.text
    assert "\"'=H" in answer.text.replace("Y", "y") or "'=" in answer.text
    assert not [
        cell for line in answer.text.splitlines() for cell in line.split(",") if cell.startswith(("=", '"='))
    ]
    masked = await world.get("privacy_officer", "/customers.csv")
    assert "a•••@e•••.com" in masked.text
    assert (await world.get("support_agent", "/customers.csv")).status_code == 403
