"""Change events of Debezium as raw rows: with or without schema, whole envelopes or flattened rows.

A message is `{"key": .., "value": ..}`, or the value alone as Debezium Server's HTTP sink sends it. The value
is `{before, after, source, op, ts_ms}`, perhaps inside `{schema, payload}`; or, after the unwrapping that
Kafka Connect offers (ExtractNewRecordState), the row itself with `__deleted`, `__op`, `__source_ts_ms` beside
its columns; or null, which says that the row of the key is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from regard.connectors.connector_contract import RawRecord
from regard.connectors.debezium_values import Field, fields_of, moment, plain_row
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.postgres.describe_source_table import identify_row
from regard.connectors.push_rows import PushedRow, RowAddress
from regard.connectors.read_embedded_json import read_embedded_json
from regard.connectors.read_values import plain_text

# What Debezium writes for a value that the source did not log because it did not change.
UNAVAILABLE = "__debezium_unavailable_value"
_PAIR = frozenset({"key", "value", "topic", "partition", "offset", "timestamp", "headers"})
_DEFAULT_SCHEMAS = frozenset({"public", "dbo"})
_UNITS = (("ts_ns", 1_000_000_000), ("ts_us", 1_000_000), ("ts_ms", 1_000))
_NOTHING = PushedRow()


class _Message(NamedTuple):
    """A message taken apart; `fields` describe the columns of its row."""

    key: Mapping[str, Any]
    value: Mapping[str, Any] | None
    schema: object
    topic: str | None


def read_change(item: object, address: RowAddress) -> PushedRow:
    """The row of one message; raises `ItemRefusedError` with place and remedy."""
    message = _take_apart(item)
    value = message.value
    if value is None:
        return _tombstone(message, address)
    if "op" in value and ("after" in value or "before" in value):
        return _envelope(value, message, address)
    if value.get("op") == "m" or "ddl" in value or _is_mark(value):
        return _NOTHING
    return _flat(value, message, address)


def _take_apart(item: object) -> _Message:
    key: object = {}
    topic = None
    value = item
    if isinstance(item, dict) and "value" in item and set(item) <= _PAIR:
        key, value, topic = item.get("key"), item["value"], plain_text(item.get("topic"))
    schema, value = _unwrap(value)
    _, key = _unwrap(key)
    if value is not None and not isinstance(value, dict):
        raise ItemRefusedError(
            "wrong_type", "a change must be a JSON object, with “op” or the columns of a row"
        )
    return _Message(key if isinstance(key, dict) else {}, value, schema, topic)


def _unwrap(value: object) -> tuple[object, Any]:
    """Schema and payload; no schema where the value stands alone."""
    if isinstance(value, dict) and set(value) == {"schema", "payload"}:
        return value["schema"], value["payload"]
    return None, value


def _is_mark(value: Mapping[str, Any]) -> bool:
    """Heartbeats, and the begin and end of transactions."""
    beats = bool(value) and set(value) <= {"ts_ms", "ts_us", "ts_ns"}
    return beats or (value.get("status") in {"BEGIN", "END"} and "id" in value)


def _envelope(value: Mapping[str, Any], message: _Message, address: RowAddress) -> PushedRow:
    op = value.get("op")
    source = value.get("source") if isinstance(value.get("source"), dict) else {}
    assert isinstance(source, dict)
    if op == "t":
        raise ItemRefusedError(
            "truncated",
            "The source has emptied a whole table, which no row says. Take the source's rows away in Regard"
            " if that was meant, then discard this item.",
        )
    if op not in {"c", "u", "d", "r"}:
        raise ItemRefusedError("unknown_word", "“op” must be c, u, d or r")
    side = "before" if op == "d" else "after"
    row = _side(value, side, message)
    if row is None and op == "d":
        row = {}
    if row is None:
        raise ItemRefusedError("missing", "“after” is empty; let the connector send whole rows")
    before = _side(value, "before", message) or {}
    row = _complete(row, before) if op != "d" else row
    stream = address.stream or _stream(source) or _stream_of_topic(message.topic)
    updated_at = _time_of(source) or _time_of(value)
    return _row(stream, message, address, None if op == "d" else row, row, updated_at)


def _side(value: Mapping[str, Any], side: str, message: _Message) -> dict[str, Any] | None:
    given = value.get(side)
    if isinstance(given, str):
        # Documents of MongoDB come as the text of a JSON object.
        return read_embedded_json(given, side)
    if given is None:
        return None
    if not isinstance(given, dict):
        raise ItemRefusedError("wrong_type", f"“{side}” must be an object with the columns of the row")
    return plain_row(given, fields_of(message.schema, side))


def _flat(value: Mapping[str, Any], message: _Message, address: RowAddress) -> PushedRow:
    fields: Mapping[str, Field] = fields_of(message.schema)
    row = plain_row({name: one for name, one in value.items() if name[:2] != "__"}, fields)
    said = {name[2:].removeprefix("source_"): one for name, one in value.items() if name[:2] == "__"}
    gone = plain_text(said.get("deleted")) == "true" or said.get("op") == "d"
    stream = address.stream or _stream(said) or _stream_of_topic(message.topic)
    return _row(stream, message, address, None if gone else _complete(row, {}), row, _time_of(said))


def _tombstone(message: _Message, address: RowAddress) -> PushedRow:
    """A null value: the row is gone. Without its key it only repeats the deletion before it."""
    if not message.key:
        return _NOTHING
    stream = address.stream or _stream_of_topic(message.topic)
    return _row(stream, message, address, None, {}, None)


def _row(
    stream: str | None,
    message: _Message,
    address: RowAddress,
    body: Mapping[str, Any] | None,
    row: Mapping[str, Any],
    updated_at: datetime | None,
) -> PushedRow:
    if not stream:
        raise ItemRefusedError(
            "missing", "nothing says which table the row is of; add ?stream=… to the address of the sender"
        )
    if updated_at is None and body is None:
        # A deletion without time would be outdone by any older state that comes late.
        updated_at = address.received_at
    if updated_at is not None:
        updated_at = min(updated_at, address.received_at)
    return PushedRow(RawRecord(stream, _identify(message.key, address.key, row), body, updated_at))


def _identify(key: Mapping[str, Any], asked: tuple[str, ...], row: Mapping[str, Any]) -> str:
    held = {**row, **key}
    names = asked or tuple(key) or tuple(name for name in ("id", "_id") if name in row)[:1]
    texts = {name: _id_text(held.get(name)) for name in names}
    if not names or not all(texts.values()):
        raise ItemRefusedError(
            "missing",
            "the key of the row is missing; add its columns to the address of the sender, as ?columns=id,"
            " or let it send keys",
        )
    return identify_row(names, texts)


def _id_text(value: object) -> str | None:
    """A key's value as text; MongoDB writes `{"$oid": ..}`, in keys even as the text of that."""
    if isinstance(value, str) and value[:1] == "{" and "$" in value:
        value = read_embedded_json(value, "key")
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return plain_text(value)


