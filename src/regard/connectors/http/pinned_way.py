"""A way for libraries that look up names by themselves: a proxy of our own, to checked addresses of one host.

The library is told to use the proxy, which connects to what `reach_host` gave and to nothing else. What is
encrypted stays so from end to end: the proxy sees only to whom it leads.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from regard.connectors.allow_networks import HostForbiddenError, HostUnknownError

_SECONDS = 15.0
_LONGEST_HEAD = 65_536
_CHUNK = 65_536
_REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_NOT_REACHED = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"


class PinnedWay:
    """An HTTP proxy on this machine's loopback that leads to one host and port, by checked addresses.

    `reach` gives the addresses, for each connection anew, and blocks; raises as `reach_host`.
    """

    def __init__(self, host: str, port: int, reach: Callable[[], Sequence[str]]) -> None:
        self._place = (host.lower(), port)
        self._port = port
        self._reach = reach
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def start(self) -> None:
        """Serve from now on."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, sock=self._socket, limit=_LONGEST_HEAD)

    async def close(self) -> None:
        """Serve no more, and end what is open."""
        self.discard()
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.close()

    def discard(self) -> None:
        """Give back what was taken, before anything was served."""
        if self._server is None:
            self._socket.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            async with asyncio.timeout(_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            method, target = head.split(b" ", 2)[:2]
            if _place_of(method, target) != self._place:
                writer.write(_REFUSED)
                return
            there = await self._connect()
            if there is None:
                writer.write(_NOT_REACHED)
                return
            # Whoever is asked by its whole address, as a proxy is, must understand it (RFC 9112, 3.2.2).
            if method == b"CONNECT":
                writer.write(_OPEN)
            else:
                there[1].write(head)
            await self._carry(reader, writer, *there)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            self._open.discard(writer)
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        try:
            addresses = await asyncio.to_thread(self._reach)
        except (HostForbiddenError, HostUnknownError):
            return None
        for address in addresses:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(_SECONDS):
                    return await asyncio.open_connection(address, self._port)
        return None

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        self._open.add(far_writer)
        try:
            await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
        finally:
            self._open.discard(far_writer)
            far_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes until their end, which is passed on as well."""
    try:
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    finally:
        if not writer.is_closing():
            writer.close()


def _place_of(method: bytes, target: bytes) -> tuple[str, int]:
    """Where a request for a proxy leads; raises `ValueError`."""
    text = target.decode("ascii")
    parts = urlsplit(f"//{text}" if method == b"CONNECT" else text)
    return (parts.hostname or "").lower(), parts.port or (443 if method == b"CONNECT" else 80)
