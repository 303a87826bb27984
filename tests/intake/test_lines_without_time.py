"""Tables whose rows state no time: lines stand with their orders, and nothing claims to be of today."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from regard.connectors.connector_contract import RawRecord
from regard.events.envelope import RecordKey
from regard.intake.remap_records import Remapper
from tests.intake.raw_desk import Desk

MAPPINGS = (
    """
stream: customers
items: [{target: person, id: id, fields: {full_name: name}}]
""",
    """
stream: orders
items:
  - {target: order, id: id, party: [{stream: customers, id: customer_id}], occurred_at: order_date,
     fields: {status: state}}
""",
    """
stream: order_lines
items:
  - {target: order_line, id: id, updated_at: changed,
     fields: {order: order_id, title: product, quantity: quantity, amount: price}}
""",
)
CUSTOMER = RawRecord("customers", "7", {"id": 7, "name": "Anne Nowak"})
ORDER = RawRecord("orders", "1", {"id": 1, "customer_id": 7, "order_date": "2023-04-05", "state": "paid"})
TEA = RawRecord("order_lines", "11", {"id": 11, "order_id": 1, "product": "Tea", "price": "9.50"})
POT = RawRecord("order_lines", "12", {"id": 12, "order_id": 1, "product": "Pot", "price": "30"})
STRAY = RawRecord("order_lines", "13", {"id": 13, "order_id": 999, "product": "Cup", "price": "5"})


async def taken(desk: Desk, *records: RawRecord) -> None:
    for record in records:
        assert await desk.take(record) == ["accepted"]
        await desk.door.world.back_end.projector.catch_up()


async def shop(desk: Desk) -> Desk:
    for text in MAPPINGS:
        await desk.map(text)
    return desk


async def told(desk: Desk, path: str = "", role: str = "data_steward") -> Any:
    anne = RecordKey("shop", "customers", "7").record_id
    return await desk.door.world.json(role, f"/customers/{anne}{path}")


async def rows(desk: Desk) -> list[tuple[str, str, int]]:
    """What the timeline says, when, and of how many entries."""
    page = await told(desk, "/timeline?filter=everything")
    return [
        (row["sentence"], "not stated" if row["undated"] else row["at"][:10], row["count"])
        for row in page["entries"]
    ]


async def vital(desk: Desk, name: str, role: str = "marketer") -> tuple[str, str | None]:
    view = await told(desk, role=role)
    return next((one["value"], one["hint"]) for one in view["vitals"] if one["id"] == name)


@pytest.mark.parametrize("order", [(ORDER, TEA, POT), (TEA, ORDER, POT), (TEA, POT, ORDER)])
async def test_an_order_of_2023_with_lines_without_a_time_stands_in_2023(
    desk: Desk, order: tuple[RawRecord, ...]
) -> None:
    await taken(await shop(desk), CUSTOMER, *order)
    assert await rows(desk) == [("Paid order 1", "2023-04-05", 3)]
    assert (await vital(desk, "last_order"))[0] == "on 5 Apr 2023"


async def test_lines_follow_when_the_date_of_their_order_is_corrected_and_stay_when_it_is_deleted(
    desk: Desk,
) -> None:
    await taken(await shop(desk), CUSTOMER, ORDER, TEA)
    corrected = RawRecord("orders", "1", {**(ORDER.body or {}), "order_date": "2022-12-24"})
    await taken(desk, corrected)
    assert await rows(desk) == [("Paid order 1", "2022-12-24", 2)]
    await taken(desk, RawRecord("orders", "1", None))
    assert await rows(desk) == [("Bought Tea", "2022-12-24", 1)]


async def test_a_change_of_a_line_is_not_when_it_was_bought(desk: Desk) -> None:
    touched = RawRecord("order_lines", "11", {**(TEA.body or {}), "changed": "2026-01-02T03:04:05Z"})
    await taken(await shop(desk), CUSTOMER, touched, ORDER)
    assert await rows(desk) == [("Paid order 1", "2023-04-05", 2)]


async def test_when_a_row_was_committed_or_read_is_not_when_it_was_bought(desk: Desk) -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    line, other = (RawRecord(one.stream, one.external_id, one.body, at) for one in (TEA, POT))
    await taken(await shop(desk), CUSTOMER, line, ORDER, other)
    assert await rows(desk) == [("Paid order 1", "2023-04-05", 3)]


async def test_what_nothing_dates_says_so_and_is_no_last_order(desk: Desk) -> None:
    await desk.map(MAPPINGS[0])
    await desk.map(MAPPINGS[1])
    await desk.map(MAPPINGS[2].replace("id: id,", "id: id, party: [{stream: customers, id: who}],"))
    await taken(desk, CUSTOMER, RawRecord("order_lines", "13", {**(STRAY.body or {}), "who": 7}))
    assert await rows(desk) == [("Bought Cup", "not stated", 1)]
    assert await vital(desk, "last_order") == ("Time not stated", "1 order")
    assert (await vital(desk, "value", "sales_rep"))[0] == "5.00 EUR"
    await taken(desk, ORDER)
    assert (await vital(desk, "last_order"))[0] == "on 5 Apr 2023"


async def test_a_mapping_that_learns_where_the_time_stands_dates_the_lines_that_are_there(desk: Desk) -> None:
    dated = RawRecord("order_lines", "11", {**(TEA.body or {}), "bought": "2023-04-09"})
    await taken(await shop(desk), CUSTOMER, ORDER, dated)
    assert await rows(desk) == [("Paid order 1", "2023-04-05", 2)]
    await desk.map(MAPPINGS[2].replace("updated_at: changed", "occurred_at: bought"))
    back_end = desk.door.world.back_end
    await Remapper(desk.door.pool, desk.door.keyring, back_end.clock).work_once()
    await back_end.projector.catch_up()
    assert await rows(desk) == [("Paid order 1", "2023-04-09", 2)]
    going_along = await back_end.digests()
    await back_end.rebuild()
    assert await back_end.digests() == going_along
