"""Encrypts before a PostgreSQL that cannot: the embedded server is built without TLS."""

from __future__ import annotations

import asyncio
import ssl
import struct
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

_ASKS_FOR_TLS = struct.pack("!ii", 8, 80877103)  # SSLRequest of the protocol, version 3
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class TlsBeforePostgres:
    """Listens on a free port; `seen` says of each connection whether it was encrypted."""

    def __init__(self, host: str, certificate: Path) -> None:
        self.host = host
        self.port = 0
        self.seen: list[bool] = []
        self._proof = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._proof.load_cert_chain(certificate)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._apart(self._listen())

    def close(self) -> None:
        self._apart(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _apart(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            first = await reader.readexactly(8)
            encrypted = first == _ASKS_FOR_TLS
            if encrypted:
                writer.write(b"S")
                await writer.start_tls(self._proof)
                first = b""
            self.seen.append(encrypted)
            await self._join((reader, writer), await asyncio.open_connection(self.host, 5432), first)
        writer.close()

    async def _join(self, client: _Streams, server: _Streams, first: bytes) -> None:
        server[1].write(first)
        await asyncio.gather(_pass_on(client[0], server[1]), _pass_on(server[0], client[1]))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
