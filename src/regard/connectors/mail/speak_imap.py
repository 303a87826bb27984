"""One connection to an IMAP server (RFC 3501, IDLE: RFC 2177): blocking, for a thread of its own.

Its errors say whether waiting or a person helps.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import threading
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
from regard.connectors.mail.wait_for_mail import SECONDS, IdleImap
from regard.kit.clock import Clock

MOST_BYTES = 1024 * 1024
"""How much of one mail is fetched: its head and the beginning of its content."""

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


class CommandDeniedError(SourceUnavailableError):
    """The server answered NO to a sound command, such as for a mail that is broken on its side."""

    code = "mail_command_denied"


class TokenRefusedError(SourceRefusesError):
    """The server does not take the access token; a newer one may do."""

    code = "mail_token_refused"


class ImapSession:
    """A signed-in connection with one folder open for reading; nothing in the mailbox is changed."""

    def __init__(self, settings: MailSettings, clock: Clock, token: str = "") -> None:
        """`token` is the access token of a provider that wants one instead of the password."""
        self._settings = settings
        self._clock = clock
        self._token = token
        self._busy = threading.Lock()
        self._place = f"{settings.host}:{settings.port}"
        self._imap = self._guard(lambda: IdleImap(settings))
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
        if self._busy.acquire(timeout=SECONDS):
            try:
                self._imap.shutdown()
            finally:
                self._busy.release()

    def _sign_in(self) -> None:
        if self._settings.encryption == "starttls":
            self._guard(self._imap.secure)
        if self._token:
            self._present_token()
            return
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

    def _present_token(self) -> None:
        """XOAUTH2, as Google and Microsoft have it; a refusal is a challenge that wants an empty answer."""
        if "AUTH=XOAUTH2" not in self._imap.capabilities:
            raise SourceRefusesError(
                f"the mail server {self._place} does not let programs in by OAuth (XOAUTH2); leave the"
                " refresh token out and fill in the password"
            )
        proof = f"user={self._settings.user}\1auth=Bearer {self._token}\1\1".encode()
        try:
            self._guard(
                lambda: self._imap.authenticate("XOAUTH2", lambda challenge: b"" if challenge else proof)
            )
        except SourceRefusesError:
            raise TokenRefusedError(
                f"the mail server {self._place} refuses the access token of “{self._settings.user}”; check"
                " that the application may read mail by IMAP, and that the refresh token is of this mailbox"
            ) from None

    def _command(self, *terms: str) -> list[bytes | tuple[bytes, bytes] | None]:
        typ, found = self._guard(lambda: self._imap.uid(*terms))
        if typ != "OK":
            raise CommandDeniedError(f"the mail server {self._place} refused {terms[0]}; tried again later")
        return list(found)

    def _guard(self, work: Callable[[], _T]) -> _T:
        """Do something on the connection; what goes wrong says whether trying again may help."""
        try:
            with self._busy:
                return work()
        except ssl.SSLCertVerificationError as problem:
            raise SourceRefusesError(
                f"the certificate of the mail server {self._place} cannot be trusted"
                f" ({problem.verify_message}); correct “host” or the server's certificate, or fill in “ca”"
                " with that of the authority that signed it"
            ) from None
        except socket.gaierror:
            raise SourceUnavailableError(
                f"the mail server {self._place} is not known; check “host”"
            ) from None
        except (OSError, imaplib.IMAP4.abort) as problem:
            raise SourceUnavailableError(
                f"the mail server {self._place} cannot be reached: {_explain_break(problem)}"
            ) from None
        except (imaplib.IMAP4.error, UnicodeError):
            raise SourceRefusesError(
                f"the mail server {self._place} refused a command; look into the log of that server"
            ) from None


def _explain_break(problem: Exception) -> str:
    """What happened to the connection, with the remedy; the server's words are not told."""
    if isinstance(problem, ssl.SSLError) and not isinstance(
        problem, ssl.SSLEOFError | ssl.SSLZeroReturnError
    ):
        return "it does not speak TLS there; check “port” and “encryption”"
    if isinstance(problem, TimeoutError):
        return "it does not answer in time; check “host” and “port”, and whether a firewall lies between"
    if isinstance(problem, ConnectionRefusedError):
        return "nothing listens there; check “host” and “port”, and whether it runs"
    return "the connection broke off; it is tried again. If it lasts, look into the log of that server"


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
