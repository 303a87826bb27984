"""Raw records: taken in once, mapped as data, undone where they no longer say a thing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import yaml

from regard.connectors.connector_contract import RawRecord
from regard.connectors.mapping.describe_stream_mapping import read_stream_mapping
from regard.events.interaction_events import InteractionDeleted, InteractionStated
from regard.events.judgement_events import JudgementRecorded, JudgementWithdrawn
from regard.events.raw_events import RawReceived
from regard.events.record_events import RecordDeleted, RecordUpserted
from regard.intake.keep_stream_mappings import save_mapping
from regard.intake.remap_records import Remapper
from tests.intake.raw_desk import ORDERS, PARTIES, Desk, order, show
from tests.laws.back_end import BackEnd
from tests.patience import until


async def test_a_record_is_kept_word_for_word_and_says_what_its_mapping_reads(desk: Desk) -> None:
    await desk.map(ORDERS)
    assert await desk.take(order(1, [1, 2], vip={"level": 3})) == ["accepted"]
    [raw] = await desk.bodies(RawReceived)
    assert '"vip":{"level":3}' in raw.raw
    stated = await desk.bodies(InteractionStated)
    assert sorted((one.interaction, one.external_id) for one in stated) == [
        ("order", "1"), ("order_line", "1-1"), ("order_line", "1-2"),
    ]  # fmt: skip
    [guest] = await desk.bodies(RecordUpserted)
    assert guest.fields == {"email": ["Ann@Example.com"], "phone": ["+442079460001"]}
    [kept] = [one for one in stated if one.interaction == "order"]
    assert kept.properties == {"vip.level": 3}


async def test_the_same_record_again_changes_nothing(desk: Desk) -> None:
    await desk.map(ORDERS)
    await desk.take(order(1, [1]))
    before = len(await desk.door.log())
    assert await desk.take(order(1, [1]), order(1, [1])) == ["duplicate", "duplicate"]
    assert len(await desk.door.log()) == before


async def test_two_states_in_the_same_second_are_both_taken_and_the_later_one_stands(desk: Desk) -> None:
    await desk.map(ORDERS)
    await desk.take(order(1, [1], total="10.00"))
    await desk.take(order(1, [1], total="12.00"))
    await desk.door.world.back_end.projector.catch_up()
    row = await desk.door.pool.fetchrow(
        "SELECT amount_minor FROM timeline.entry WHERE stream = 'orders' AND external_id = '1'"
    )
    assert row["amount_minor"] == 1200


async def test_a_line_that_is_no_longer_there_is_gone(desk: Desk) -> None:
    await desk.map(ORDERS)
    await desk.take(order(1, [1, 2]))
    await desk.take(order(1, [2], at=2))
    [gone] = await desk.bodies(InteractionDeleted)
    assert gone.external_id == "1-1"


async def test_a_deleted_record_takes_along_what_only_it_said(desk: Desk) -> None:
    await desk.map(ORDERS)
    await desk.take(order(1, [1]), order(2, [3]))
    assert await desk.take(RawRecord("orders", "1", None)) == ["accepted"]
    gone = {one.external_id for one in await desk.bodies(InteractionDeleted)}
    assert gone == {"1", "1-1"}
    assert await desk.bodies(RecordDeleted) == [], "the guest has another order"
    await desk.take(RawRecord("orders", "2", None))
    assert [one.external_id for one in await desk.bodies(RecordDeleted)] == ["ann@example.com"]


async def test_a_record_that_comes_back_is_there_again(desk: Desk) -> None:
    await desk.map(ORDERS)
    await desk.take(order(1, [1]))
    await desk.take(RawRecord("orders", "1", None))
    await desk.take(order(1, [1]))
    await desk.door.world.back_end.projector.catch_up()
    found = await desk.door.pool.fetchval(
        "SELECT count(*) FROM timeline.entry WHERE stream = 'orders' AND NOT deleted"
    )
    assert found == 1


async def test_an_older_state_that_comes_late_undoes_nothing(desk: Desk) -> None:
    await desk.map(ORDERS)
    await desk.take(order(1, [1, 2], at=5, total="20.00"))
    assert await desk.take(order(1, [1], at=3, total="10.00")) == ["accepted"]
    assert await desk.bodies(InteractionDeleted) == []
    await desk.door.world.back_end.projector.catch_up()
    row = await desk.door.pool.fetchrow(
        "SELECT amount_minor FROM timeline.entry WHERE stream = 'orders' AND external_id = '1'"
    )
    assert row["amount_minor"] == 2000


async def test_what_a_mapping_cannot_read_waits_in_quarantine_until_it_can(desk: Desk) -> None:
    await desk.map(ORDERS)
    assert await desk.take(order(1, [1], total="many")) == ["rejected"]
    assert await desk.take(order(1, [1], total="many")) == ["duplicate"], "the same refusal is not kept twice"
    await desk.take(order(1, [1], total="10.00", at=2))
    statuses = await desk.door.pool.fetch("SELECT status, reason FROM intake.quarantine")
    assert [row["status"] for row in statuses] == ["retried"]
    assert "many" not in statuses[0]["reason"]


async def test_a_refused_record_is_taken_in_when_a_steward_corrects_it(desk: Desk) -> None:
    await desk.map(ORDERS)
    refused = order(1, [1], total="many")
    await desk.take(refused)
    item_id = await desk.door.pool.fetchval("SELECT id FROM intake.quarantine")
    front_door = desk.door.world.services.intake
    again = await front_door.retry("shop", item_id, None, "ann")
    assert (again.verdict, again.code) == ("rejected", "not_a_number")
    corrected = {**(refused.body or {}), "total": "11.00"}
    assert (await front_door.retry("shop", item_id, corrected, "ann")).verdict == "accepted"
    [stated] = [one for one in await desk.bodies(InteractionStated) if one.interaction == "order"]
    assert stated.amount_minor == 1100
    assert await desk.door.pool.fetchval("SELECT status FROM intake.quarantine") == "retried"


async def test_a_stream_without_a_mapping_is_kept_for_later(desk: Desk) -> None:
    assert await desk.take(order(1, [1])) == ["accepted"]
    assert [type(event.body) for event in await desk.door.log()] == [RawReceived]
    await desk.map(ORDERS)
    assert await desk.take(order(1, [1])) == ["accepted"], "the new mapping reads it"
    assert len(await desk.bodies(InteractionStated)) == 2


async def test_a_merge_by_the_sources_staff_is_a_link_and_can_be_taken_back(desk: Desk) -> None:
    await desk.map(PARTIES)
    first = {"id": 1, "name": "Ann Lee", "email": "ann@example.com"}
    other = {"id": 2, "name": "A. Leigh", "email": "leigh@example.org"}
    await desk.take(RawRecord("parties", "1", first), RawRecord("parties", "2", {**other, "replaced_by": 1}))
    await desk.take(RawRecord("parties", "2", {**other, "replaced_by": 1, "note": "x"}))
    [merged] = await desk.bodies(JudgementRecorded)
    back_end = desk.door.world.back_end
    await back_end.projector.catch_up()
    query = "SELECT count(DISTINCT customer_id) FROM identity.membership"
    assert await desk.door.pool.fetchval(query) == 1
    await desk.take(RawRecord("parties", "2", other))
    [taken_back] = await desk.bodies(JudgementWithdrawn)
    assert taken_back.judgement_id == merged.judgement_id
    await back_end.projector.catch_up()
    assert await desk.door.pool.fetchval(query) == 2


async def test_a_new_mapping_reads_what_is_in_the_log_and_the_older_one_puts_all_back(desk: Desk) -> None:
    await desk.map(ORDERS)
    await desk.take(order(1, [1, 2]), order(2, [3], total="many"))
    back_end = desk.door.world.back_end
    await back_end.projector.catch_up()
    query = """SELECT type, external_id, amount_minor, body -> 'fields' ->> 'title' FROM timeline.entry
               WHERE NOT deleted ORDER BY external_id"""
    before = [tuple(row) for row in await desk.door.pool.fetch(query)]
    raws = len(await desk.bodies(RawReceived))
    remapper = Remapper(desk.door.pool, desk.door.keyring, back_end.clock)
    assert await remapper.work_once() == 0

    await desk.map(ORDERS.replace("title: name", "title: email").replace(", amount: total", ""))
    assert await remapper.work_once() == 2, "also what was refused"
    assert await remapper.work_once() == 0
    await back_end.projector.catch_up()
    now = [tuple(row) for row in await desk.door.pool.fetch(query)]
    assert ("order", "1", None, "Ann@Example.com") in now
    assert ("order", "2", None, "Ann@Example.com") in now
    assert len(await desk.bodies(RawReceived)) == raws + 1, "only what was refused is new to the log"

    await desk.map(ORDERS)
    await remapper.work_once()
    await back_end.projector.catch_up()
    after = [tuple(row) for row in await desk.door.pool.fetch(query)]
    assert [row for row in after if row[1].startswith("1")] == before
    assert await back_end.digests() == await _rebuilt(back_end)


async def test_a_source_can_be_filled_before_it_is_shown_and_hidden_again_as_a_whole(desk: Desk) -> None:
    await desk.map(ORDERS)
    back_end = desk.door.world.back_end
    remapper = Remapper(desk.door.pool, desk.door.keyring, back_end.clock)
    await show(desk, shown=False)
    assert await desk.take(order(1, [1, 2]), order(2, [3])) == ["accepted", "accepted"]
    await remapper.work_once()
    assert await desk.bodies(InteractionStated) == []
    await back_end.projector.catch_up()
    empty = await back_end.digests()

    await show(desk, shown=True)
    assert await remapper.work_once() == 2
    assert len(await desk.bodies(InteractionStated)) == 5
    await back_end.projector.catch_up()
    there = "SELECT count(*) FROM timeline.entry WHERE NOT deleted"
    assert await desk.door.pool.fetchval(there) == 5

    await show(desk, shown=False)
    assert await remapper.work_once() == 2
    await back_end.projector.catch_up()
    assert await desk.door.pool.fetchval(there) == 0
    assert empty == {}
    assert await desk.door.pool.fetchval("SELECT count(*) FROM quality.flag_count WHERE n <> 0") == 0


async def _rebuilt(back_end: BackEnd) -> dict[UUID, str]:
    await back_end.rebuild()
    return await back_end.digests()


async def test_of_two_who_save_a_mapping_at_once_the_second_hears_of_the_first(desk: Desk) -> None:
    await desk.map(ORDERS)
    pool = desk.door.pool
    mapping = read_stream_mapping(yaml.safe_load(ORDERS.replace("title: name, ", "")))
    client = await desk.door.world.as_role("data_steward")
    async with pool.acquire() as connection, connection.transaction():
        number = await save_mapping(connection, "shop", mapping, "bob", datetime.now(UTC))
        path = "/api/v1/sources/shop/streams/orders/mapping"
        text = ORDERS.replace("amount: total", "currency: total")
        second = asyncio.create_task(client.put(path, json={"yaml": text}))
        waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

        async def it_waits() -> bool:
            return bool(await pool.fetch(waits))

        await until(it_waits)
    answer = await second
    assert answer.status_code == 409, answer.text
    assert "“bob” saved this mapping" in answer.json()["detail"]
    assert (await client.put(path, json={"yaml": text})).json()["number"] == number + 1
