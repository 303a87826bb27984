"""Debezium's change events in all the forms in which they travel become the rows that were changed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.connectors.connector_contract import RawRecord
from regard.connectors.debezium_envelopes import UNAVAILABLE, read_change
from regard.connectors.debezium_values import plain_value
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.push_rows import RowAddress

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
AT = datetime(2026, 5, 1, 8, 0, 0, 250_000, tzinfo=UTC)
MILLIS = int(AT.timestamp() * 1000)
HERE = RowAddress(NOW)
POSTGRES = {
    "connector": "postgresql", "db": "shop", "schema": "public", "table": "customers", "ts_ms": MILLIS,
}  # fmt: skip
ANN = {"id": 7, "name": "Ann"}


def envelope(op: str, after: Any = None, before: Any = None, **source: Any) -> dict[str, Any]:
    return {"op": op, "before": before, "after": after, "source": POSTGRES | source, "ts_ms": MILLIS + 5}


def with_schema(payload: Any, schema: Any = None) -> dict[str, Any]:
    return {"schema": schema, "payload": payload}


def row(item: Any, address: RowAddress = HERE) -> RawRecord:
    record = read_change(item, address).record
    assert record is not None
    return record


@pytest.mark.parametrize("op", ["c", "u", "r"])
def test_the_same_row_comes_out_of_every_wrapping(op: str) -> None:
    bare = envelope(op, ANN)
    flat = ANN | {
        "__op": op,
        "__table": "customers",
        "__schema": "public",
        "__source_ts_ms": MILLIS,
        "__deleted": "false",
    }
    forms: list[Any] = [
        bare,
        with_schema(bare),
        {"key": {"id": 7}, "value": bare},
        {"key": with_schema({"id": 7}), "value": with_schema(bare)},
        flat,
        {"key": {"id": 7}, "value": with_schema(flat)},
        {"topic": "prefix.public.customers", "key": {"id": 7}, "value": ANN | {"__source_ts_ms": MILLIS}},
    ]  # fmt: skip
    assert [row(form) for form in forms] == [RawRecord("customers", "7", ANN, AT)] * len(forms)


@pytest.mark.parametrize(
    "item",
    [
        envelope("d", None, {"id": 7, "name": None}),
        {"key": {"id": 7}, "value": envelope("d", None, None)},
        {"id": 7, "__deleted": "true", "__op": "d", "__table": "customers", "__source_ts_ms": MILLIS},
        {"id": 7, "__deleted": True, "__table": "customers", "__source_ts_ms": MILLIS},
    ],
)
def test_a_deleted_row_is_gone(item: dict[str, Any]) -> None:
    assert row(item) == RawRecord("customers", "7", None, AT)


def test_a_tombstone_with_a_key_is_a_deletion_and_without_one_nothing() -> None:
    item = {"topic": "prefix.public.customers", "key": {"id": 7}, "value": None}
    assert row(item) == RawRecord("customers", "7", None, NOW)
    assert row(item | {"value": with_schema(None)}) == RawRecord("customers", "7", None, NOW)
    assert read_change(None, HERE).record is None


@pytest.mark.parametrize(
    "item",
    [
        {"ts_ms": 1},
        {"status": "BEGIN", "id": "571:53", "event_count": None, "data_collections": None, "ts_ms": 1},
        {"source": POSTGRES, "ddl": "ALTER TABLE customers ADD vip bool", "tableChanges": []},
        {"op": "m", "message": {"prefix": "x", "content": "eA=="}, "source": POSTGRES},
    ],
)
def test_messages_that_are_no_rows_say_nothing(item: dict[str, Any]) -> None:
    assert read_change(item, HERE).record is None


def test_rows_of_other_databases_have_their_place_in_the_name() -> None:
    mysql = envelope("c", ANN) | {
        "source": {"connector": "mysql", "db": "shop", "table": "customers", "ts_ms": MILLIS}
    }
    assert row(mysql).stream == "shop.customers"
    assert row(envelope("c", ANN, schema="crm")).stream == "crm.customers"
    assert row(envelope("c", ANN), RowAddress(NOW, "people")).stream == "people"


def test_a_document_of_mongodb_is_a_row() -> None:
    item = {
        "op": "c", "after": '{"_id": {"$oid": "64f0"}, "name": "Ann"}', "ts_ms": MILLIS,
        "source": {"connector": "mongodb", "db": "shop", "collection": "customers", "ts_ms": MILLIS},
    }  # fmt: skip
    assert (row(item).stream, row(item).external_id) == ("shop.customers", "64f0")
    keyed = {"key": {"id": '{"$oid": "64f0"}'}, "value": item}
    assert row(keyed).external_id == "64f0"


def test_a_key_of_several_columns_and_one_that_only_the_address_names() -> None:
    line = {"order_no": "a|b", "line": 2, "sku": "X"}
    assert row({"key": {"order_no": "a|b", "line": 2}, "value": envelope("c", line)}).external_id == r"a\|b|2"
    assert row(envelope("c", line), RowAddress(NOW, key=("line",))).external_id == "2"
    with pytest.raises(ItemRefusedError, match="columns"):
        read_change(envelope("c", line), HERE)


def test_ids_beyond_all_floats_keep_their_digits() -> None:
    assert row(envelope("c", {"id": "9007199254740993"})).external_id == "9007199254740993"


def test_a_value_that_was_left_out_because_it_had_not_changed_never_becomes_a_value() -> None:
    changed = ANN | {"note": UNAVAILABLE}
    assert row(envelope("u", changed, {"id": 7, "note": "long"})).body == ANN | {"note": "long"}
    for before in (None, {"id": 7}, {"id": 7, "note": UNAVAILABLE}):
        with pytest.raises(ItemRefusedError, match="REPLICA IDENTITY"):
            read_change(envelope("u", changed, before), HERE)


def test_a_time_in_our_future_outranks_nothing() -> None:
    ahead = int((NOW + timedelta(days=3_652)).timestamp() * 1000)
    assert row(envelope("c", ANN, ts_ms=ahead)).updated_at == NOW
    assert row(envelope("c", ANN, ts_ms=10**17)).updated_at == AT + timedelta(milliseconds=5)
    finer = row(envelope("c", ANN, ts_ns=MILLIS * 1_000_000 + 123_456)).updated_at
    assert finer == AT + timedelta(microseconds=123)


@pytest.mark.parametrize(
    ("name", "value", "plain"),
    [
        ("io.debezium.time.Date", 20_000, "2024-10-04"),
        ("org.apache.kafka.connect.data.Date", -1, "1969-12-31"),
        ("io.debezium.time.Timestamp", 1_700_000_000_123, "2023-11-14T22:13:20.123000"),
        ("io.debezium.time.MicroTimestamp", 1_700_000_000_123_456, "2023-11-14T22:13:20.123456"),
        ("io.debezium.time.NanoTimestamp", "1700000000123456789", "2023-11-14T22:13:20.123456"),
        ("org.apache.kafka.connect.data.Timestamp", -1, "1969-12-31T23:59:59.999000"),
        ("io.debezium.time.MicroTime", 3_600_000_001, "01:00:00.000001"),
        ("io.debezium.time.Time", 3_600_000, "01:00:00"),
        ("io.debezium.time.ZonedTimestamp", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("io.debezium.data.Json", '{"a":[1,"b"]}', {"a": [1, "b"]}),
        ("io.debezium.data.Json", "[1,2]", [1, 2]),
        ("io.debezium.data.Json", "{broken", "{broken"),
        ("io.debezium.data.Uuid", "x", "x"),
        ("io.debezium.time.Date", "no day", "no day"),
        ("io.debezium.time.Timestamp", 10**30, 10**30),
        ("org.apache.kafka.connect.data.Decimal", "%%", "%%"),
        (None, 5, 5),
    ],
)
def test_values_are_written_as_a_person_would(name: str | None, value: Any, plain: Any) -> None:
    assert plain_value(value, {"type": "int64", "name": name}) == plain


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20))
def test_a_decimal_keeps_every_digit(number: Decimal) -> None:
    unscaled = int(number.scaleb(4))
    packed = unscaled.to_bytes((unscaled.bit_length() + 8) // 8, "big", signed=True)
    text = base64.b64encode(packed).decode()
    name = "org.apache.kafka.connect.data.Decimal"
    fixed = plain_value(text, {"type": "bytes", "name": name, "parameters": {"scale": "4"}})
    free = plain_value(
        {"scale": 4, "value": text}, {"type": "struct", "name": "io.debezium.data.VariableScaleDecimal"}
    )
    assert Decimal(str(fixed)) == Decimal(str(free)) == number
    assert "E" not in str(fixed)


def test_the_schema_that_travels_along_tells_the_types() -> None:
    columns = [
        {"field": "id", "type": "int32"},
        {"field": "born", "type": "int32", "name": "io.debezium.time.Date"},
        {
            "field": "spent", "type": "bytes", "name": "org.apache.kafka.connect.data.Decimal",
            "parameters": {"scale": "2"},
        },
        {"field": "days", "type": "array", "items": {"type": "int32", "name": "io.debezium.time.Date"}},
    ]  # fmt: skip
    schema = {"type": "struct", "fields": [{"field": "after", "type": "struct", "fields": columns}]}
    after = {"id": 7, "born": 0, "spent": "BNI=", "days": [0, 1]}
    read = {"id": 7, "born": "1970-01-01", "spent": "12.34", "days": ["1970-01-01", "1970-01-02"]}
    assert row(with_schema(envelope("c", after), schema)).body == read
    flat = after | {"__table": "customers", "__op": "c"}
    assert row(with_schema(flat, {"type": "struct", "fields": columns})).body == read


@pytest.mark.parametrize(
    "item",
    [
        17, "x", [1], {"value": 3, "key": 1}, envelope("t"), envelope("x", ANN), envelope("c"),
        envelope("c", "x"), envelope("c", 3), envelope("c", {"id": None}), {"id": 7},
        {"name": "Ann", "__table": "t"}, {},
        {"op": "c", "after": ANN, "source": {}}, {"op": "c", "after": ANN, "source": "x"},
        {"value": {"id": 1}, "key": {"id": {"$oid": {}}}, "topic": "t"},
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_used_is_refused_with_a_reason(item: Any) -> None:
    with pytest.raises(ItemRefusedError) as refused:
        read_change(item, HERE)
    assert len(str(refused.value)) > 20
