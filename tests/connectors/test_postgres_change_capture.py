"""Change capture from a live PostgreSQL: what Regard has is what the source has, whatever happens between."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import psycopg2
import pytest

from regard.connectors.connector_contract import RawRecord, SourceRefusesError, SourceUnavailableError
from regard.connectors.postgres import follow_log
from tests.connectors.capture_store import CaptureStore, catch_up
from tests.source_postgres import SourceDatabase

CUSTOMERS = """
    CREATE TABLE customer (id bigint PRIMARY KEY, name text NOT NULL, vip boolean NOT NULL DEFAULT false);
    INSERT INTO customer SELECT n, 'name ' || n FROM generate_series(1, {count}) n;
"""


@pytest.fixture
def shop(source_database: SourceDatabase) -> SourceDatabase:
    """A shop with five customers."""
    source_database.run(CUSTOMERS.format(count=5))
    return source_database


def rows_of(database: SourceDatabase, table: str, key: str = "id") -> dict[str, Any]:
    """A full comparison: the rows as the source itself writes them in JSON."""
    rows = database.run(f"SELECT {key}::text, to_json(t)::text FROM {table} t")
    return {one: json.loads(text) for one, text in rows}


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
    async with store.reading() as reader:
        await reader.read_all()
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
    async with store.reading() as reader:
        await reader.read_all()
        shop.run("UPDATE customer SET name = 'x' WHERE id = 1")
        (behind,) = shop.run("SELECT pg_current_wal_lsn()::text")[0]
        batch = await reader.next_batch()
        shop.run("SELECT pg_sleep(0.2)")
        assert not _passed(shop, behind)
        store.commit(batch)
        shop.run("UPDATE customer SET name = 'y' WHERE id = 1")
        await reader.next_batch()
        for _ in range(100):
            if _passed(shop, batch.cursor["lsn"]):  # type: ignore[index]
                break
            await asyncio.sleep(0.02)
        assert _passed(shop, batch.cursor["lsn"])  # type: ignore[index]


def _passed(shop: SourceDatabase, lsn: str) -> bool:
    slot = shop.slot()
    assert slot is not None
    return bool(shop.run("SELECT %s::pg_lsn >= %s::pg_lsn", [slot[0], lsn])[0][0])


async def test_a_transaction_that_comes_again_is_not_told_again(
    shop: SourceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regard dies between its commit and the confirmation, so the source sends it once more."""
    monkeypatch.setattr(follow_log.LogStream, "_feed_back", lambda self, lsn: None)
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.read_all()
        shop.run("UPDATE customer SET name = 'once' WHERE id = 1")
        await reader.until(lambda one: one.table("customer")["1"]["name"] == "once")
    count = len(store.batches)
    shop.run("UPDATE customer SET name = 'second' WHERE id = 2")
    await catch_up(store, lambda one: one.table("customer")["2"]["name"] == "second")
    told = [record.external_id for batch in store.batches[count:] for record in batch.records]
    assert told == ["2"]


@pytest.mark.parametrize("identity", ["DEFAULT", "FULL"])
async def test_a_large_value_that_was_not_touched_stays(shop: SourceDatabase, identity: str) -> None:
    shop.run(
        "ALTER TABLE customer ADD COLUMN letter text;"
        "ALTER TABLE customer ALTER COLUMN letter SET STORAGE EXTERNAL;"
        f"ALTER TABLE customer REPLICA IDENTITY {identity};"
        "UPDATE customer SET letter = repeat('long', 5000) WHERE id <= 2;"
    )
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.read_all()
        shop.run("UPDATE customer SET name = 'new' WHERE id = 1")
        shop.run("UPDATE customer SET name = 'gone' WHERE id = 2")
        shop.run("DELETE FROM customer WHERE id = 2")
        await reader.until(lambda one: "2" not in one.table("customer"))
    assert store.table("customer") == rows_of(shop, "customer")
    assert len(store.table("customer")["1"]["letter"]) == 20_000


