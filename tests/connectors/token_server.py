"""An authorisation server and the API behind it, on a free port of this machine (RFC 6749)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote

from regard.kit.clock import SetClock


@dataclass
class TokenServer:
    """Refresh tokens work once when they `rotate`; using one twice revokes all, as vendors do.

    `life` is that of access tokens in seconds, `pause` the time that a renewal takes.
    """

    clock: SetClock
    life: int = 3600
    rotate: bool = True
    pause: float = 0.0
    refresh_token: str = "r0"
    revoked: bool = False
    broken: int = 0
    port: int = 0
    renewals: list[dict[str, str]] = field(default_factory=list)
    refused: int = 0
    tokens: dict[str, datetime] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def accepts(self, token: str) -> bool:
        """Whether an access token may be used now."""
        return token in self.tokens and self.clock.now() < self.tokens[token]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split(" ")
        status, told = await self._answer(method, path.partition("?")[0], headers, body.decode())
        content = json.dumps(told).encode()
        writer.write(
            f"HTTP/1.1 {status} -\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode()
            + content
        )
        await writer.drain()
        writer.close()

    async def _answer(self, method: str, path: str, headers: Mapping[str, str], body: str) -> tuple[int, Any]:
        if (method, path) == ("POST", "/token"):
            return await self._renew(headers, {name: one[0] for name, one in parse_qs(body).items()})
        if not self.accepts(headers.get("authorization", "").removeprefix("Bearer ")):
            self.refused += 1
            return 401, {"error": "invalid_token"}
        return 200, [{"id": path.strip("/")}]

    async def _renew(self, headers: Mapping[str, str], form: dict[str, str]) -> tuple[int, Any]:
        self.renewals.append(form)
        await asyncio.sleep(self.pause)
        if self.broken:
            self.broken -= 1
            return 503, {}
        if _client(headers, form) != ("i", "s"):
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "refresh_token":
            if self.revoked or form.get("refresh_token") != self.refresh_token:
                self.revoked = True
                return 400, {"error": "invalid_grant"}
            if self.rotate:
                self.refresh_token = f"r{len(self.renewals)}"
        token = f"a{len(self.renewals)}"
        self.tokens = {token: self.clock.now() + timedelta(seconds=self.life)}
        told = {"access_token": token, "expires_in": self.life, "token_type": "Bearer"}
        return 200, {**told, "refresh_token": self.refresh_token} if self.rotate else told


def _client(headers: Mapping[str, str], form: Mapping[str, str]) -> tuple[str, str]:
    basic = headers.get("authorization", "")
    if basic.startswith("Basic "):
        name, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
        return unquote(name), unquote(secret)
    return form.get("client_id", ""), form.get("client_secret", "")


@asynccontextmanager
async def run_token_server(clock: SetClock, **knobs: Any) -> AsyncIterator[TokenServer]:
    """The server while a test runs."""
    server = TokenServer(clock, **knobs)
    listening = await asyncio.start_server(server._serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
