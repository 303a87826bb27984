"""What a search finds for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from regard.access.load_roles import role_of
from regard.db.named_queries import NamedQueries
from regard.views.search_customers import Found, search_customers
from tests.api.world import World
from tests.views.customers import happened, record

_queries = NamedQueries("regard.views", "views.sql")
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


AT_HAND = [
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
]


async def test_customers_are_found_by_what_people_have_at_hand(world: World) -> None:
    await everybody(world)
    first = {}
    for q, _, _ in AT_HAND:
        found = await world.json("sales_rep", "/customers", params={"q": q})
        first[q] = (found["results"][0]["name"], found["results"][0]["matched"])
    assert first == {q: (name, matched) for q, name, matched in AT_HAND}


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


async def crowd(world: World, names: str, count: int) -> None:
    """So many customers; `names` is an SQL expression over `n`."""
    await world.execute(
        "INSERT INTO profiles.profile (customer_id, kind, name, search_name, golden, record_ids, version)"
        f" SELECT gen_random_uuid(), 'person', {names}, {names}, '{{}}', '{{}}', n"
        f" FROM generate_series(1, {count}) AS n"
    )


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("maria santos", "'ana maria ' || substr(md5(n::text), 1, 6) || ' dos santos'"),
        ("maria santso", "'marian santos ' || substr(md5(n::text), 1, 6)"),
    ],
)
async def test_the_nearest_of_thousands_of_names_comes_first(
    world: World, monkeypatch: pytest.MonkeyPatch, typed: str, names: str
) -> None:
    monkeypatch.setattr("regard.views.search_customers._CANDIDATES", 40)
    await crowd(world, names, 4000)
    await world.deliver(record("crm", "contacts", "m", LONG_AGO, full_name="Maria Santos"))
    found = await searched(world, typed)
    assert found.hits[0].customer_id == record("crm", "contacts", "m", LONG_AGO).subject.record_id
    assert len(found.hits) == 10
    following = await searched(world, typed, found.following)
    assert not {hit.customer_id for hit in found.hits} & {hit.customer_id for hit in following.hits}


async def test_of_thousands_of_one_name_a_full_page_comes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regard.views.search_customers._CANDIDATES", 40)
    await crowd(world, "'maria santos'", 1000)
    assert len((await searched(world, "maria santos")).hits) == 10


async def searched(world: World, typed: str, cursor: str | None = None) -> Found:
    async with world.back_end.pool.acquire() as connection:
        return await search_customers(connection, role_of("sales_rep").policy, typed, 10, cursor)


async def test_the_latest_changes_are_read_from_the_change_feed(world: World) -> None:
    await everybody(world)
    before = [hit.customer_id for hit in (await searched(world, "")).hits]
    async with world.back_end.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        rows = await connection.fetch("EXPLAIN " + _queries["list_latest"], None, 11, 2000)
    plan = "\n".join(row[0] for row in rows)
    assert "change_feed_pkey" in plan
    assert "Seq Scan" not in plan
    assert len(before) == 3


@pytest.mark.parametrize("rows", [(1,), (2, 3)])
async def test_customers_the_change_feed_does_not_tell_of_come_last_and_none_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, rows: tuple[int, ...]
) -> None:
    monkeypatch.setattr("regard.views.search_customers._FEED_ROWS", rows)
    await world.execute("UPDATE pipeline.feed_head SET position = 100")
    await world.deliver(JAN, ACME)
    await world.execute("DELETE FROM pipeline.change_feed")
    await crowd(world, "'somebody'", 14)
    for n in range(5):
        await world.deliver(ANNE, happened(ANNE, "order", f"o{n}", NOON, "paid", 100))
    seen: list[object] = []
    cursor: str | None = None
    while not seen or cursor:
        found = await searched(world, "", cursor)
        seen += [hit.customer_id for hit in found.hits]
        cursor = found.following
    assert seen[0] == ANNE.subject.record_id
    assert set(seen[1:3]) == {JAN.subject.record_id, ACME.subject.record_id}
    assert len(seen) == len(set(seen)) == 17


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
