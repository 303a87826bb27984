"""Whatever comes late, hidden, remapped or strangely written: the latest state of a raw record stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.connectors.connector_contract import RawRecord
from regard.intake.commit_raw_records import Bookmark
from regard.intake.remap_records import Remapper
from tests.intake.conftest import Door
from tests.intake.raw_desk import ORDERS, SHOP, Desk, show

_LAW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTES = """
stream: notes
items:
  - target: note
    id: id
    fields: {text: text}
"""


def state(order_id: str, minute: int, lines: list[int] | None) -> RawRecord:
    """An order as it was at a minute; None: it was deleted then."""
    at = NOON + timedelta(minutes=minute)
    if lines is None:
        return RawRecord("orders", order_id, None, at)
    body: dict[str, Any] = {
        "id": order_id, "name": f"v{minute}", "total": "1", "created_at": NOON.isoformat(),
        "updated_at": at.isoformat(), "customer": {"id": "c"},
        "lines": [{"id": n, "sku": f"S{n}", "quantity": 1, "price": "1"} for n in lines],
    }  # fmt: skip
    return RawRecord("orders", order_id, body, at)


async def shown(desk: Desk, like: str) -> list[str]:
    await desk.door.world.back_end.projector.catch_up()
    rows = await desk.door.pool.fetch(
        """SELECT external_id FROM timeline.entry
           WHERE NOT deleted AND external_id LIKE $1 || '%' ORDER BY 1""",
        like,
    )
    return [row["external_id"] for row in rows]


LINES = st.one_of(st.none(), st.lists(st.integers(1, 3), unique=True, max_size=3))


@_LAW
@given(states=st.lists(LINES, min_size=1, max_size=4), data=st.data())
async def test_dated_states_and_deletions_may_come_in_any_order(
    door: Door, states: list[list[int] | None], data: st.DataObject
) -> None:
    desk = Desk(door)
    await desk.map(ORDERS)
    name = uuid4().hex
    sent = [state(name, minute, lines) for minute, lines in enumerate(states)]
    for record in data.draw(st.permutations(sent)):
        await desk.take(record)
    last = states[-1]
    wanted = [] if last is None else sorted([name, *(f"{name}-{n}" for n in last)])
    assert await shown(desk, name) == wanted


async def test_what_was_hidden_is_all_there_when_it_is_shown_again(desk: Desk) -> None:
    await desk.map(NOTES.replace("id: id", "id: id\n    updated_at: written"))
    remapper = Remapper(desk.door.pool, desk.door.keyring, desk.door.world.back_end.clock)
    await desk.take(RawRecord("notes", "n1", {"id": "n1", "text": "a", "written": "2020-01-01T00:00:00Z"}))
    for visible in (False, True, False, True):
        await show(desk, shown=visible)
        await remapper.work_once()
        assert await shown(desk, "n1") == (["n1"] if visible else [])


async def test_a_mapping_that_reads_an_older_time_still_wins_over_the_one_before(desk: Desk) -> None:
    await desk.map(NOTES)
    remapper = Remapper(desk.door.pool, desk.door.keyring, desk.door.world.back_end.clock)
    body = {"id": "n1", "text": "a", "body": "b", "written": "2020-01-01T00:00:00Z"}
    await desk.take(RawRecord("notes", "n1", body))
    timed = NOTES.replace("id: id", "id: id\n    updated_at: written")
    await desk.map(timed.replace("text: text", "text: body"))
    await remapper.work_once()
    await shown(desk, "n1")
    query = "SELECT body -> 'fields' ->> 'text' FROM timeline.entry WHERE external_id = 'n1'"
    assert await desk.door.pool.fetchval(query) == "b"


async def test_an_old_state_read_again_does_not_undo_a_newer_one(desk: Desk) -> None:
    await desk.map(NOTES)
    old = RawRecord("notes", "n1", {"id": "n1", "text": "old"})
    await desk.take(old)
    await desk.take(RawRecord("notes", "n1", {"id": "n1", "text": "new"}))
    await desk.intake.receive(SHOP, [old], again=True)
    await shown(desk, "n1")
    query = "SELECT body -> 'fields' ->> 'text' FROM timeline.entry WHERE external_id = 'n1'"
    assert await desk.door.pool.fetchval(query) == "new"


async def test_a_line_that_moves_to_another_order_stays(desk: Desk) -> None:
    await desk.map(ORDERS.replace("{$.id}-{id}", "line-{id}"))
    await desk.take(state("a", 1, [1]), state("b", 1, []))
    await desk.take(state("a", 5, []), state("b", 4, [1]))
    assert await shown(desk, "line-") == ["line-1"]
    await desk.take(state("b", 6, []))
    assert await shown(desk, "line-") == []


async def test_names_and_texts_that_no_database_keeps_stop_nobody(desk: Desk) -> None:
    await desk.map(NOTES)
    odd = {"id": "n1", "text": "a\0b \ud800 c", "k\0ey": 1}
    verdicts = await desk.take(
        RawRecord("notes", "n1", odd),
        RawRecord("notes", "n\0", {"id": "x", "text": "t"}),
        RawRecord("notes", "n" * 600, {"id": "y", "text": "t"}),
        RawRecord("notes", "n2", {"id": "n2", "text": "well"}),
    )
    assert verdicts == ["accepted", "rejected", "rejected", "accepted"]
    assert await shown(desk, "n") == ["n1", "n2"]


async def test_what_only_the_quarantine_can_keep_is_kept_once_for_each_state(desk: Desk) -> None:
    count = "SELECT count(*) FROM intake.quarantine"
    long = RawRecord("notes", "n" * 600, {"id": "y", "text": "t"})
    told = [(await desk.take(one))[0] for one in (long, long, RawRecord("notes", "m" * 600, long.body))]
    assert told == ["rejected", "duplicate", "rejected"]
    await desk.take(RawRecord("notes", "n" * 600, {"id": "y", "text": "newer"}), long)
    assert await desk.door.pool.fetchval(count) == 3
    await desk.door.pool.execute("UPDATE intake.quarantine SET status = 'discarded'")
    assert await desk.take(long) == ["duplicate"]
    await desk.door.pool.execute("UPDATE intake.quarantine SET status = 'retried'")
    assert await desk.take(long) == ["rejected"]  # what was tried again and refused again is kept anew


async def test_a_whole_reading_ends_although_a_name_was_too_long_to_keep(desk: Desk) -> None:
    await desk.take(RawRecord("notes", "n" * 600, {"id": "y"}), RawRecord("notes", "n2", {"id": "n2"}))
    now = desk.door.world.back_end.clock.now()
    await desk.door.pool.execute(
        "UPDATE intake.connection SET owner = 'me', changed_at = $1 WHERE source = 'shop'", now
    )
    desk.door.world.back_end.clock.advance(timedelta(minutes=1))
    whole = Bookmark("notes", None, "me", now, ["notes"], ["notes"])
    await desk.intake.receive(SHOP, [], whole)
    left = await desk.door.pool.fetchval("SELECT count(*) FROM intake.raw_head WHERE NOT deleted")
    assert left == 0
