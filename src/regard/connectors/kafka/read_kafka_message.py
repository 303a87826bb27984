"""Makes a raw record of one Kafka message: plain JSON, a CloudEvent, or a change event of Debezium. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from regard.connectors.cloud_events import item_of_headers, read_cloud_event
from regard.connectors.connector_contract import RawRecord
from regard.connectors.debezium_envelopes import read_change
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.push_rows import RowAddress
from regard.connectors.read_embedded_json import read_embedded_json
from regard.connectors.read_values import LONGEST_STREAM, plain_text

_FLATTENED = frozenset({"__deleted", "__op", "__table", "__source_ts_ms"})
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class KafkaMessage:
    """A message as it lies in its topic; `at` is when it was written, None when the topic does not say.

    Headers have small letters, and those of CloudEvents (`ce_…`) are written as over HTTP (`ce-…`).
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    at: datetime | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message came to; `change`: it was a change event of a database."""

    record: RawRecord | None
    change: bool = False


def read_kafka_message(
    message: KafkaMessage, received_at: datetime, id_fields: tuple[str, ...], *, changes: bool
) -> Reading:
    """The record of a message. `changes` says that its topic has held change events before.

    A message that cannot be read becomes a record with a problem, which goes into quarantine.
    """
    try:
        return _read(message, received_at, id_fields, changes=changes)
    except ItemRefusedError as refusal:
        place = f"topic “{message.topic}”, partition {message.partition}, offset {message.offset}"
        value = (message.value or b"")[:_KEPT].decode("utf-8", "replace").replace("\0", "\ufffd")
        body = {"topic": message.topic, "partition": message.partition, "offset": message.offset}
        record = RawRecord(
            message.topic[:LONGEST_STREAM], f"{message.partition}/{message.offset}", {**body, "value": value},
            message.at, f"{place}: {refusal}",
        )  # fmt: skip
        return Reading(record)


def _read(
    message: KafkaMessage, received_at: datetime, id_fields: tuple[str, ...], *, changes: bool
) -> Reading:
    key = _read_key(message.key)
    if message.value is None:
        if changes:
            return _change({"key": key, "value": None, "topic": message.topic}, received_at, message)
        return Reading(_tombstone(message, key, received_at))
    value = _read_value(message.value)
    if "ce-specversion" in message.headers:
        item = item_of_headers(message.headers, message.value)
        return Reading(read_cloud_event(item, _address(message, received_at)).record)
    if "specversion" in value and "type" in value and "source" in value:
        return Reading(read_cloud_event(value, _address(message, received_at)).record)
    if _is_change(value):
        return _change({"key": key, "value": value, "topic": message.topic}, received_at, message)
    name = _id_of(key) or _named_by(value, id_fields) or f"{message.partition}/{message.offset}"
    return Reading(RawRecord(message.topic[:LONGEST_STREAM], name, value, message.at))


def _address(message: KafkaMessage, received_at: datetime) -> RowAddress:
    return RowAddress(min(message.at, received_at) if message.at else received_at)


def _change(item: Mapping[str, Any], received_at: datetime, message: KafkaMessage) -> Reading:
    if item["key"] is not None and not isinstance(item["key"], dict):
        item = {**item, "key": {"id": item["key"]}}
    return Reading(read_change(dict(item), _address(message, received_at)).record, change=True)


def _tombstone(message: KafkaMessage, key: object, received_at: datetime) -> RawRecord | None:
    name = _id_of(key)
    if name is None:
        return None
    return RawRecord(message.topic[:LONGEST_STREAM], name, None, message.at or received_at)


def _read_value(raw: bytes) -> dict[str, Any]:
    if raw[:1] == b"\0":
        raise ItemRefusedError(
            "not_json", "the message is written with a schema registry; let its producer write JSON"
        )
    try:
        return read_embedded_json(raw.decode("utf-8-sig"), "value")
    except UnicodeDecodeError:
        raise ItemRefusedError(
            "not_json", "the message is no UTF-8 text; let its producer write JSON"
        ) from None


def _read_key(raw: bytes | None) -> object:
    """A key as JSON where it is some, otherwise as its text."""
    if raw is None:
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return raw.hex()
    text = text.replace("\0", "\ufffd")
    if text[:1] in ("{", '"'):
        try:
            value = json.loads(text, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            return text
        if isinstance(value, dict) and set(value) == {"schema", "payload"}:
            return value["payload"]
        return value
    return text


def _id_of(key: object) -> str | None:
    """The id that a key is: a text, or the only or all values of an object."""
    if isinstance(key, dict):
        texts = [plain_text(value) for value in key.values()]
        return "|".join(text or "" for text in texts) if any(texts) else None
    text = plain_text(key)
    return text.strip() or None if text else None


def _named_by(value: Mapping[str, Any], id_fields: tuple[str, ...]) -> str | None:
    texts = [plain_text(value.get(name)) for name in id_fields or ("id",)]
    return "|".join(text or "" for text in texts) if any(texts) else None


def _is_change(value: Mapping[str, Any]) -> bool:
    payload = value["payload"] if set(value) == {"schema", "payload"} else value
    if not isinstance(payload, dict):
        return False
    envelope = "op" in payload and "source" in payload and bool({"before", "after"} & set(payload))
    return envelope or bool(_FLATTENED & set(payload)) or payload is not value


def time_of(milliseconds: int) -> datetime | None:
    """The time of a message; None for what no clock says."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None