def _complete(row: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The row with what was left out because it had not changed; raises when nothing says it."""
    missing = [name for name, value in row.items() if value == UNAVAILABLE]
    for name in missing:
        known = before.get(name, UNAVAILABLE)
        if known == UNAVAILABLE:
            raise ItemRefusedError(
                "unavailable",
                f"the source left out the unchanged column “{name[:60]}”; give the table"
                " REPLICA IDENTITY FULL, then send the row again",
            )
        row[name] = known
    return row


def _stream(said: Mapping[str, Any]) -> str | None:
    table = plain_text(said.get("table")) or plain_text(said.get("collection"))
    schema = plain_text(said.get("schema")) or plain_text(said.get("db"))
    if not table:
        return None
    return table if not schema or schema in _DEFAULT_SCHEMAS else f"{schema}.{table}"


def _stream_of_topic(topic: str | None) -> str | None:
    """Topics are called prefix.schema.table."""
    if not topic:
        return None
    *_, schema, table = ["", *topic.split(".")]
    return table if not schema or schema in _DEFAULT_SCHEMAS else f"{schema}.{table}"


def _time_of(said: Mapping[str, Any]) -> datetime | None:
    for name, per_second in _UNITS:
        value = plain_text(said.get(name))
        if value and value.isdecimal() and int(value) > 0:
            try:
                return moment(int(value), per_second)
            except OverflowError:
                continue
    return None
