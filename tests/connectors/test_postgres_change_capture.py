"""Change capture from a live PostgreSQL: what Regard has is what the source has, whatever happens between."""

from __future__ import annotations

import random

import pytest

from regard.connectors.connector_contract import RawRecord
from regard.connectors.postgres import follow_log
from tests.connectors.capture_store import CUSTOMERS, CaptureStore, catch_up, has_passed, rows_of
from tests.patience import until
from tests.source_postgres import SourceDatabase


async def test_a_table_is_read_once_and_then_followed(shop: SourceDatabase) -> None:
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.client.check()
        await reader.read_all()
        assert store.table("customer") == rows_of(shop, "customer")
        shop.run("INSERT INTO customer VALUES (9007199254740993, 'Big')")
        shop.run("UPDATE customer SET name = 'Ann' WHERE id = 1; DELETE FROM customer WHERE id = 2;")
        await reader.until(lambda one: "2" not in one.table("customer"))
    assert store.table("customer") == rows_of(shop, "customer")
    assert store.table("customer")["9007199254740993"]["id"] == 9007199254740993


async def test_what_changes_while_a_table_is_being_read_is_not_lost(
    source_database: SourceDatabase,
) -> None:
    source_database.run(CUSTOMERS.format(count=3_000))
    store = CaptureStore(source_database)
    async with store.reading() as reader:
        await reader.take()
        await reader.take()
        source_database.run("UPDATE customer SET name = 'late'; DELETE FROM customer WHERE id % 7 = 0;")
        source_database.run("INSERT INTO customer VALUES (-1, 'before all')")
        await reader.read_all()
        assert "-1" not in store.table("customer")
        await reader.until(lambda one: "-1" in one.table("customer"))
    assert store.table("customer") == rows_of(source_database, "customer")


async def test_a_reading_that_is_killed_at_every_batch_still_ends_with_all_rows(
    source_database: SourceDatabase,
) -> None:
    """The exported snapshot dies with Regard; another goes on behind the last row, and the log repairs."""
    source_database.run(CUSTOMERS.format(count=2_500))
    store = CaptureStore(source_database)
    for step in range(40):
        async with store.reading() as reader:
            await reader.die_after(1 + step % 3)
        source_database.run("UPDATE customer SET name = %s WHERE id %% 50 = %s", [f"round {step}", step])
        source_database.run("DELETE FROM customer WHERE id = %s", [step * 60 + 1])
        source_database.run("UPDATE customer SET id = id - 100000 WHERE id = %s", [2_500 - step])
        if store.batches and any(one.ends for one in store.batches):
            break
    last = "99999999"
    source_database.run("INSERT INTO customer VALUES (99999999, 'last')")
    await catch_up(store, lambda one: last in one.table("customer"))
    assert store.table("customer") == rows_of(source_database, "customer")
    assert sum(len(one.begins) for one in store.batches) == 1


async def test_killed_again_and_again_while_changes_stream_nothing_is_lost(shop: SourceDatabase) -> None:
    chance = random.Random(4)
    store = CaptureStore(shop)
    await store.read_whole()
    for step in range(12):
        for _ in range(20):
            key = chance.randint(1, 40)
            shop.run(
                "INSERT INTO customer VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                [key, f"{step}-{chance.random()}"],
            )
            if chance.random() < 0.3:
                shop.run("DELETE FROM customer WHERE id = %s", [chance.randint(1, 40)])
        async with store.reading() as reader:
            await reader.die_after(chance.randint(0, 2))
    shop.run("INSERT INTO customer VALUES (1000, 'last')")
    await catch_up(store, lambda one: "1000" in one.table("customer"))
    assert store.table("customer") == rows_of(shop, "customer")