async def test_a_changed_key_is_a_record_gone_and_another_one_come(source_database: SourceDatabase) -> None:
    source_database.run(
        "CREATE TABLE line (order_id int, sku text, n int, PRIMARY KEY (order_id, sku));"
        "INSERT INTO line VALUES (1, 'a|b', 1), (1, 'c', 2)"
    )
    store = CaptureStore(source_database)
    async with store.reading() as reader:
        await reader.read_all()
        assert set(store.table("line")) == {"1|a\\|b", "1|c"}
        source_database.run("UPDATE line SET sku = 'd' WHERE sku = 'c'")
        source_database.run("DELETE FROM line WHERE sku = 'a|b'")
        await reader.until(lambda one: len(one.table("line")) == 1)
    assert store.table("line") == {"1|d": {"order_id": 1, "sku": "d", "n": 2}}


async def test_a_table_without_key_is_named_by_its_whole_rows(source_database: SourceDatabase) -> None:
    source_database.run(
        "CREATE TABLE visit (who text, page text); ALTER TABLE visit REPLICA IDENTITY FULL;"
        "INSERT INTO visit VALUES ('a', '/'), ('b', NULL)"
    )
    store = CaptureStore(source_database)
    async with store.reading() as reader:
        findings = await reader.client.findings()
        assert any("digest of its whole row" in str(one) for one in findings)
        await reader.read_all()
        source_database.run("UPDATE visit SET page = '/x' WHERE who = 'b'; DELETE FROM visit WHERE who = 'a'")
        await reader.until(lambda one: len(one.table("visit")) == 1)
    assert list(store.table("visit").values()) == [{"who": "b", "page": "/x"}]


ALL_TYPES = """
    CREATE DOMAIN cents AS bigint; CREATE TYPE mood AS ENUM ('glad', 'sad');
    CREATE TABLE everything (
        id uuid PRIMARY KEY, big bigint, owed cents, price numeric(30, 10), real8 float8, yes boolean,
        raw bytea, at timestamptz, local timestamp, day date, gap interval, doc jsonb, doc_too json,
        tags text[],        numbers int[][], moods mood[], m mood, span int4range, code char(5), address inet,
        during tstzrange[]);
    INSERT INTO everything VALUES (
        '6b1c8f5e-0000-4000-8000-000000000001', 9223372036854775807, 1999, 0.1234567890, 0.1, true, '\\x00ff',
        '2026-03-29 03:30:00.123456+02', '2026-03-29 02:30:00', '2026-03-29', '1 day 2 hours',
        '{"id": 9007199254740993, "x": [1.5, null]}', '{"b": 1,  "a": 2}', ARRAY['a,b', NULL, '"'],
        '{{1,2},{3,4}}',
        '{glad,sad}', 'sad', '[1,5)', 'ab', '10.0.0.1', ARRAY[tstzrange('2026-01-01', NULL)]);
"""


async def test_a_value_reads_the_same_from_the_table_and_from_the_log(
    source_database: SourceDatabase,
) -> None:
    source_database.run(
        ALL_TYPES
        + f"ALTER DATABASE {source_database.name} SET DateStyle = 'German';"
        + f"ALTER DATABASE {source_database.name} SET TimeZone = 'Asia/Tokyo';"
        + f"ALTER DATABASE {source_database.name} SET bytea_output = 'escape';"
    )
    store = CaptureStore(source_database)
    async with store.reading() as reader:
        await reader.read_all()
        read = store.table("everything")["6b1c8f5e-0000-4000-8000-000000000001"]
        source_database.run("UPDATE everything SET id = '6b1c8f5e-0000-4000-8000-000000000002'")
        await reader.until(lambda one: "6b1c8f5e-0000-4000-8000-000000000002" in one.table("everything"))
    followed = store.table("everything")["6b1c8f5e-0000-4000-8000-000000000002"]
    assert {**followed, "id": read["id"]} == read
    assert read["big"] == 9223372036854775807
    assert read["owed"] == 1999
    assert read["price"] == "0.1234567890"
    assert read["raw"] == "AP8="
    assert read["at"] == "2026-03-29T01:30:00.123456+00:00"
    assert read["local"] == "2026-03-29T02:30:00"
    assert read["doc"] == {"id": 9007199254740993, "x": [1.5, None]}
    assert read["tags"] == ["a,b", None, '"']
    assert read["numbers"] == [[1, 2], [3, 4]]
    assert read["moods"] == ["glad", "sad"]
    assert read["span"] == "[1,5)"
    assert read["code"] == "ab"
    assert read["gap"] == "P1DT2H"


