"""What every connector must do, tested for nothing from recorded payloads.

    class TestExample(ConnectorConformance):
        expected = {"contacts": {"1", "2", "3"}}

        def answer(self, request: httpx.Request) -> httpx.Response:      # the recorded source
            page = int(request.url.params.get("page", 1))
            return httpx.Response(200, json=PAGES[request.url.path][page - 1])

        def open(self, transport: httpx.AsyncBaseTransport) -> SourceClient:
            return open_shipped("example", {"api_key": "k"}, transport)

`expected` names, for each stream to be read, the external ids that the recorded payloads hold. Use two pages
at least for one stream: the trials in mid-reading need them.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from itertools import cycle
from typing import Any

import httpx
import pytest

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    SourceClient,
    SourceMisbehavesError,
    SourceRefusesError,
    SourceUnavailableError,
    StreamSpec,
    Surroundings,
)
from regard.connectors.http.guarded_client import HttpLimits
from regard.connectors.manifests.manifest_client import ManifestClient, ManifestOptions
from regard.connectors.manifests.read_manifest import Component, read_manifest
from regard.connectors.manifests.settings_of_manifests import config_of, settings_schema
from regard.kit.clock import SetClock
from regard.kit.errors import RegardError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_MOST_REQUESTS = 400
_GARBAGE = (b"<html>Maintenance</html>", b"{", b"null", b"[]", b'"x"', b"7", b"\x00\xff")
Answer = Callable[[httpx.Request], httpx.Response]


async def no_pause(seconds: float) -> None:
    """Pauses take no time in tests."""


@lru_cache
def _read_once(text: str) -> Component:
    return read_manifest(text)


def open_manifest(
    text: str,
    settings: Mapping[str, Any],
    transport: httpx.AsyncBaseTransport,
    now: datetime | SetClock = NOW,
    **options: Any,
) -> ManifestClient:
    """A client for a manifest, against a recorded source."""
    manifest = _read_once(text)
    fast = ManifestOptions(transport=transport, sleep=no_pause, limits=HttpLimits(per_second=0), **options)
    config = config_of(settings, settings_schema(manifest))
    clock = now if isinstance(now, SetClock) else SetClock(now)
    return ManifestClient(manifest, config, Surroundings("test", clock), fast)


def open_shipped(
    name: str, settings: Mapping[str, Any], transport: httpx.AsyncBaseTransport, now: datetime = NOW
) -> ManifestClient:
    """A client for `manifests/shipped/<name>.yaml`, against a recorded source."""
    folder = resources.files("regard.connectors.manifests").joinpath("shipped")
    return open_manifest(folder.joinpath(f"{name}.yaml").read_text("utf-8"), settings, transport, now)


class Network:
    """Hands requests to the recorded source; from the n-th on a fault may take the place of its answers."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.fault: httpx.Response | None = None
        self.fault_from = 10**9
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        assert len(self.requests) <= _MOST_REQUESTS, "the connector asks without end"
        if self.fault is not None and len(self.requests) >= self.fault_from:
            fault = self.fault
            return httpx.Response(fault.status_code, headers=fault.headers, content=fault.content)
        return self.answer(request)


