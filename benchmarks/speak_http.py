"""HTTP/1.1 over kept connections: as little as a load generator needs, so that it costs little itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import cast

_HEAD_END = b"\r\n\r\n"
_NO_BODY = frozenset({204, 304})


class ConnectionBrokenError(Exception):
    """The connection ended before the answer was whole."""


class Speaker(asyncio.Protocol):
    """One connection: one request at a time, the answer's status and body."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._whole: int | None = None

    @classmethod
    async def connect(cls, host: str, port: int) -> Speaker:
        """Open a connection."""
        _, speaker = await asyncio.get_running_loop().create_connection(cls, host, port)
        return speaker

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send the bytes of a request; raises `ConnectionBrokenError`."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionBrokenError
        self._buffer.clear()
        self._whole = None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Let the connection go."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        # By its shape: uvloop's transports are no subclasses.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionBrokenError())

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        self._buffer += data
        if self._answer is None or self._answer.done():
            return
        head = self._buffer.find(_HEAD_END)
        if head < 0:
            return
        if self._whole is None:
            self._whole = _whole_length(bytes(self._buffer[: head + 2]), head)
        if self._whole >= 0 and len(self._buffer) >= self._whole:
            self._finish(head, self._whole)
        elif self._whole < 0 and self._buffer.endswith(b"\r\n0\r\n\r\n"):
            self._finish(head, len(self._buffer))

    def _finish(self, head: int, end: int) -> None:
        assert self._answer is not None
        self._answer.set_result((int(self._buffer[9:12]), bytes(self._buffer[head + 4 : end])))


def write_request(
    method: str, path: str, host: str, headers: Mapping[str, str], body: bytes | None = None
) -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Accept: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


async def follow_stream(
    host: str, port: int, path: str, headers: Mapping[str, str]
) -> AsyncGenerator[bytes, None]:
    """The `data:` lines of a stream of server-sent events; the first item is empty: the stream is open."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(write_request("GET", path, f"{host}:{port}", headers))
        status = await reader.readline()
        if b" 200 " not in status:
            raise ConnectionBrokenError(status.decode("ascii", "replace").strip())
        while line := await reader.readline():
            if line.startswith(b": listening"):
                yield b""
            elif line.startswith(b"data:"):
                yield line[5:].strip()
    finally:
        writer.close()


def _whole_length(head: bytes, end: int) -> int:
    """Bytes of the whole answer; -1 when it comes in chunks."""
    if int(head[9:12]) in _NO_BODY:
        return end + 4
    lowered = head.lower()
    at = lowered.find(b"\r\ncontent-length:")
    if at < 0:
        return -1
    return end + 4 + int(lowered[at + 17 : lowered.index(b"\r\n", at + 2)])
