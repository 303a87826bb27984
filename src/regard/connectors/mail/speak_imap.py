"""One connection to an IMAP server (RFC 3501, IDLE: RFC 2177): blocking, for a thread of its own.

It adds to the standard library's client what that lacks: IDLE, lines of any sensible length, a buffer that
survives waiting with a time limit, and errors that say whether waiting or a person helps.
"""

from __future__ import annotations

import imaplib
import re
import selectors
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.mail.mail_settings import MailSettings
from regard.connectors.mail.parse_mail import RawMail
from regard.kit.clock import Clock

MOST_BYTES = 1024 * 1024
"""How much of one mail is fetched: its head and the beginning of its content."""

_SECONDS = 60.0
_LONGEST_LINE = 32 * 1024 * 1024
_NEWS = re.compile(rb"\* \d+ EXISTS", re.IGNORECASE)
_META = re.compile(rb"UID (\d+)|RFC822\.SIZE (\d+)|INTERNALDATE \"([^\"]{1,40})\"", re.IGNORECASE)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as it was when opened: another `validity` means that all uids were given anew."""

    validity: int
    next_uid: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail of which only uid and size in bytes are known."""

    uid: int
    size: int


class _Imap(imaplib.IMAP4):
    """The library's client on a buffer of our own, so that a wait that ran out leaves nothing half read."""

    def __init__(self, settings: MailSettings) -> None:
        self._context = ssl.create_default_context() if settings.encryption != "none" else None
        self._at_once = settings.encryption == "tls"
        self._received = bytearray()
        super().__init__(settings.host, settings.port, _SECONDS)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Connect; called by the library."""
        self.host, self.port = host, port
        self.sock = socket.create_connection((host, port), timeout)
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


class ImapSession:
    """A signed-in connection with one folder open for reading; nothing in the mailbox is changed."""

    def __init__(self, settings: MailSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._busy = threading.Lock()
        self._place = f"{settings.host}:{settings.port}"
        self._imap = self._guard(lambda: _Imap(settings))
        try:
            self._sign_in()
        except BaseException:
            self.close()
            raise

    def open_folder(self, folder: str) -> Selected:
        """Open a folder read-only."""
        answer = self._guard(lambda: self._imap.select(f'"{encode_folder(folder)}"', readonly=True))
        if answer[0] != "OK":
            raise SourceRefusesError(
                f"the mailbox on {self._place} has no folder “{folder[:80]}”; correct “folders” of the source"
            )
        validity, following = (self._imap.response(name)[1] for name in ("UIDVALIDITY", "UIDNEXT"))
        return Selected(_number(validity), _number(following))

    def list_uids(self, after: int) -> list[int]:
        """The uids beyond `after`, rising, of mail that arrived since the day of the settings."""
        terms = ["UID", f"{after + 1}:*"]
        if self._settings.since:
            since = self._settings.since
            terms += ["SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"]
        found = self._command("SEARCH", *terms)
        uids = {
            int(uid) for line in found if isinstance(line, bytes) for uid in line.split() if uid.isdigit()
        }
        # `n:*` names the last mail even when it lies before n.
        return sorted(uid for uid in uids if uid > after)

    def list_sizes(self, uids: Sequence[int]) -> list[Listed]:
        """The sizes of mails that are still there."""
        found = self._command("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")
        listed = []
        for line in found:
            meta = _read_meta(line if isinstance(line, bytes) else b"")
            if meta.uid:
                listed.append(Listed(meta.uid, meta.size))
        return sorted(listed, key=lambda one: one.uid)

    def fetch(self, uids: Sequence[int]) -> dict[int, RawMail]:
        """The mails of these uids that are still there, each at most `MOST_BYTES` of it; left unread."""
        parts = f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{MOST_BYTES}>)"
        found = self._command("FETCH", ",".join(map(str, uids)), parts)
        mails: dict[int, RawMail] = {}
        for at, part in enumerate(found):
            if not isinstance(part, tuple):
                continue
            # Some servers tell size and date only behind the content.
            behind = found[at + 1] if at + 1 < len(found) else b""
            meta = _read_meta(part[0] + b" " + (behind if isinstance(behind, bytes) else b""))
            if meta.uid:
                delivered = meta.delivered or self._clock.now()
                mails[meta.uid] = RawMail(part[1], max(meta.size, len(part[1])), delivered)
        return mails

    def wait(self, seconds: float) -> bool:
        """Wait at most so long for new mail; whether the server told of any."""
        if "IDLE" in self._imap.capabilities:
            return self._guard(lambda: self._imap.idle(seconds))
        # Waiting on the connection, unlike sleeping, ends when it is cut.
        self._guard(lambda: self._imap.has_line(min(seconds, self._settings.poll_seconds)))
        self._guard(self._imap.noop)
        return True

    def close(self) -> None:
        """Cut the connection; a thread that waits on it ends with an error."""
        with suppress(OSError):
            self._imap.sock.shutdown(socket.SHUT_RDWR)
        # Closed before the other thread has noticed, the connection would let it wait on nothing.
        if self._busy.acquire(timeout=_SECONDS):
            try:
                self._imap.shutdown()
            finally:
                self._busy.release()

    def _sign_in(self) -> None:
        if self._settings.encryption == "starttls":
            self._guard(self._imap.secure)
        user, password = self._settings.user, self._settings.password
        try:
            if "AUTH=PLAIN" in self._imap.capabilities:
                plain = f"\0{user}\0{password}".encode()
                self._guard(lambda: self._imap.authenticate("PLAIN", lambda _: plain))
            else:
                self._guard(lambda: self._imap.login(user, password))
        except SourceRefusesError:
            raise SourceRefusesError(
                f"the mail server {self._place} refuses user and password; correct them in the source"
                " (many providers want an app password)"
            ) from None

    def _command(self, *terms: str) -> list[bytes | tuple[bytes, bytes] | None]:
        typ, found = self._guard(lambda: self._imap.uid(*terms))
        if typ != "OK":
            raise SourceUnavailableError(
                f"the mail server {self._place} refused {terms[0]}; tried again later"
            )
        return list(found)

    def _guard(self, work: Callable[[], _T]) -> _T:
        """Do something on the connection; what goes wrong says whether trying again may help."""
        try:
            with self._busy:
                return work()
        except ssl.SSLCertVerificationError as problem:
            raise SourceRefusesError(
                f"the certificate of the mail server {self._place} cannot be trusted"
                f" ({problem.verify_message}); correct “host” or the server's certificate"
            ) from None
        except socket.gaierror:
            raise SourceUnavailableError(
                f"the mail server {self._place} is not known; check “host”"
            ) from None
        except (OSError, imaplib.IMAP4.abort) as problem:
            raise SourceUnavailableError(
                f"the mail server {self._place} cannot be reached ({type(problem).__name__}: {problem})"
            ) from None
        except (imaplib.IMAP4.error, UnicodeError):
            raise SourceRefusesError(
                f"the mail server {self._place} refused a command; look into the log of that server"
            ) from None


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def encode_folder(name: str) -> str:
    """A folder's name in the modified UTF-7 of RFC 3501, ready for quotation marks."""
    written: list[str] = []
    wide = ""
    for sign in [*name, ""]:
        if sign and not " " <= sign <= "~":
            wide += sign
            continue
        if wide:
            code = b64encode(wide.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            written.append(f"&{code}-")
            wide = ""
        written.append({"&": "&-", '"': '\\"', "\\": "\\\\"}.get(sign, sign))
    return "".join(written)


@dataclass(frozen=True, slots=True)
class _Meta:
    uid: int = 0
    size: int = 0
    delivered: datetime | None = None


def _read_meta(text: bytes) -> _Meta:
    meta = _Meta()
    for match in _META.finditer(text):
        if match[1]:
            meta = replace(meta, uid=int(match[1]))
        elif match[2]:
            meta = replace(meta, size=int(match[2]))
        else:
            with suppress(ValueError, TypeError, IndexError):
                written = match[3].decode("ascii", "replace").strip().replace("-", " ", 2)
                meta = replace(meta, delivered=parsedate_to_datetime(written).astimezone(UTC))
    return meta


def _number(values: Sequence[bytes | None] | None) -> int:
    first = values[0] if values else None
    return int(first) if first and first.isdigit() else 0
