"""A Dovecot on a free port as the current user, with mailboxes in a folder of the test."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.connectors.certificates import make_certificate
from tests.free_port import free_port
from tests.patience import PATIENCE

PASSWORD = "open-sesame"
_OWN_SERVANTS = """\
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
"""


class Dovecot:
    """A running mail server; `settings` are those of a mailbox on it."""

    def __init__(self, folder: Path, *, idle: bool = True, encrypted: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self.tls_port = free_port() if encrypted else 0
        self.certificate = folder / "certificate.pem"
        if encrypted:
            self.certificate.write_bytes(b"".join(make_certificate("127.0.0.1")))
        self._config = folder / "dovecot.conf"
        self._idle = idle
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> dict[str, object]:
        return {
            "host": "127.0.0.1", "port": self.port, "encryption": "none", "user": "help@shop.example",
            "password": PASSWORD, "our_addresses": ["shop.example"],
        }  # fmt: skip

    def start(self) -> None:
        self._config.write_text(self._text())
        binary = find_dovecot()
        assert binary is not None
        self._process = subprocess.Popen(
            [binary, "-F", "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail("Dovecot did not start: " + (self.folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        """End it and all its servants, without a word to its clients."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(60)
            self._process = None

    @contextmanager
    def hands(self) -> Iterator[imaplib.IMAP4]:
        """The mailbox as a mail program has it."""
        hands = imaplib.IMAP4("127.0.0.1", self.port)
        hands.login("help@shop.example", PASSWORD)
        try:
            yield hands
        finally:
            hands.logout()

    def deliver(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mail into a folder, as a delivery does."""
        with self.hands() as hands:
            if folder != "INBOX":
                hands.create(f'"{folder}"')
            for mail in mails:
                answer, said = hands.append(f'"{folder}"', "", "", mail)
                assert answer == "OK", said

    def give_new_uids(self) -> None:
        """What moving a mailbox to another server does: the same mail under another UIDVALIDITY."""
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
            for path in (self.folder / "mail").rglob(name):
                path.unlink()
        for path in (self.folder / "mail").rglob("dovecot-uidvalidity*"):
            path.unlink()
        # The new UIDVALIDITY is the second of the clock.
        time.sleep(1.1)

    def _text(self) -> str:
        # The server refuses to keep the mail of root, and its sign-in to run as root.
        own = pwd.getpwuid(os.getuid() or pwd.getpwnam("nobody").pw_uid)
        user, group = own.pw_name, grp.getgrgid(own.pw_gid).gr_name
        servants = "" if os.getuid() == 0 else _OWN_SERVANTS.format(user=user, group=group)
        tls = f"ssl = yes\nssl_cert = <{self.certificate}\nssl_key = <{self.certificate}\n"
        tls = tls if self.tls_port else "ssl = no\n"
        capability = "" if self._idle else "imap_capability = IMAP4rev1 AUTH=PLAIN\n"
        limits = "first_valid_uid = 1\nfirst_valid_gid = 0\n"
        return f"""\
base_dir = {self.folder}/run
state_dir = {self.folder}/run
log_path = {self.folder}/log
protocols = imap
listen = 127.0.0.1
{tls}disable_plaintext_auth = no
{servants}{limits}{capability}mail_location = maildir:{self.folder}/mail
auth_failure_delay = 0
mailbox_idle_check_interval = 1 s
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={self.folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = {self.tls_port}
    ssl = {"yes" if self.tls_port else "no"}
  }}
}}
service anvil {{
  chroot =
}}
"""


def find_dovecot() -> str | None:
    """The program, also where servers lie outside the search path."""
    return shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


@contextmanager
def run_dovecot(*, idle: bool = True, encrypted: bool = False) -> Iterator[Dovecot]:
    """A server for one test; the test skips where Dovecot is not installed."""
    if find_dovecot() is None:
        pytest.skip("no Dovecot on this machine (apt-get install dovecot-imapd)")
    # Not in pytest's folder, which the user that keeps the mail may not enter when root runs the tests.
    with tempfile.TemporaryDirectory(prefix="regard-mail-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("mail", "home"):
            (folder / part).mkdir()
            if os.getuid() == 0:
                shutil.chown(folder / part, "nobody")
        server = Dovecot(folder, idle=idle, encrypted=encrypted)
        try:
            server.start()
            yield server
        finally:
            server.stop()
