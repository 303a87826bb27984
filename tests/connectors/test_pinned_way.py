"""Libraries that look up names by themselves reach the addresses that were checked, and no other place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from regard.connectors.allow_networks import SourceNetworks, read_networks
from regard.connectors.connector_contract import SourceUnavailableError
from regard.connectors.folder.folder_settings import read_bucket_settings
from regard.connectors.folder.look_into_bucket import open_shelf
from regard.connectors.http.pinned_way import PinnedWay

LISTED = b"""<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
<KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>a.csv</Key>
<LastModified>2026-05-01T10:00:00.000Z</LastModified><ETag>"x"</ETag><Size>3</Size></Contents>
</ListBucketResult>"""


@asynccontextmanager
async def serving(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()


def said(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body


async def ask(way: PinnedWay, text: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(way.url.rpartition(":")[2]))
    writer.write(text)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("host", "asked_for"), [("files.invalid", "files.invalid"), ("straße.invalid", "xn--strae-oqa.invalid")]
)
async def test_a_bucket_is_reached_at_the_address_that_was_checked(
    host: str, asked_for: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    async with serving(said(LISTED)) as (port, asked):
        # No name server knows this host: whoever looked it up again would not get there.
        settings = read_bucket_settings({
            "bucket": "b", "endpoint": f"http://{host}:{port}", "access_key": "a", "secret_key": "s",
        })  # fmt: skip
        shelf = open_shelf(settings, "*.csv", SourceNetworks(), find=lambda _: ["127.0.0.1"])
        assert [file.name for file in await shelf.look()] == ["a.csv"]
        assert f"host: {asked_for}:{port}".encode() in asked[0]
        await shelf.close()


async def test_a_name_that_leads_inside_after_it_was_checked_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    answers = iter([["93.184.216.34"]])
    async with serving(said(LISTED)) as (port, asked):
        settings = read_bucket_settings({
            "bucket": "b", "endpoint": f"http://files.invalid:{port}", "access_key": "a", "secret_key": "s",
        })  # fmt: skip
        shelf = open_shelf(
            settings, "*.csv", read_networks("public"), find=lambda _: next(answers, ["127.0.0.1"])
        )
        with pytest.raises(SourceUnavailableError):
            await shelf.look()
        assert asked == []
        await shelf.close()


async def test_the_way_leads_to_one_place_alone_encrypted_or_not() -> None:
    async with serving(b"pong") as (port, asked):
        way = PinnedWay("files.invalid", port, lambda: ["127.0.0.1"])
        await way.start()
        for target in (f"other.invalid:{port}", f"files.invalid:{port + 1}", "files.invalid"):
            assert (await ask(way, f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())).startswith(b"HTTP/1.1 403")
            sent = f"GET http://{target}/ HTTP/1.1\r\n\r\n".encode()
            assert (await ask(way, sent)).startswith(b"HTTP/1.1 403")
        assert asked == []
        inside = f"CONNECT FILES.invalid:{port} HTTP/1.1\r\n\r\nhello\r\n\r\n".encode()
        assert await ask(way, inside) == b"HTTP/1.1 200 Connection established\r\n\r\npong"
        assert asked == [b"hello\r\n\r\n"]
        assert await ask(way, b"nonsense\r\n\r\n") == b""
        await way.close()
