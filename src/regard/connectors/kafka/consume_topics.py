"""Reads Kafka topics for ever.

The offsets are in our cursor, committed together with the rows: a reader that was killed goes on exactly
there, whatever the broker remembers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from regard.connectors.connector_contract import (
    Batch,
    Connector,
    Cursor,
    RawRecord,
    Settings,
    StreamSpec,
    Surroundings,
)
from regard.connectors.kafka.kafka_settings import (
    KAFKA_SETTINGS_SCHEMA,
    KafkaSettings,
    read_kafka_settings,
)
from regard.connectors.kafka.load_kafka import TopicReader, open_reader
from regard.connectors.kafka.read_kafka_message import KafkaMessage, read_kafka_message

TOPICS = "topics"
_MOST = 500
_SECONDS = 1.0
_LOOK_AGAIN = timedelta(seconds=60)


@dataclass(slots=True)
class _Progress:
    """The cursor in the hand: the next offset of each partition, and the topics that hold change events."""

    offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    changes: set[str] = field(default_factory=set)
    assigned: list[tuple[str, int]] = field(default_factory=list)

    def cursor(self) -> Cursor:
        """As it is kept."""
        kept: dict[str, dict[str, int]] = {}
        for (topic, partition), offset in sorted(self.offsets.items()):
            kept.setdefault(topic, {})[str(partition)] = offset
        return {"offsets": kept, "changes": sorted(self.changes)}


class KafkaClient:
    """Some topics as a source; `connect` opens a reader, so that tests may use one without a broker."""

    def __init__(
        self,
        settings: KafkaSettings,
        surroundings: Surroundings,
        connect: Callable[[KafkaSettings], TopicReader],
    ) -> None:
        self._settings = settings
        self._clock = surroundings.clock
        self._connect = connect

    async def check(self) -> None:
        """Reach the brokers and find the topics."""

        def look() -> None:
            reader = self._connect(self._settings)
            try:
                reader.partitions(self._settings.topics)
            finally:
                reader.close()

        await asyncio.to_thread(look)

    async def streams(self) -> Sequence[StreamSpec]:
        """One reading for all topics; the records in it are of the streams named after these."""
        return [StreamSpec(TOPICS, "Topics", poll_seconds=0.0)]

    async def read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Messages behind the cursor, for ever."""
        progress = _read_progress(cursor)
        reader = await asyncio.to_thread(self._connect, self._settings)
        try:
            look_again = self._clock.now()
            while True:
                if self._clock.now() >= look_again:
                    await asyncio.to_thread(self._assign, reader, progress, first=cursor is None)
                    look_again = self._clock.now() + _LOOK_AGAIN
                    if cursor is None:
                        # Where “latest” was must hold even if nothing comes before a restart.
                        cursor = progress.cursor()
                        yield Batch((), cursor)
                messages = await asyncio.to_thread(reader.take, _MOST, _SECONDS)
                if messages:
                    yield Batch(self._records(messages, progress), progress.cursor())
        finally:
            await asyncio.to_thread(reader.close)

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """Nothing: a topic cannot be asked for single records."""
        return []

    async def close(self) -> None:
        """Nothing is held: a reading closes its own reader."""

    def _assign(self, reader: TopicReader, progress: _Progress, *, first: bool) -> None:
        """Read all partitions that there are by now; those added later from their beginning."""
        there = reader.partitions(self._settings.topics)
        for topic, partition in there:
            if (topic, partition) not in progress.offsets:
                at_end = first and self._settings.start == "latest"
                progress.offsets[topic, partition] = reader.newest(topic, partition) if at_end else 0
        if list(there) != progress.assigned:
            reader.assign({place: progress.offsets[place] for place in there})
            progress.assigned = list(there)

    def _records(self, messages: Sequence[KafkaMessage], progress: _Progress) -> list[RawRecord]:
        now = self._clock.now()
        records: list[RawRecord] = []
        for message in messages:
            changes = message.topic in progress.changes
            reading = read_kafka_message(message, now, self._settings.id_fields, changes=changes)
            if reading.change:
                progress.changes.add(message.topic)
            if reading.record is not None:
                records.append(reading.record)
            progress.offsets[message.topic, message.partition] = message.offset + 1
        return records


def open_kafka(settings: Settings, surroundings: Surroundings) -> KafkaClient:
    """The topics of these settings; raises `SettingsRefusedError`."""
    read = replace(read_kafka_settings(settings, surroundings.source), networks=surroundings.networks)
    return KafkaClient(read, surroundings, open_reader)


KAFKA = Connector(
    "kafka",
    "Kafka topics (JSON, CloudEvents, Debezium)",
    category="Events",
    settings_schema=KAFKA_SETTINGS_SCHEMA,
    open=open_kafka,
)


def _read_progress(cursor: Cursor | None) -> _Progress:
    kept: dict[str, Any] = dict(cursor or {})
    offsets = {
        (topic, int(partition)): int(offset)
        for topic, partitions in kept.get("offsets", {}).items()
        for partition, offset in partitions.items()
    }
    return _Progress(offsets, set(kept.get("changes", ())))
