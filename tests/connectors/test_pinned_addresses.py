"""Where a name leads is judged before every request, and no name server can change its mind afterwards."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from regard.connectors.allow_networks import HostForbiddenError, read_networks
from regard.connectors.connector_contract import SourceMisbehavesError, SourceUnavailableError
from regard.connectors.http.check_addresses import AddressGuard, GuardedTransport
from regard.connectors.http.guarded_client import GuardedClient
from tests.connectors.certificates import make_certificate

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def pinned(addresses: Sequence[str], inner: httpx.AsyncBaseTransport) -> GuardedTransport:
    async def resolve(_: str) -> Sequence[str]:
        return addresses

    return GuardedTransport(AddressGuard("api.example.com", resolve), lambda: inner)


async def test_a_request_goes_to_the_address_that_was_checked_and_keeps_the_name() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    transport = pinned(["93.184.216.34"], httpx.MockTransport(answer))
    client = GuardedClient("https://api.example.com:8443/v1", transport=transport)
    told = await client.get("contacts")
    (request,) = asked
    assert str(request.url) == "https://93.184.216.34:8443/v1/contacts"
    assert request.headers["host"] == "api.example.com:8443"
    assert request.extensions["sni_hostname"] == "api.example.com"
    assert told.url == "https://api.example.com:8443/v1/contacts"


async def test_a_host_with_other_letters_is_resolved_proved_and_named_alike() -> None:
    resolved: list[str] = []
    asked: list[httpx.Request] = []

    async def resolve(host: str) -> Sequence[str]:
        resolved.append(host)
        return ["93.184.216.34"]

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    transport = GuardedTransport(
        AddressGuard("xn--strae-oqa.de", resolve), lambda: httpx.MockTransport(answer)
    )
    client = GuardedClient("https://straße.de/v1", also_hosts=["fußball.de"], transport=transport)
    await client.get("contacts")
    await client.get("https://xn--strae-oqa.de/v1/contacts")
    await client.get("https://xn--fuball-cta.de/")
    assert resolved == ["xn--strae-oqa.de", "xn--strae-oqa.de", "xn--fuball-cta.de"]
    for request, host in zip(asked, resolved, strict=True):
        assert (request.extensions["sni_hostname"], request.headers["host"]) == (host, host)


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "2606:2800:220:1::1":
            raise httpx.ConnectError("unreachable", request=request)
        return httpx.Response(200, json={"at": request.url.host, "said": request.content.decode()})

    transport = pinned(["2606:2800:220:1::1", "93.184.216.34"], httpx.MockTransport(answer))
    client = GuardedClient("https://api.example.com/", transport=transport)
    assert (await client.post("x", json=[1])).json() == {"at": "93.184.216.34", "said": "[1]"}


@pytest.mark.parametrize("names", [("api.example.com",), ("another.example.com",)])
async def test_the_certificate_must_name_the_host_although_an_address_is_asked(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    key, certificate = make_certificate(*names)
    both = tmp_path / "server.pem"
    both.write_bytes(key + certificate)
    proof = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    proof.load_cert_chain(both)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=proof)
    port = server.sockets[0].getsockname()[1]
    trust = ssl.create_default_context(cadata=certificate.decode())
    transport = pinned(["127.0.0.1"], httpx.AsyncHTTPTransport(verify=trust))
    client = GuardedClient(f"https://api.example.com:{port}/", transport=transport)
    if names == ("api.example.com",):
        assert (await client.get("x")).json() == {}
    else:
        with pytest.raises(SourceUnavailableError):
            await client.get("x")
    await client.close()
    server.close()


def guarded(configured: str, addresses: dict[str, Sequence[str]]) -> AddressGuard:
    async def resolve(host: str) -> Sequence[str]:
        if host not in addresses:
            raise OSError(host)
        return addresses[host]

    return AddressGuard(configured, resolve)


async def test_the_configured_host_may_stand_inside_the_company():
    await guarded("crm.corp", {"crm.corp": ["10.1.2.3"]}).check("crm.corp")
    await guarded("127.0.0.1", {}).check("127.0.0.1")
    await guarded("::1", {}).check("::1")


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1%eth0", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254"]
)
async def test_no_host_may_lead_to_the_metadata_service_of_a_cloud(address):
    with pytest.raises(HostForbiddenError, match="no source"):
        await guarded("crm.corp", {"crm.corp": [address]}).check("crm.corp")


async def test_a_public_source_that_turns_private_is_not_asked():
    addresses: dict[str, Sequence[str]] = {"api.example.com": ["93.184.216.34"]}
    guard = guarded("api.example.com", addresses)
    await guard.check("api.example.com")
    addresses["api.example.com"] = ["127.0.0.1"]
    with pytest.raises(SourceMisbehavesError, match="inside the network"):
        await guard.check("api.example.com")


async def test_a_further_host_of_a_public_source_must_be_public():
    guard = guarded(
        "api.example.com", {"api.example.com": ["93.184.216.34"], "files.example.com": ["10.0.0.1"]}
    )
    await guard.check("api.example.com")
    with pytest.raises(SourceMisbehavesError, match="inside the network"):
        await guard.check("files.example.com")


async def test_the_guard_is_asked_before_every_request():
    transport = GuardedTransport(
        guarded("api.example.com", {"api.example.com": ["169.254.1.1"]}),
        lambda: httpx.MockTransport(lambda request: pytest.fail("it was asked")),
    )
    client = GuardedClient("https://api.example.com/v1", transport=transport)
    with pytest.raises(HostForbiddenError):
        await client.get("x")


async def test_a_name_without_address_is_a_passing_fault():
    with pytest.raises(SourceUnavailableError, match="name server"):
        await guarded("gone.example", {}).check("gone.example")


async def test_behind_a_proxy_a_written_address_is_judged_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for name in ("no_proxy", "NO_PROXY", "HTTPS_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("https_proxy", proxy)
        public = read_networks("public")
        for host in (
            "169.254.169.254",
            "[fd20:ce::254]",
            "10.0.0.1",
            "0xa9fea9fe",
            "169.254.169.254.",
            "127.1",
        ):
            client = GuardedClient(f"https://{host}/", networks=public)
            with pytest.raises(HostForbiddenError):
                await client.get("latest")
            await client.close()
        for host in ("93.184.216.34", "names.are.for.the.proxy.example"):
            client = GuardedClient(f"https://{host}/", networks=public)
            # It is asked, and nobody listens there.
            with pytest.raises(SourceUnavailableError):
                await client.get("latest")
            await client.close()