async def test_the_source_may_forget_a_transaction_only_when_it_was_committed_here(
    shop: SourceDatabase,
) -> None:
    store = CaptureStore(shop)
    async with store.following() as reader:
        shop.run("UPDATE customer SET name = 'x' WHERE id = 1")
        (behind,) = shop.run("SELECT pg_current_wal_lsn()::text")[0]
        batch = await reader.next_batch()
        shop.run("SELECT pg_sleep(0.2)")
        assert not has_passed(shop, behind)
        store.commit(batch)
        shop.run("UPDATE customer SET name = 'y' WHERE id = 1")
        await reader.next_batch()

        async def it_may_be_forgotten() -> bool:
            return has_passed(shop, batch.cursor["lsn"])  # type: ignore[index]

        await until(it_may_be_forgotten)


async def test_a_transaction_that_comes_again_is_not_told_again(
    shop: SourceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regard dies between its commit and the confirmation, so the source sends it once more."""
    monkeypatch.setattr(follow_log.LogStream, "_feed_back", lambda self, lsn: None)
    store = CaptureStore(shop)
    async with store.following() as reader:
        shop.run("UPDATE customer SET name = 'once' WHERE id = 1")
        await reader.until(lambda one: one.table("customer")["1"]["name"] == "once")
    count = len(store.batches)
    shop.run("UPDATE customer SET name = 'second' WHERE id = 2")
    await catch_up(store, lambda one: one.table("customer")["2"]["name"] == "second")
    told = [record.external_id for batch in store.batches[count:] for record in batch.records]
    assert told == ["2"]


async def test_a_huge_transaction_is_taken_in_parts_and_may_be_cut_in_the_middle(
    shop: SourceDatabase,
) -> None:
    store = CaptureStore(shop)
    await store.read_whole()
    shop.run("INSERT INTO customer SELECT n, 'bulk' FROM generate_series(100, 7100) n")
    async with store.reading() as reader:
        await reader.until(lambda one: len(one.table("customer")) > 2_000)
        assert len(store.table("customer")) < 7_000
        await reader.next_batch()
    count = len(store.batches)
    shop.run("INSERT INTO customer VALUES (9999, 'last')")
    await catch_up(store, lambda one: "9999" in one.table("customer"))
    assert store.table("customer") == rows_of(shop, "customer")
    told = sum(len(one.records) for one in store.batches[count:])
    assert told < 5_100


async def test_leaving_removes_slot_and_publication(shop: SourceDatabase) -> None:
    slots = "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.read_all()
    assert len(shop.run(slots)) == 1
    async with store.reading() as reader:
        assert await reader.client.leave() == []
        assert await reader.client.leave() == []  # what is gone already is no trouble
    assert shop.run(slots) == []
    assert shop.run("SELECT pubname FROM pg_publication") == []


async def test_leaving_says_what_it_leaves_for_others(shop: SourceDatabase) -> None:
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.read_all()
    shop.run("SELECT pg_create_logical_replication_slot('of_others', 'pgoutput')")
    try:
        async with store.reading() as reader:
            [told] = await reader.client.leave()
    finally:
        shop.run("SELECT pg_drop_replication_slot('of_others')")
    assert "DROP PUBLICATION" in told
    assert len(shop.run("SELECT pubname FROM pg_publication")) == 1


async def test_single_rows_can_be_fetched(shop: SourceDatabase) -> None:
    async with CaptureStore(shop).reading() as reader:
        found = await reader.client.fetch("customer", ["2", "77"])
    assert found == [
        RawRecord("customer", "2", {"id": 2, "name": "name 2", "vip": False}),
        RawRecord("customer", "77", None),
    ]


async def test_an_emptied_table_leaves_no_record(shop: SourceDatabase) -> None:
    store = CaptureStore(shop)
    async with store.following() as reader:
        shop.run("BEGIN; INSERT INTO customer VALUES (8, 'short'); TRUNCATE customer; INSERT INTO customer"
                 " VALUES (9, 'new'); COMMIT")  # fmt: skip
        await reader.until(lambda one: "9" in one.table("customer"))
    assert store.table("customer") == rows_of(shop, "customer")