async def test_an_emptied_table_leaves_no_record(shop: SourceDatabase) -> None:
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.read_all()
        shop.run("BEGIN; INSERT INTO customer VALUES (8, 'short'); TRUNCATE customer; INSERT INTO customer"
                 " VALUES (9, 'new'); COMMIT")  # fmt: skip
        await reader.until(lambda one: "9" in one.table("customer"))
    assert store.table("customer") == rows_of(shop, "customer")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE customer ADD COLUMN segment text NOT NULL DEFAULT 'b2b'",
        "ALTER TABLE customer DROP COLUMN vip",
        "ALTER TABLE customer RENAME COLUMN name TO full_name",
        "ALTER TABLE customer ALTER COLUMN id TYPE text USING 'c' || id",
    ],
)
async def test_when_columns_change_the_rows_that_nobody_touched_change_too(
    shop: SourceDatabase, change: str
) -> None:
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.read_all()
        shop.run("UPDATE customer SET vip = true WHERE id = 3")
        shop.run(change)
        shop.run("DELETE FROM customer WHERE id::text IN ('4', 'c4')")
        await reader.until(lambda one: one.table("customer") == rows_of(shop, "customer"))


async def test_a_new_table_is_read_and_followed(shop: SourceDatabase) -> None:
    store = CaptureStore(shop, tables=["cust*", "sales.*"])
    async with store.reading() as reader:
        await reader.read_all()
        shop.run("CREATE SCHEMA sales; CREATE TABLE sales.order_line (id int PRIMARY KEY, sku text);"
                 "INSERT INTO sales.order_line VALUES (1, 'a'); CREATE TABLE other (id int"
                 " PRIMARY KEY)")  # fmt: skip
        await reader.until(lambda one: "1" in one.table("sales.order_line"))
        shop.run("INSERT INTO sales.order_line VALUES (2, 'b'); INSERT INTO other VALUES (1)")
        await reader.until(lambda one: "2" in one.table("sales.order_line"))
    assert {stream for stream, _ in store.records} == {"customer", "sales.order_line"}


async def test_when_the_slot_is_lost_all_is_read_again_and_what_is_gone_is_found(
    shop: SourceDatabase,
) -> None:
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.read_all()
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
    async with store.reading() as reader:
        await reader.read_all()
    shop.run("DROP PUBLICATION regard")
    shop.run("UPDATE customer SET name = 'between' WHERE id = 2; DELETE FROM customer WHERE id = 1")
    shop.run("CREATE PUBLICATION regard FOR TABLE customer")
    await catch_up(store, lambda one: one.table("customer") == rows_of(shop, "customer"))


async def test_a_huge_transaction_is_taken_in_parts_and_may_be_cut_in_the_middle(
    shop: SourceDatabase,
) -> None:
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.read_all()
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


