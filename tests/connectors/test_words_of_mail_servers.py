"""Why a mail server cannot be reached is told with what to do about it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from regard.connectors.connector_contract import SourceUnavailableError, Surroundings
from regard.connectors.mail.mailbox_source import open_mailbox
from regard.kit.clock import SystemClock


async def told_by(port: int) -> str:
    settings = {"host": "127.0.0.1", "port": port, "user": "ann@shop.example", "password": "p"}
    client = open_mailbox(settings, Surroundings("mail", SystemClock()))
    with pytest.raises(SourceUnavailableError) as caught:
        await client.check()
    await client.close()
    assert "Errno" not in str(caught.value)
    assert "Error" not in str(caught.value)
    return str(caught.value)


async def test_where_nothing_listens_host_and_port_are_to_be_checked() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert "nothing listens there; check “host” and “port”" in await told_by(taken.getsockname()[1])


async def test_a_server_without_tls_there_is_told_from_one_that_is_away() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        await writer.drain()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert "check “port” and “encryption”" in await told_by(port)
    server.close()
