"""Tables, columns, types and keys of every kind say the same when they are read and when they change."""

from __future__ import annotations

import pytest

from tests.connectors.capture_store import CaptureStore, rows_of
from tests.source_postgres import SourceDatabase


@pytest.mark.parametrize("identity", ["DEFAULT", "FULL"])
async def test_a_large_value_that_was_not_touched_stays(shop: SourceDatabase, identity: str) -> None:
    shop.run(
        "ALTER TABLE customer ADD COLUMN letter text;"
        "ALTER TABLE customer ALTER COLUMN letter SET STORAGE EXTERNAL;"
        f"ALTER TABLE customer REPLICA IDENTITY {identity};"
        "UPDATE customer SET letter = repeat('long', 5000) WHERE id <= 2;"
    )
    store = CaptureStore(shop)
    async with store.following() as reader:
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
    async with store.following() as reader:
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
    async with store.following() as reader:
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
    async with store.following() as reader:
        shop.run("UPDATE customer SET vip = true WHERE id = 3")
        shop.run(change)
        shop.run("DELETE FROM customer WHERE id::text IN ('4', 'c4')")
        await reader.until(lambda one: one.table("customer") == rows_of(shop, "customer"))


async def test_a_new_table_is_read_and_followed(shop: SourceDatabase) -> None:
    store = CaptureStore(shop, tables=["cust*", "sales.*"])
    async with store.following() as reader:
        shop.run("CREATE SCHEMA sales; CREATE TABLE sales.order_line (id int PRIMARY KEY, sku text);"
                 "INSERT INTO sales.order_line VALUES (1, 'a'); CREATE TABLE other (id int"
                 " PRIMARY KEY)")  # fmt: skip
        await reader.until(lambda one: "1" in one.table("sales.order_line"))
        shop.run("INSERT INTO sales.order_line VALUES (2, 'b'); INSERT INTO other VALUES (1)")
        await reader.until(lambda one: "2" in one.table("sales.order_line"))
    assert {stream for stream, _ in store.records} == {"customer", "sales.order_line"}


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


async def test_names_with_signs_of_every_kind_are_read(shop: SourceDatabase) -> None:
    columns = '("no % %s" numeric(5, 1) PRIMARY KEY, "a""b {0}" text)'
    shop.run(f"""CREATE TABLE "Half ""price"" 50%s {{x}}" {columns}""")
    shop.run("""INSERT INTO "Half ""price"" 50%s {x}" SELECT n, 'v' || n FROM generate_series(1, 150) n""")
    store = CaptureStore(shop)
    async with store.following() as reader:
        [stream] = {stream for stream, _ in store.records if stream.startswith("Half")}
        found = await reader.client.fetch(stream, ["7.0"])
    assert len(store.table(stream)) == 150
    assert [(one.body or {}).get('a"b {0}') for one in found] == ["v7"]