async def test_partitions_speak_as_their_table_and_filtered_rows_stay_out(
    source_database: SourceDatabase,
) -> None:
    source_database.run("""
        CREATE TABLE event (id int, year int, total int GENERATED ALWAYS AS (id * 2) STORED,
                            PRIMARY KEY (id, year)) PARTITION BY LIST (year);
        CREATE TABLE event_26 PARTITION OF event FOR VALUES IN (2026);
        CREATE TABLE event_27 PARTITION OF event FOR VALUES IN (2027);
        INSERT INTO event VALUES (1, 2026), (2, 2027);
        CREATE TABLE person (id int PRIMARY KEY, land text, secret text);
        INSERT INTO person VALUES (1, 'de', 's'), (2, 'fr', 's'), (3, '100%', 's');
        CREATE PUBLICATION regard FOR TABLE event, person (id, land) WHERE (land <> 'fr' AND land !~ '%s')
            WITH (publish_via_partition_root = true);
        ALTER TABLE person REPLICA IDENTITY FULL;
    """)
    source_database.run(
        "ALTER PUBLICATION regard SET TABLE event, person WHERE (land <> 'fr' AND land !~ '%s')"
    )
    store = CaptureStore(source_database, create_publication=False)
    async with store.reading() as reader:
        await reader.until(lambda one: sum(len(batch.ends) for batch in one.batches) == 2)
        assert set(store.table("event")) == {"1|2026", "2|2027"}
        assert set(store.table("person")) == {"1", "3"}
        source_database.run("INSERT INTO event VALUES (3, 2026); UPDATE event SET year = 2027 WHERE id = 1")
        source_database.run(
            "UPDATE person SET land = 'fr' WHERE id = 1; UPDATE person SET land = 'it' WHERE id = 2"
        )
        await reader.until(lambda one: "2" in one.table("person"))
    assert set(store.table("event")) == {"1|2027", "2|2027", "3|2026"}
    assert set(store.table("person")) == {"2", "3"}
    assert store.table("event")["3|2026"] == {"id": 3, "year": 2026}


async def test_a_connection_that_breaks_is_a_passing_trouble(shop: SourceDatabase) -> None:
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.read_all()
        waiting = asyncio.create_task(reader.until(lambda one: "7" in one.table("customer")))
        for _ in range(500):
            if (shop.slot() or (None, False))[1]:
                break
            await asyncio.sleep(0.02)
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
    async with store.reading() as reader:
        await reader.read_all()
        waiting = asyncio.create_task(reader.until(lambda one: "7" in one.table("customer")))
        shop.run("INSERT INTO noise SELECT generate_series(1, 50000)")
        (end,) = shop.run("SELECT pg_current_wal_lsn()::text")[0]
        for _ in range(300):
            if _passed(shop, end):
                break
            await asyncio.sleep(0.02)
        assert _passed(shop, end)
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


async def test_single_rows_can_be_fetched(shop: SourceDatabase) -> None:
    async with CaptureStore(shop).reading() as reader:
        found = await reader.client.fetch("customer", ["2", "77"])
    assert found == [
        RawRecord("customer", "2", {"id": 2, "name": "name 2", "vip": False}),
        RawRecord("customer", "77", None),
    ]


async def test_names_with_signs_of_every_kind_are_read(shop: SourceDatabase) -> None:
    columns = '("no % %s" numeric(5, 1) PRIMARY KEY, "a""b {0}" text)'
    shop.run(f"""CREATE TABLE "Half ""price"" 50%s {{x}}" {columns}""")
    shop.run("""INSERT INTO "Half ""price"" 50%s {x}" SELECT n, 'v' || n FROM generate_series(1, 150) n""")
    store = CaptureStore(shop)
    async with store.reading() as reader:
        await reader.read_all()
        [stream] = {stream for stream, _ in store.records if stream.startswith("Half")}
        found = await reader.client.fetch(stream, ["7.0"])
    assert len(store.table(stream)) == 150
    assert [(one.body or {}).get('a"b {0}') for one in found] == ["v7"]


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
    async with store.reading() as reader:
        await reader.read_all()
        with other.cursor() as cursor:
            cursor.execute("CREATE TABLE unseen (id int)")
        shop.run("CREATE TABLE basket (id int PRIMARY KEY); INSERT INTO basket VALUES (1)")
        shop.run("UPDATE customer SET name = 'on time' WHERE id = 1")
        await reader.until(lambda one: one.table("customer")["1"]["name"] == "on time")
        assert not store.table("basket")
        other.rollback()
        await reader.until(lambda one: "1" in one.table("basket"))
    other.close()
