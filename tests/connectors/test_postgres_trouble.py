"""What goes wrong between Regard and a PostgreSQL that is captured: each is told apart, nothing is lost."""

from __future__ import annotations

import asyncio

import psycopg2
import pytest

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.postgres import follow_log
from tests.connectors.capture_store import CaptureStore, catch_up, has_passed, rows_of
from tests.patience import until
from tests.source_postgres import SourceDatabase


async def test_when_the_slot_is_lost_all_is_read_again_and_what_is_gone_is_found(
    shop: SourceDatabase,
) -> None:
    store = CaptureStore(shop)
    await store.read_whole()
    shop.run("SELECT pg_drop_replication_slot(%s)", [shop.name])
    shop.run("DELETE FROM customer WHERE id = 1; UPDATE customer SET name = 'unseen' WHERE id = 2")
    store.settings["read_again_when_lost"] = False
    async with store.reading() as reader:
        with pytest.raises(SourceRefusesError, match="Read all again"):
            await reader.take()
    store.settings["read_again_when_lost"] = True
    async with store.reading() as reader:
        await reader.take()
        await reader.until(lambda one: bool(one.batches[-1].ends))
        shop.run("UPDATE customer SET name = 'seen' WHERE id = 3")
        await reader.until(lambda one: one.table("customer")["3"]["name"] == "seen")
    assert store.table("customer") == rows_of(shop, "customer")


async def test_a_publication_that_was_made_anew_costs_a_reading_but_no_change(shop: SourceDatabase) -> None:
    store = CaptureStore(shop)
    await store.read_whole()
    shop.run("DROP PUBLICATION regard")
    shop.run("UPDATE customer SET name = 'between' WHERE id = 2; DELETE FROM customer WHERE id = 1")
    shop.run("CREATE PUBLICATION regard FOR TABLE customer")
    await catch_up(store, lambda one: one.table("customer") == rows_of(shop, "customer"))


async def test_a_connection_that_breaks_is_a_passing_trouble(shop: SourceDatabase) -> None:
    store = CaptureStore(shop)
    async with store.following() as reader:
        waiting = asyncio.create_task(reader.until(lambda one: "7" in one.table("customer")))

        async def it_is_followed() -> bool:
            return bool((shop.slot() or (None, False))[1])

        await until(it_is_followed)
        shop.run(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s",
            [shop.name],
        )
        with pytest.raises(SourceUnavailableError):
            await waiting
    shop.run("INSERT INTO customer VALUES (7, 'after')")
    await catch_up(store, lambda one: "7" in one.table("customer"))


async def test_the_log_does_not_pile_up_when_only_other_tables_change(
    shop: SourceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_log, "_ALIVE_SECONDS", 0.1)
    shop.run("CREATE TABLE noise (n int)")
    store = CaptureStore(shop, tables=["customer"], alarm_bytes=1_048_576)
    async with store.following() as reader:
        waiting = asyncio.create_task(reader.until(lambda one: "7" in one.table("customer")))
        shop.run("INSERT INTO noise SELECT generate_series(1, 50000)")
        (end,) = shop.run("SELECT pg_current_wal_lsn()::text")[0]

        async def it_has_gone_on() -> bool:
            return has_passed(shop, end)

        await until(it_has_gone_on)
        shop.run("INSERT INTO customer VALUES (7, 'x')")
        await waiting
        shop.run("INSERT INTO customer VALUES (8, 'y')")
    await catch_up(store, lambda one: "8" in one.table("customer"))


async def test_a_stopped_reader_is_seen_by_what_the_source_keeps_for_it(shop: SourceDatabase) -> None:
    store = CaptureStore(shop, alarm_bytes=1_048_576)
    async with store.reading() as reader:
        assert (await reader.client.lag())["bytes_behind"] is None
        await reader.read_all()
        assert not (await reader.client.lag())["alarm"]
    shop.run("CREATE TABLE noise (t text)")
    shop.run("INSERT INTO noise SELECT repeat('x', 100) FROM generate_series(1, 20000)")
    async with store.reading() as reader:
        lag = await reader.client.lag()
        await reader.client.leave()
        gone = await reader.client.lag()
    assert lag["alarm"]
    assert lag["bytes_behind"] > 1_048_576
    assert lag["bytes_retained"] >= lag["bytes_behind"]
    assert gone["bytes_behind"] is None


async def test_the_check_gives_statements_and_with_them_the_source_works(shop: SourceDatabase) -> None:
    """Everything that is missing for a user without rights is named, and the SQL shown mends it."""
    role = f"{shop.name}_reader"
    shop.run(f"CREATE ROLE {role} LOGIN; CREATE TABLE log (line text)")
    try:
        store = CaptureStore(shop, user=role, tables=["customer", "log"])
        async with store.reading() as reader:
            with pytest.raises(SourceRefusesError, match="REPLICATION"):
                await reader.client.check()
            for _ in range(3):
                missing = [one for one in await reader.client.findings() if one.missing]
                for finding in missing:
                    assert finding.remedy
                    shop.run(finding.remedy)
            assert not [one for one in await reader.client.findings() if one.missing]
            await reader.client.check()
            shop.run("INSERT INTO log VALUES ('a')")
            await reader.until(lambda one: len(one.table("customer")) == 5 and len(one.table("log")) == 1)
    finally:
        shop.run(f"DROP OWNED BY {role}; DROP ROLE {role}")


async def test_the_check_says_what_no_statement_can_mend(shop: SourceDatabase) -> None:
    shop.run("CREATE VIEW v AS SELECT 1 AS one; CREATE TABLE bare (n int)")
    async with CaptureStore(shop, tables=["v", "nothing.here"]).reading() as reader:
        sentences = " ".join(str(one) for one in await reader.client.findings())
    assert "v is a view" in sentences
    assert "There is no table nothing.here" in sentences
    async with CaptureStore(shop).reading() as reader:
        (left_out,) = [one for one in await reader.client.findings() if "bare" in str(one)]
        await reader.client.check()
        await reader.take()
    assert not left_out.missing
    assert shop.run("SELECT tablename FROM pg_publication_tables") == [("customer",)]
    shop.run("INSERT INTO bare VALUES (1); UPDATE bare SET n = 2")


async def test_a_server_that_cannot_be_reached_or_refuses_us_is_told_apart(shop: SourceDatabase) -> None:
    async with CaptureStore(shop, host="127.0.0.1", port=9).reading() as reader:
        with pytest.raises(SourceUnavailableError, match="cannot be reached"):
            await reader.client.check()
    async with CaptureStore(shop, user="nobody_here").reading() as reader:
        with pytest.raises(SourceRefusesError, match="nobody_here"):
            await reader.client.check()


async def test_a_long_transaction_holds_up_new_tables_but_not_the_others(
    shop: SourceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regard.connectors.postgres.postgres_source._READING_PATIENCE_SECONDS", 0.3)
    store = CaptureStore(shop)
    other = psycopg2.connect(shop.server.server.url_of(shop.name))
    async with store.following() as reader:
        with other.cursor() as cursor:
            cursor.execute("CREATE TABLE unseen (id int)")
        shop.run("CREATE TABLE basket (id int PRIMARY KEY); INSERT INTO basket VALUES (1)")
        shop.run("UPDATE customer SET name = 'on time' WHERE id = 1")
        await reader.until(lambda one: one.table("customer")["1"]["name"] == "on time")
        assert not store.table("basket")
        other.rollback()
        await reader.until(lambda one: "1" in one.table("basket"))
    other.close()
