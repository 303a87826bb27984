"""What the timeline folds together, and how it is paged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from regard.views.compose_timeline import fold_entries
from regard.views.customer_data import EntryFields, RawEntry
from tests.api.world import World, id_of
from tests.views.customers import happened, record

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ANNE = record("shop", "customers", "17", NOON - 400 * DAY, full_name="Anne Kowalczyk")


async def page(world: World, query: str = "filter=everything", role: str = "data_steward") -> Any:
    return await world.json(role, f"/customers/{id_of(ANNE)}/timeline?{query}")


async def test_page_views_with_short_pauses_are_one_visit_and_a_long_pause_begins_another(
    world: World,
) -> None:
    pages = [
        happened(ANNE, "page_view", f"v{minute}", NOON + minute * MINUTE, title=f"Page {minute}")
        for minute in (0, 20, 45, 120, 130)
    ]
    await world.deliver(ANNE, *pages)
    rows = (await page(world))["entries"]
    assert [(row["sentence"], row["count"]) for row in rows] == [("Viewed 2 pages", 2), ("Viewed 3 pages", 3)]
    assert rows[1]["detail"] == "Page 45 · Page 20 · Page 0"
    assert len(rows[1]["children"]) == 3


async def test_an_order_with_its_lines_and_payments_is_one_row_whose_latest_state_counts(
    world: World,
) -> None:
    await world.deliver(
        ANNE,
        happened(ANNE, "order", "1001", NOON, "placed", 8990),
        happened(ANNE, "order_line", "1001-1", NOON, None, 8990, order="1001", title="Lamp", quantity="2"),
        happened(ANNE, "payment", "p1", NOON + DAY, "failed", 8990, order="1001"),
        happened(ANNE, "order", "1002", NOON - DAY, "delivered", 500),
    )
    rows = (await page(world))["entries"]
    assert [(row["sentence"], row["count"], row["tone"]) for row in rows] == [
        ("Placed order 1001", 3, "danger"),
        ("Got delivery of order 1002", 1, "good"),
    ]
    assert rows[0]["detail"] == "Payment failed for order 1001 89.90 EUR"
    assert rows[0]["at"].startswith("2026-06-02")


async def test_an_order_speaks_for_its_lines_of_the_same_moment(world: World) -> None:
    lines = [
        happened(ANNE, "order_line", f"1001-{n}", NOON, None, 100 * n, order="1001", title=f"Lamp {n}")
        for n in range(1, 9)
    ]
    await world.deliver(ANNE, *lines, happened(ANNE, "order", "1001", NOON, "paid", 3600, title="Lamps"))
    (row,) = (await page(world))["entries"]
    assert (row["sentence"], row["count"], row["detail"]) == ("Paid order 1001: Lamps", 9, None)
    opened = await world.json("data_steward", f"/customers/{id_of(ANNE)}/timeline/{row['id']}")
    assert opened["entry"]["type"] == "order"


async def test_campaign_mails_of_a_month_are_one_row(world: World) -> None:
    mails = [
        happened(ANNE, "campaign", f"m{day}", NOON - day * DAY, title="Summer", action=action)
        for day, action in ((1, "clicked"), (2, "opened"), (3, "sent"), (33, "sent"))
    ]
    await world.deliver(ANNE, *mails)
    rows = (await page(world, "filter=marketing", "marketer"))["entries"]
    assert [row["sentence"] for row in rows] == ["3 campaign contacts in May 2026", "Was sent “Summer”"]
    assert rows[0]["detail"] == "opened 1 · clicked 1"


async def test_pages_follow_one_another_without_a_gap_or_a_repetition(world: World) -> None:
    tickets = [
        happened(ANNE, "ticket", f"{number:03}", NOON - number * DAY, "open", title=f"Ticket number {number}")
        for number in range(50)
    ]
    same_moment = [happened(ANNE, "call", f"c{number}", NOON - 7 * DAY) for number in range(20)]
    await world.deliver(ANNE, *tickets, *same_moment)
    seen: list[str] = []
    cursor, pages = "", 0
    while True:
        query = "filter=everything&limit=7" + (f"&before={cursor}" if cursor else "")
        found = await page(world, query)
        seen += [row["id"] for row in found["entries"]]
        pages += 1
        cursor = found["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 70
    assert pages >= 10


async def test_an_order_shown_on_one_page_does_not_come_again_on_the_next(world: World) -> None:
    between = [happened(ANNE, "call", f"c{n}", NOON - n * DAY) for n in range(1, 12)]
    await world.deliver(
        ANNE,
        happened(ANNE, "order", "1001", NOON - 20 * DAY, "paid", 8990),
        happened(ANNE, "payment", "p1", NOON, "succeeded", 8990, order="1001"),
        *between,
    )
    first = await page(world, "filter=everything&limit=6")
    later = await page(world, f"filter=everything&limit=60&before={first['next']}")
    sentences = [row["sentence"] for row in first["entries"] + later["entries"]]
    assert len([sentence for sentence in sentences if "1001" in sentence]) == 1


async def test_a_filter_shows_its_types_and_never_those_the_role_does_not_see(world: World) -> None:
    await world.deliver(
        ANNE,
        happened(ANNE, "ticket", "55", NOON, "open", title="Help"),
        happened(ANNE, "page_view", "v", NOON, title="Lamps"),
        happened(ANNE, "order", "1", NOON, "paid", 100),
    )
    assert [row["type"] for row in (await page(world, "filter=tickets"))["entries"]] == ["ticket"]
    everything = await page(world, "filter=everything", "marketer")
    assert {row["type"] for row in everything["entries"]} == {"page_view", "order"}
    assert "tickets" not in {choice["id"] for choice in everything["filters"]}
    refused = await world.get("marketer", f"/customers/{id_of(ANNE)}/timeline?filter=gossip")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_filter")
    assert (await world.get("marketer", f"/customers/{id_of(ANNE)}/timeline?before=x-y")).status_code == 422


async def test_the_detail_of_an_entry_shows_what_the_role_may_see_and_what_belongs_to_it(
    world: World,
) -> None:
    ticket = happened(ANNE, "ticket", "55", NOON, "open", title="Broken lamp", text="It does not shine")
    reply = happened(
        ANNE, "message", "m1", NOON + DAY, ticket="55", text="We send another", direction="outbound"
    )
    await world.deliver(ANNE, ticket, reply)
    (row,) = (await page(world, "filter=tickets", "support_agent"))["entries"]
    detail = await world.json("support_agent", f"/customers/{id_of(ANNE)}/timeline/{row['children'][1]}")
    assert {value["field"]: value["value"] for value in detail["rows"]}["text"] == "It does not shine"
    assert [child["sentence"] for child in detail["children"]] == ["Was written to"]
    others = await world.get("account_manager", f"/customers/{id_of(ANNE)}/timeline/{row['children'][1]}")
    assert "shine" not in others.text
    hidden = await world.get("marketer", f"/customers/{id_of(ANNE)}/timeline/{row['children'][1]}")
    assert hidden.status_code == 404


kinds = st.sampled_from(["page_view", "campaign", "order", "payment", "ticket", "call"])
moments = st.integers(0, 60 * 24 * 40)


@given(st.lists(st.tuples(kinds, moments, st.sampled_from("ab"), st.sampled_from("12")), max_size=40))
def test_folding_loses_nothing_and_keeps_newest_first(drawn: list[tuple[str, int, str, str]]) -> None:
    entries = [
        RawEntry(
            str(number), kind, source, order, NOON - minute * MINUTE, None, None, None,
            f"order:{order}" if kind == "payment" else None, True, EntryFields(),
        )
        for number, (kind, minute, source, order) in enumerate(drawn)
    ]  # fmt: skip
    entries.sort(key=lambda entry: entry.at, reverse=True)
    groups = fold_entries(entries)
    assert sorted(e.id for group in groups for e in group) == sorted(e.id for e in entries)
    heads = [group[0].at for group in groups]
    assert heads == sorted(heads, reverse=True)
    for group in groups:
        assert [e.at for e in group] == sorted((e.at for e in group), reverse=True)
        if group[0].type == "page_view":
            assert len({e.source for e in group}) == 1
