"""The one place that knows the Kafka client library (`confluent-kafka`, an extra of Regard)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from regard.connectors.allow_networks import SourceNetworks, reach_host
from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
)
from regard.connectors.kafka.kafka_settings import KafkaSettings
from regard.connectors.kafka.read_kafka_message import KafkaMessage, time_of
from regard.connectors.kafka.watch_peers import PEERS_TOLD, PeerWatch

Places = Mapping[tuple[str, int], int]
"""For each partition of a topic the offset of the next message."""

_SECONDS = 15.0
_REFUSED = frozenset({
    "_AUTHENTICATION", "SASL_AUTHENTICATION_FAILED", "TOPIC_AUTHORIZATION_FAILED",
    "GROUP_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED", "_SSL",
})  # fmt: skip


class TopicReader(Protocol):
    """What is needed of a Kafka client; blocking, used by one thread at a time."""

    def partitions(self, topics: Sequence[str]) -> Sequence[tuple[str, int]]:
        """All partitions of the topics."""

    def newest(self, topic: str, partition: int) -> int:
        """The offset behind the last message of a partition."""

    def assign(self, places: Places) -> None:
        """Read these partitions from these offsets on; 0 means from the first message there is."""

    def take(self, most: int, seconds: float) -> Sequence[KafkaMessage]:
        """The next messages, waiting for one at most so long."""

    def close(self) -> None:
        """Leave the brokers."""


def open_reader(settings: KafkaSettings) -> TopicReader:
    """A reader by the client library; raises `SettingsRefusedError` with the remedy where that is missing."""
    try:
        library: Any = importlib.import_module("confluent_kafka")
    except ImportError:
        raise SettingsRefusedError(
            "Kafka needs the library confluent-kafka, which is not installed;"
            " run: pip install 'regard[kafka]'"
        ) from None
    for host, port in settings.servers:
        reach_host(host, port, settings.networks)
    return _Reader(library, settings)


class _Reader:
    def __init__(self, library: Any, settings: KafkaSettings) -> None:  # noqa: ANN401 - loaded at run time
        self._library = library
        self._networks: SourceNetworks = settings.networks
        self._peers = PeerWatch(settings.networks)
        self._assigned = False
        try:
            self._consumer = library.Consumer({**settings.driver, **PEERS_TOLD}, logger=self._peers)
        except (library.KafkaException, ValueError, TypeError) as problem:
            raise SettingsRefusedError(f"the settings of Kafka cannot be used: {problem}") from None

    def partitions(self, topics: Sequence[str]) -> Sequence[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        for topic in topics:
            cluster = self._ask("list_topics", topic, timeout=_SECONDS)
            if not self._assigned:
                # What was connected to is told by asking for messages, of which there are none yet.
                self._ask("consume", num_messages=1, timeout=0)
            for broker in cluster.brokers.values():
                # Where the cluster says that its brokers are; the library goes there by itself.
                reach_host(str(broker.host), int(broker.port), self._networks)
            metadata = cluster.topics.get(topic)
            if metadata is None or metadata.error is not None or not metadata.partitions:
                raise SourceRefusesError(
                    f"there is no topic “{topic[:200]}” that may be read; correct “topics” of the source"
                )
            found += [(topic, partition) for partition in sorted(metadata.partitions)]
        return found

    def newest(self, topic: str, partition: int) -> int:
        place = self._library.TopicPartition(topic, partition)
        return int(self._ask("get_watermark_offsets", place, timeout=_SECONDS)[1])

    def assign(self, places: Places) -> None:
        kind = self._library.TopicPartition
        beginning = self._library.OFFSET_BEGINNING
        wanted = [kind(topic, number, offset or beginning) for (topic, number), offset in places.items()]
        self._assigned = True
        self._ask("assign", wanted)

    def take(self, most: int, seconds: float) -> Sequence[KafkaMessage]:
        taken = self._ask("consume", num_messages=most, timeout=seconds)
        for message in taken:
            if message.error() is not None:
                raise self._trouble(message.error())
        return [_plain(message) for message in taken]

    def close(self) -> None:
        self._consumer.close()

    def _ask(self, method: str, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - the library has no types
        try:
            answer = getattr(self._consumer, method)(*given, **named)
            self._peers.require_allowed()
            return answer
        except self._library.KafkaException as problem:
            self._peers.require_allowed()
            raise self._trouble(problem.args[0]) from None

    def _trouble(self, error: Any) -> SourceRefusesError | SourceUnavailableError:  # noqa: ANN401 - as above
        if error.name() in _REFUSED:
            return SourceRefusesError(f"Kafka refuses us ({error.name()}); correct the sign-in or the rights")
        return SourceUnavailableError(
            f"Kafka does not answer as it should ({error.name()}); tried again later"
        )


def _plain(message: Any) -> KafkaMessage:  # noqa: ANN401 - the library has no types
    headers = {
        str(name).lower().replace("ce_", "ce-", 1): value.decode("utf-8", "replace")
        for name, value in message.headers() or ()
        if isinstance(value, bytes)
    }
    return KafkaMessage(
        message.topic(), message.partition(), message.offset(), message.key(), message.value(),
        time_of(message.timestamp()[1]), headers,
    )  # fmt: skip