class ConnectorConformance(ABC):
    """Inherited by the test of a connector; see the module for what to fill in."""

    expected: Mapping[str, set[str]]

    @abstractmethod
    def answer(self, request: httpx.Request) -> httpx.Response:
        """The recorded source."""

    @abstractmethod
    def open(self, transport: httpx.AsyncBaseTransport) -> SourceClient:
        """The connector's client on that network."""

    def _network(self) -> tuple[Network, SourceClient]:
        network = Network(self.answer)
        return network, self.open(httpx.MockTransport(network))

    async def _specs(self) -> dict[str, StreamSpec]:
        _, client = self._network()
        specs = {spec.name: spec for spec in await client.streams()}
        await client.close()
        return specs

    async def _read(self, stream: str, cursor: Cursor | None = None) -> list[Batch]:
        _, client = self._network()
        batches = [batch async for batch in client.read(stream, cursor)]
        await client.close()
        return batches

    async def _count_requests(self, stream: str) -> int:
        network, client = self._network()
        async for _ in client.read(stream, None):
            pass
        await client.close()
        return len(network.requests)

    async def test_the_connection_is_checked(self):
        network, client = self._network()
        await client.check()
        await client.close()
        assert network.requests, "check() must ask the source"

    async def test_the_check_says_when_credentials_are_refused(self):
        network, client = self._network()
        network.fault, network.fault_from = httpx.Response(401, json={"error": "no"}), 1
        with pytest.raises(SourceRefusesError):
            await client.check()
        await client.close()

    async def test_the_streams_are_named(self):
        assert set(self.expected) <= set(await self._specs())

    async def test_a_full_reading_gives_every_record(self):
        for stream, ids in self.expected.items():
            records = [record for batch in await self._read(stream) for record in batch.records]
            assert {record.external_id for record in records} == ids, stream
            for record in records:
                _check_record(record, stream)

    async def test_reading_goes_on_from_every_cursor_without_loss(self):
        for stream, ids in self.expected.items():
            batches = await self._read(stream)
            for place in (number - 1 for number in _some_places(len(batches))):
                batch = batches[place]
                if batch.cursor is None:
                    continue
                cursor = json.loads(json.dumps(batch.cursor))
                before = _ids(batches[: place + 1])
                after = _ids(await self._read(stream, cursor))
                assert before | after == ids, f"{stream} from cursor {place}"

    async def test_a_reading_that_broke_off_loses_nothing(self):
        specs = await self._specs()
        for stream, ids in self.expected.items():
            for broken in _some_places(await self._count_requests(stream)):
                kept, cursor = await self._read_until_fault(stream, httpx.Response(500), broken)
                whole = None if specs[stream].full_compare else cursor
                after = _ids(await self._read(stream, whole))
                assert (after if whole is None else kept | after) == ids, f"{stream} broken at {broken}"

    async def _read_until_fault(
        self, stream: str, fault: httpx.Response, place: int
    ) -> tuple[set[str], Cursor | None]:
        network, client = self._network()
        network.fault, network.fault_from = fault, place
        batches: list[Batch] = []
        with pytest.raises(SourceUnavailableError):
            await _read_into(batches, client, stream)
        await client.close()
        cursor = next((batch.cursor for batch in reversed(batches) if batch.cursor is not None), None)
        # What came after the last cursor counts as not kept: it is the hardest case.
        last = max((place for place, batch in enumerate(batches) if batch.cursor is not None), default=-1)
        return _ids(batches[: last + 1]), cursor

    async def test_the_pause_that_the_source_asks_for_is_handed_on(self):
        fault = httpx.Response(429, headers={"Retry-After": "120"})
        for stream in self.expected:
            network, client = self._network()
            network.fault, network.fault_from = fault, 1
            with pytest.raises(SourceUnavailableError) as caught:
                async for _ in client.read(stream, None):
                    pass
            await client.close()
            assert caught.value.retry_after == 120

    async def test_credentials_revoked_in_mid_reading_are_a_persons_matter(self):
        for stream in self.expected:
            network, client = self._network()
            network.fault = httpx.Response(401, json={"error": "revoked"})
            network.fault_from = await self._count_requests(stream)
            with pytest.raises(SourceRefusesError):
                async for _ in client.read(stream, None):
                    pass
            await client.close()

    async def test_the_same_page_for_ever_comes_to_an_end(self):
        for stream in self.expected:
            first: dict[str, httpx.Response] = {}

            def repeat(request: httpx.Request, kept: dict[str, httpx.Response] = first) -> httpx.Response:
                page = kept.setdefault(request.url.path, self.answer(request))
                return httpx.Response(page.status_code, headers=page.headers, content=page.content)

            network, client = self._network()
            network.answer = repeat
            # `Network` fails the test when it is asked without end.
            with suppress(SourceMisbehavesError):
                await _read_into([], client, stream)
            await client.close()

    async def test_garbage_is_an_error_with_a_sentence_or_nothing_at_all(self):
        for stream, body in zip(_as_often(self.expected, _GARBAGE), cycle(_GARBAGE), strict=False):
            network, client = self._network()
            network.fault, network.fault_from = httpx.Response(200, content=body), 1
            batches: list[Batch] = []
            # Any other kind of error would be the connector's own fault.
            with suppress(RegardError):
                await _read_into(batches, client, stream)
            await client.close()
            assert _ids(batches) == set()

    async def test_a_redirect_to_another_host_is_not_followed(self):
        network, client = self._network()
        network.fault = httpx.Response(302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
        network.fault_from = 1
        with pytest.raises(RegardError):
            async for _ in client.read(next(iter(self.expected)), None):
                pass
        await client.close()
        assert all(request.url.host != "169.254.169.254" for request in network.requests)


def _some_places(count: int) -> list[int]:
    """From 1 to `count`: all of a few, else the first three and the last two."""
    return sorted({1, 2, 3, count - 1, count} & set(range(1, count + 1)))


def _as_often(streams: Iterable[str], others: Sequence[object]) -> list[str]:
    """The streams, again and again until each of the others has met one."""
    named = list(streams)
    return named * -(-len(others) // len(named))


async def _read_into(batches: list[Batch], client: SourceClient, stream: str) -> None:
    async for batch in client.read(stream, None):
        batches.append(batch)  # noqa: PERF401 - what came before a fault must be kept


def _ids(batches: list[Batch]) -> set[str]:
    return {record.external_id for batch in batches for record in batch.records}


def _check_record(record: RawRecord, stream: str) -> None:
    assert record.stream == stream
    assert isinstance(record.external_id, str)
    assert record.external_id
    assert record.body is None or isinstance(json.loads(json.dumps(record.body)), dict)
    assert record.updated_at is None or record.updated_at.tzinfo is not None
