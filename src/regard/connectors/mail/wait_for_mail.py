"""The standard library's IMAP client with what it lacks.

That is IDLE (RFC 2177), lines of any sensible length, and a buffer that survives waiting with a time limit.
"""

from __future__ import annotations

import imaplib
import re
import selectors
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress

from regard.connectors.allow_networks import reach_host
from regard.connectors.connector_contract import SourceRefusesError
from regard.connectors.mail.mail_settings import MailSettings

SECONDS = 60.0
"""How long the server may take for an answer."""

_LONGEST_LINE = 32 * 1024 * 1024
_NEWS = re.compile(rb"\* \d+ EXISTS", re.IGNORECASE)


class IdleImap(imaplib.IMAP4):
    """The library's client on a buffer of our own, so that a wait that ran out leaves nothing half read."""

    def __init__(self, settings: MailSettings) -> None:
        tls = settings.encryption != "none"
        self._context = ssl.create_default_context(cadata=settings.ca) if tls else None
        self._networks = settings.networks
        self._at_once = settings.encryption == "tls"
        self._received = bytearray()
        super().__init__(settings.host, settings.port, SECONDS)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Connect; called by the library."""
        self.host, self.port = host, port
        self.sock = _connect(reach_host(host, port, self._networks), port, timeout)
        if self._at_once and self._context:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=host)

    def secure(self) -> None:
        """Change to TLS on the open connection."""
        typ, _ = self._simple_command("STARTTLS")
        if typ != "OK" or self._context is None:
            raise SourceRefusesError("the mail server does not offer STARTTLS; choose another encryption")
        if self._received:
            raise SourceRefusesError("the mail server spoke on before encryption began; not to be trusted")
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)
        # What was said before encryption began may have been forged.
        self._get_capabilities()

    def read(self, size: int) -> bytes:
        """Exactly so many bytes; called by the library."""
        while len(self._received) < size:
            self._receive()
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def readline(self) -> bytes:
        """The next line with its end; called by the library."""
        looked = 0
        while (end := self._received.find(b"\n", looked)) < 0:
            looked = len(self._received)
            if looked > _LONGEST_LINE:
                raise self.error("a line of the server is longer than any answer can be")
            self._receive()
        return self.read(end + 1)

    def shutdown(self) -> None:
        """Close the connection; called by the library."""
        self.sock.close()

    def has_line(self, seconds: float) -> bool:
        """Whether a line has come, waiting for it at most so long."""
        until = time.monotonic() + seconds
        while b"\n" not in self._received:
            left = until - time.monotonic()
            if not self._pending() and (left <= 0 or not self._readable(left)):
                return False
            self._receive()
        return True

    def idle(self, seconds: float) -> bool:
        """Wait until the server tells of new mail, at most so long; whether it did."""
        tag = self._new_tag()
        self.send(tag + b" IDLE\r\n")
        told = False
        while not (line := self.readline()).startswith(b"+"):
            told = told or self._is_news(line, tag)
        until = time.monotonic() + seconds
        while not told and self.has_line(until - time.monotonic()):
            told = self._is_news(self.readline(), tag)
        self.send(b"DONE\r\n")
        while not (line := self.readline()).startswith(tag):
            told = told or self._is_news(line, tag)
        del self.tagged_commands[tag]
        return told

    def _is_news(self, line: bytes, tag: bytes) -> bool:
        if line.startswith((tag, b"* BYE")):
            raise self.abort("the server ended the wait for new mail")
        return _NEWS.match(line) is not None

    def _pending(self) -> bool:
        return isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0

    def _readable(self, seconds: float) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self.sock, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def _receive(self) -> None:
        chunk = self.sock.recv(256 * 1024)
        if not chunk:
            raise self.abort("the server closed the connection")
        self._received += chunk


def _connect(addresses: Sequence[str], port: int, timeout: float | None) -> socket.socket:
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout)
    return socket.create_connection((last, port), timeout)
