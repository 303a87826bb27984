"""Manifests against a real authorisation server: tokens end, rotate, are revoked, and are renewed once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError, Surroundings
from regard.connectors.http.guarded_client import HttpLimits
from regard.connectors.manifests.manifest_client import ManifestClient, ManifestOptions
from regard.connectors.manifests.read_manifest import read_manifest
from regard.connectors.merge_settings import merge
from regard.kit.clock import SetClock
from tests.connectors.conformance import no_pause
from tests.connectors.token_server import TokenServer, run_token_server

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
STREAMS = ("contacts", "orders", "tickets")
ROTATES = {"refresh_token": "{{ config.credentials.refresh_token }}", "refresh_token_updater": {}}
CONFIG = {"id": "i", "secret": "s", "credentials": {"refresh_token": "r0"}}


@dataclass
class Reader:
    """A source of three streams, as Regard reads it; `kept` are its settings after each renewal."""

    server: TokenServer
    way: Mapping[str, Any]
    config: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(CONFIG)))
    kept: list[dict[str, Any]] = field(default_factory=list)

    async def keep(self, settings: Mapping[str, Any]) -> None:
        self.kept.append(merge(self.kept[-1] if self.kept else self.config, settings))

    def open(self) -> ManifestClient:
        sign_in = {
            "type": "OAuthAuthenticator",
            "token_refresh_endpoint": f"{self.server.url}/token",
            "client_id": "{{ config.id }}",
            "client_secret": "{{ config.secret }}",
            **self.way,
        }
        streams = [_stream(name, self.server.url, sign_in) for name in STREAMS]
        check = {"type": "CheckStream", "stream_names": ["contacts"]}
        manifest = {"version": "7.0.0", "type": "DeclarativeSource", "check": check, "streams": streams}
        options = ManifestOptions(
            keep_settings=self.keep, limits=HttpLimits(per_second=0), sleep=no_pause
        )  # fmt: skip
        surroundings = Surroundings("crm", self.server.clock)
        return ManifestClient(read_manifest(json.dumps(manifest)), self.config, surroundings, options)


def _stream(name: str, url: str, sign_in: Mapping[str, Any]) -> dict[str, Any]:
    requester = {"type": "HttpRequester", "url_base": url, "path": name, "authenticator": sign_in}
    selector = {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": []}}
    retriever = {"type": "SimpleRetriever", "requester": requester, "record_selector": selector}
    return {"type": "DeclarativeStream", "name": name, "primary_key": "id", "retriever": retriever}


async def read(client: ManifestClient, stream: str = "contacts") -> list[str]:
    return [record.external_id async for batch in client.read(stream, None) for record in batch.records]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


async def test_a_token_that_ended_is_renewed_before_it_is_used(clock: SetClock) -> None:
    async with run_token_server(clock) as server:
        client = Reader(server, ROTATES).open()
        assert await read(client) == ["contacts"]
        clock.advance(timedelta(seconds=3_500))
        assert await read(client) == ["contacts"]
        assert len(server.renewals) == 1
        clock.advance(timedelta(seconds=90))
        assert await read(client, "orders") == ["orders"]
        assert [one["refresh_token"] for one in server.renewals] == ["r0", "r1"]
        assert server.refused == 0
        await client.close()


async def test_a_rotated_refresh_token_is_what_the_next_start_uses(clock: SetClock) -> None:
    async with run_token_server(clock) as server:
        reader = Reader(server, ROTATES)
        first = reader.open()
        await read(first)
        await first.close()
        assert reader.kept[-1]["credentials"]["refresh_token"] == "r1"
        reader.config = reader.kept[-1]
        clock.advance(timedelta(seconds=4_000))
        second = reader.open()
        assert await read(second) == ["contacts"]
        assert server.renewals[-1]["refresh_token"] == "r1"
        await second.close()


async def test_streams_read_at_once_renew_the_token_once(clock: SetClock) -> None:
    async with run_token_server(clock, pause=0.05) as server:
        client = Reader(server, ROTATES).open()
        for _ in range(2):
            told = await asyncio.gather(*(read(client, name) for name in STREAMS))
            assert told == [[name] for name in STREAMS]
            clock.advance(timedelta(seconds=4_000))
        assert [one["refresh_token"] for one in server.renewals] == ["r0", "r1"]
        await client.close()


async def test_a_token_that_was_revoked_before_its_end_is_renewed_once_for_all_streams(
    clock: SetClock,
) -> None:
    async with run_token_server(clock) as server:
        client = Reader(server, ROTATES).open()
        await read(client)
        server.tokens.clear()
        told = await asyncio.gather(*(read(client, name) for name in STREAMS))
        assert told == [[name] for name in STREAMS]
        assert len(server.renewals) == 2
        await client.close()


async def test_a_kept_access_token_is_used_until_it_ends(clock: SetClock) -> None:
    async with run_token_server(clock) as server:
        reader = Reader(server, ROTATES)
        first = reader.open()
        await read(first)
        await first.close()
        reader.config = reader.kept[-1]
        second = reader.open()
        assert await read(second) == ["contacts"]
        assert len(server.renewals) == 1
        await second.close()


async def test_a_revoked_refresh_token_is_a_persons_matter(clock: SetClock) -> None:
    async with run_token_server(clock, revoked=True) as server:
        client = Reader(server, ROTATES).open()
        with pytest.raises(SourceRefusesError, match="connect it anew"):
            await client.check()
        await client.close()


async def test_wrong_client_credentials_are_told_apart_from_a_revoked_token(clock: SetClock) -> None:
    async with run_token_server(clock) as server:
        reader = Reader(server, ROTATES)
        reader.config["secret"] = "old"
        client = reader.open()
        with pytest.raises(SourceRefusesError, match="client id and client secret"):
            await client.check()
        await client.close()
        assert not reader.kept


async def test_a_token_server_that_is_down_is_a_passing_trouble(clock: SetClock) -> None:
    async with run_token_server(clock, broken=100) as server:
        client = Reader(server, ROTATES).open()
        with pytest.raises(SourceUnavailableError):
            await read(client)
        server.broken = 0
        assert await read(client) == ["contacts"]
        await client.close()


@pytest.mark.parametrize("by_header", [False, True], ids=["in the body", "by Basic"])
async def test_client_credentials_are_exchanged_and_exchanged_again(
    clock: SetClock, *, by_header: bool
) -> None:
    header = {"Authorization": "Basic {{ (config.id + ':' + config.secret) | base64encode }}"}
    way = {"grant_type": "client_credentials", **({"refresh_request_headers": header} if by_header else {})}
    async with run_token_server(clock, rotate=False) as server:
        client = Reader(server, way).open()
        assert await read(client) == ["contacts"]
        clock.advance(timedelta(seconds=3_600))
        assert await read(client) == ["contacts"]
        assert [one["grant_type"] for one in server.renewals] == ["client_credentials"] * 2
        assert all(("client_secret" in one) is not by_header for one in server.renewals)
        await client.close()
