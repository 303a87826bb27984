"""Kafka topics: every message once, whatever it holds; offsets live in the cursor."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.connectors.allow_networks import HostForbiddenError, read_networks
from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    SettingsRefusedError,
    SourceRefusesError,
    Surroundings,
)
from regard.connectors.kafka import load_kafka
from regard.connectors.kafka.consume_topics import KafkaClient, open_kafka
from regard.connectors.kafka.kafka_settings import read_kafka_settings
from regard.connectors.kafka.read_kafka_message import KafkaMessage, read_kafka_message, time_of
from regard.kit.clock import SetClock

LIBRARY = importlib.util.find_spec("confluent_kafka")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AT = datetime(2026, 3, 2, 11, tzinfo=UTC)
ENVELOPE = {
    "before": None, "after": {"id": 7, "name": "Ann"}, "op": "c", "ts_ms": 1_772_000_000_000,
    "source": {"table": "customers", "schema": "public", "ts_ms": 1_772_000_000_000},
}  # fmt: skip


class Broker:
    """A stand-in for brokers: topics with partitions of messages, and readers on them."""

    def __init__(self) -> None:
        self.topics: dict[str, list[list[KafkaMessage]]] = {}
        self.places: Mapping[tuple[str, int], int] = {}
        self.taken: dict[tuple[str, int], int] = {}
        self.closed = 0

    def put(self, topic: str, value: object, key: object = None, partition: int = 0) -> None:
        partitions = self.topics.setdefault(topic, [])
        while len(partitions) <= partition:
            partitions.append([])
        offset = len(partitions[partition])
        partitions[partition].append(KafkaMessage(topic, partition, offset, coded(key), coded(value), AT, {}))

    def partitions(self, topics: Sequence[str]) -> Sequence[tuple[str, int]]:
        if missing := [topic for topic in topics if topic not in self.topics]:
            raise SourceRefusesError(f"there is no topic {missing}")
        return [(topic, number) for topic in topics for number in range(len(self.topics[topic]))]

    def newest(self, topic: str, partition: int) -> int:
        return len(self.topics[topic][partition])

    def assign(self, places: Mapping[tuple[str, int], int]) -> None:
        self.taken = dict(places)

    def take(self, most: int, seconds: float) -> Sequence[KafkaMessage]:
        found: list[KafkaMessage] = []
        for (topic, partition), offset in self.taken.items():
            some = self.topics[topic][partition][offset : offset + 2]
            self.taken[topic, partition] += len(some)
            found += some
        return found

    def close(self) -> None:
        self.closed += 1


def coded(value: object) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


@asynccontextmanager
async def reading(
    broker: Broker, cursor: Cursor | None = None, **more: Any
) -> AsyncIterator[AsyncIterator[Batch]]:
    settings = read_kafka_settings({"servers": "b:9092", "topics": ["customers"], **more}, "shop")
    client = KafkaClient(settings, Surroundings("shop", SetClock(NOW)), lambda _: broker)
    batches = client.read("topics", cursor)
    try:
        yield batches
    finally:
        await batches.aclose()  # type: ignore[attr-defined]


async def take(broker: Broker, count: int, cursor: Cursor | None = None, **more: Any) -> list[Batch]:
    async with reading(broker, cursor, **more) as batches:
        return [await anext(batches) for _ in range(count)]


def one(value: object, key: object = None, *, changes: bool = False, **headers: str) -> RawRecord | None:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    message = KafkaMessage("customers", 3, 9, coded(key), coded(value), AT, named)
    return read_kafka_message(message, NOW, (), changes=changes).record


async def test_offsets_are_committed_with_the_rows_and_nothing_comes_twice_or_is_lost() -> None:
    broker = Broker()
    for number in range(5):
        broker.put("customers", {"name": f"n{number}"}, key=str(number), partition=number % 2)
    start, first = await take(broker, 2)
    assert start.cursor == {"offsets": {"customers": {"0": 0, "1": 0}}, "changes": []}
    cursor = json.loads(json.dumps(first.cursor))
    (second,) = await take(broker, 1, cursor)
    ids = [record.external_id for batch in (first, second) for record in batch.records]
    assert sorted(ids) == ["0", "1", "2", "3", "4"]
    assert second.cursor == {"offsets": {"customers": {"0": 3, "1": 2}}, "changes": []}
    assert broker.closed == 2


async def test_a_partition_added_later_is_read_from_its_beginning_even_with_latest() -> None:
    broker = Broker()
    broker.put("customers", {"id": "old"})
    (start,) = await take(broker, 1, start="latest")
    broker.put("customers", {"id": "new"})
    broker.put("customers", {"id": "other"}, partition=1)
    (batch,) = await take(broker, 1, start.cursor, start="latest")
    assert [record.external_id for record in batch.records] == ["new", "other"]


async def test_a_message_that_cannot_be_read_is_named_and_the_others_go_on() -> None:
    broker = Broker()
    broker.put("customers", b"{nonsense")
    broker.put("customers", {"id": 1})
    _, batch = await take(broker, 2)
    bad, good = batch.records
    assert bad.problem is not None
    assert bad.problem.startswith("topic “customers”, partition 0, offset 0: ")
    assert (bad.external_id, bad.body and bad.body["value"]) == ("0/0", "{nonsense")
    assert (good.external_id, good.problem) == ("1", None)


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("42", {"name": "Ann"}, "42"),
        ('"c-42"', {"name": "Ann"}, "c-42"),
        ({"id": 42}, {"name": "Ann"}, "42"),
        ({"shop": "A", "nr": 7}, {"name": "Ann"}, "A|7"),
        ({"schema": {}, "payload": {"id": 9007199254740993}}, {"name": "Ann"}, "9007199254740993"),
        (None, {"id": 9007199254740993}, "9007199254740993"),
        (None, {"name": "Ann"}, "3/9"),
        (b"\xff\x00", {"name": "Ann"}, "ff00"),
    ],
)
def test_a_record_is_named_by_its_key_its_id_or_its_place(key: object, value: object, name: str) -> None:
    record = one(value, key)
    assert record is not None
    assert (record.stream, record.external_id, record.updated_at) == ("customers", name, AT)


def test_a_tombstone_deletes() -> None:
    gone = one(None, {"id": 42})
    assert gone is not None
    assert (gone.external_id, gone.deleted) == ("42", True)
    assert one(None, None) is None


def test_change_events_of_debezium_and_their_tombstones_name_the_same_row() -> None:
    created = one(ENVELOPE, {"id": 7})
    assert created is not None
    assert (created.stream, created.external_id, created.body) == ("customers", "7", {"id": 7, "name": "Ann"})
    deleted = one({**ENVELOPE, "before": {"id": 7}, "after": None, "op": "d"}, {"id": 7})
    tombstone = one(None, {"id": 7}, changes=True)
    for record in (deleted, tombstone):
        assert record is not None
        assert (record.stream, record.external_id, record.deleted) == ("customers", "7", True)


def test_cloud_events_are_read_in_both_of_their_modes() -> None:
    event = {
        "specversion": "1.0", "id": "e1", "source": "/crm", "type": "com.shop.customer.updated",
        "subject": "7", "data": {"name": "Ann"},
    }  # fmt: skip
    structured = one(event)
    binary = one({"name": "Ann"}, ce_specversion="1.0", ce_id="e1", ce_source="/crm", ce_subject="7",
                 ce_type="com.shop.customer.updated")  # fmt: skip
    for record in (structured, binary):
        assert record is not None
        assert (record.stream, record.external_id) == ("com.shop.customer", "7")
        assert record.body is not None
        assert record.body["name"] == "Ann"


def test_messages_of_a_schema_registry_are_refused_with_the_remedy() -> None:
    record = one(b"\0\0\0\0\x01abc")
    assert record is not None
    assert "let its producer write JSON" in str(record.problem)


@given(st.binary(max_size=60), st.none() | st.binary(max_size=60), st.booleans())
def test_no_message_stops_the_reading(value: bytes, key: bytes | None, changes: bool) -> None:
    record = one(value, key, changes=changes)
    assert record is None or (record.external_id and "\0" not in json.dumps(record.body))


def test_a_time_that_no_clock_says_is_none() -> None:
    assert [time_of(one) for one in (-1, 0, 10**18)] == [None, None, None]


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"topics": ["a"]}, "servers"),
        ({"servers": "b:1", "topics": []}, "topics"),
        ({"servers": "b:1", "topics": ["a"], "security": "sasl_ssl"}, "password"),
        ({"servers": "b:1", "topics": ["a"], "start": "never"}, "start"),
    ],
)
def test_settings_that_cannot_be_used_are_named(settings: dict[str, Any], word: str) -> None:
    with pytest.raises(SettingsRefusedError, match=word):
        open_kafka(settings, Surroundings("shop", SetClock(NOW)))


async def test_without_the_library_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    client = open_kafka({"servers": "b:1", "topics": ["a"]}, Surroundings("shop", SetClock(NOW)))
    with pytest.raises(SettingsRefusedError, match=r"pip install 'regard\[kafka\]'"):
        await client.check()


async def test_the_client_library_reads_what_was_written_to_a_broker() -> None:
    library: Any = importlib.import_module("confluent_kafka")
    producer = library.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "unused"})
    servers = ",".join(f"{one.host}:{one.port}" for one in producer.list_topics(timeout=60).brokers.values())
    for number in range(1_200):
        producer.produce("customers", json.dumps({"n": number}), key=str(number), partition=0,
                         headers=[("trace", b"x")])  # fmt: skip
    producer.produce("customers", None, key="5", partition=0)
    assert producer.flush(60) == 0
    settings = {"servers": servers, "topics": ["customers"]}
    client = open_kafka(settings, Surroundings("shop", SetClock(NOW)))
    await client.check()
    found: list[RawRecord] = []
    cursor: Cursor | None = None
    while len(found) < 1_201:
        # Killed after every batch.
        async for batch in client.read("topics", cursor):
            found += batch.records
            cursor = json.loads(json.dumps(batch.cursor))
            if batch.records:
                break
    assert [record.external_id for record in found] == [*map(str, range(1_200)), "5"]
    assert found[-1].deleted
    wrong = open_kafka({**settings, "topics": ["nowhere"]}, Surroundings("shop", SetClock(NOW)))
    with pytest.raises(SourceRefusesError, match="nowhere"):
        await wrong.check()


async def test_a_broker_whose_name_leads_inside_after_it_was_checked_gives_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library: Any = importlib.import_module("confluent_kafka")
    producer = library.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "unused"})
    (broker,) = producer.list_topics(timeout=60).brokers.values()
    producer.produce("customers", b"{}", key="1")
    assert producer.flush(60) == 0
    # As a name server that says one thing when it is asked by us, and another when the library asks.
    judged: list[str] = []
    monkeypatch.setattr(load_kafka, "reach_host", lambda host, *_: judged.append(host))
    settings = {"servers": f"localhost:{broker.port}", "topics": ["customers"]}
    client = open_kafka(settings, Surroundings("shop", SetClock(NOW), networks=read_networks("public")))
    with pytest.raises(HostForbiddenError, match=r"127\.0\.0\.1"):
        await client.check()
    with pytest.raises(HostForbiddenError):
        assert [batch async for batch in client.read("topics", None)] == []
    assert judged[0] == "localhost"
