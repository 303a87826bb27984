"""A mail server that lets programs in by XOAUTH2 only, with one mail; on a free port of this machine."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

MAIL = (
    b"From: Ann <ann@home.example>\r\nTo: help@shop.example\r\nSubject: by token\r\n"
    b"Date: Mon, 02 Mar 2026 10:00:00 +0100\r\nMessage-ID: <1@home.example>\r\n\r\nhello\r\n"
)
_REFUSAL = base64.b64encode(b'{"status":"400","schemes":"Bearer"}')


@dataclass
class TokenMailbox:
    """`accepts` decides on access tokens; `seen` are those that were presented."""

    accepts: Callable[[str], bool]
    mechanisms: str = "AUTH=XOAUTH2 SASL-IR"
    port: int = 0
    seen: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        with suppress(OSError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                tag, _, rest = line.strip().partition(b" ")
                command = b" ".join(rest.split()[: 2 if rest.upper().startswith(b"UID") else 1]).upper()
                if command == b"AUTHENTICATE":
                    answer = await self._authenticate(reader, writer)
                else:
                    for told in self._tell(command, rest):
                        writer.write(told + b"\r\n")
                    answer = b"OK done"
                writer.write(tag + b" " + answer + b"\r\n")
        writer.close()

    async def _authenticate(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"+ \r\n")
        proof = base64.b64decode(await reader.readline()).decode()
        user, bearer, *_ = proof.split("\1")
        token = bearer.removeprefix("auth=Bearer ")
        self.seen.append(token)
        if user == "user=help@shop.example" and self.accepts(token):
            return b"OK signed in"
        writer.write(b"+ " + _REFUSAL + b"\r\n")
        assert (await reader.readline()).strip() == b"", "the refusal wants an empty answer"
        return b"NO [AUTHENTICATIONFAILED] Invalid credentials"

    def _tell(self, command: bytes, rest: bytes) -> list[bytes]:
        if command == b"CAPABILITY":
            return [f"* CAPABILITY IMAP4rev1 {self.mechanisms}".encode()]
        if command == b"EXAMINE":
            return [b"* 1 EXISTS", b"* OK [UIDVALIDITY 7] x", b"* OK [UIDNEXT 2] x"]
        if command == b"UID SEARCH":
            return [b"* SEARCH 1"]
        if command != b"UID FETCH":
            return []
        size = str(len(MAIL)).encode()
        if b"BODY" not in rest:
            return [b"* 1 FETCH (UID 1 RFC822.SIZE " + size + b")"]
        head = b"* 1 FETCH (UID 1 RFC822.SIZE " + size + b" BODY[]<0> {" + size + b"}\r\n"
        return [head + MAIL + b")"]


@asynccontextmanager
async def run_token_mailbox(accepts: Callable[[str], bool], **knobs: str) -> AsyncIterator[TokenMailbox]:
    """The server while a test runs."""
    mailbox = TokenMailbox(accepts, **knobs)
    listening = await asyncio.start_server(mailbox.serve, "127.0.0.1", 0)
    mailbox.port = listening.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        listening.close()
