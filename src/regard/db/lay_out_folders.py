"""Lays out the folders of the embedded database in the data home, within reach of the server's account."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from regard.db.choose_account import Account, choose_account, run_as
from regard.kit.errors import RegardError

# The kernel's limit for the path of a socket is 107 bytes on Linux, 103 on macOS.
_LONGEST_SOCKET_PATH = 103
_SOCKET_NAME = ".s.PGSQL.5432"
_SYSTEM_DATA = Path("/var/lib/regard")


class HomeError(RegardError):
    """The data home cannot be used."""

    code = "data_home"


@dataclass(frozen=True, slots=True)
class DatabaseFolders:
    """Where everything of one embedded database is."""

    root: Path
    data: Path
    socket: Path

    @property
    def startup_log(self) -> Path:
        """What the server says before its own log begins."""
        return self.root / "startup.log"

    def give_to(self, account: Account | None) -> None:
        """Create the socket folder and let `account` (None: ourselves) alone use it."""
        self.socket.mkdir(mode=0o700, exist_ok=True, parents=True)
        found = self.socket.lstat()
        mine = {os.geteuid(), account.uid if account else os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in mine:
            raise HomeError(
                f"{self.socket} belongs to somebody else. Remove it, or choose a shorter REGARD_HOME,"
                " so that the database's socket can be inside it."
            )
        if account and found.st_uid != account.uid:
            os.chown(self.socket, account.uid, account.gid)


def lay_out_folders(home: Path) -> DatabaseFolders:
    """The folders for `home`, created where missing."""
    home = prepare_home(home)
    root = home / "postgres"
    if not root.exists():
        _create_root(root)
    root = root.resolve()
    socket = root / "socket"
    if len(os.fsencode(socket / _SOCKET_NAME)) > _LONGEST_SOCKET_PATH:
        digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        socket = Path(tempfile.gettempdir(), f"regard-{digest}")
    if len(os.fsencode(socket / _SOCKET_NAME)) > _LONGEST_SOCKET_PATH:
        raise HomeError(
            f"The path {socket} is too long for a socket (the system allows {_LONGEST_SOCKET_PATH} bytes)."
            " Choose a shorter REGARD_HOME, or a shorter TMPDIR."
        )
    return DatabaseFolders(root=root, data=root / "data", socket=socket)


def prepare_home(home: Path) -> Path:
    """`home` as an absolute path, existing and writable."""
    home = Path(home).expanduser().absolute()
    try:
        if not home.exists():
            home.mkdir(parents=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    except OSError as problem:
        raise HomeError(
            f"The data folder {home} cannot be created: {problem.strerror}. {_REMEDY}"
        ) from problem
    if not home.is_dir():
        raise HomeError(f"{home} is not a folder. {_REMEDY}")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise HomeError(f"The data folder {home} is not writable for us. {_REMEDY}")
    return home


_REMEDY = "Set REGARD_HOME to a folder that you may write, for example REGARD_HOME=~/regard-data."


def _create_root(root: Path) -> None:
    """Create the database's folder; outside the home when the server's account cannot reach into that.

    That happens to root with a home below its own folder: nobody else may pass it. Its mode is not ours to
    change, so the database goes under /var/lib/regard and the home holds a link to it.
    """
    account = choose_account(root / "data")
    if account is None:
        root.mkdir(mode=0o700, exist_ok=True)
        return
    home = root.parent
    if home.stat().st_uid == os.geteuid() and not home.stat().st_mode & stat.S_IXOTH:
        home.chmod(home.stat().st_mode | stat.S_IXOTH)
    if _can_pass(account, home):
        root.mkdir(mode=0o711, exist_ok=True)
        return
    elsewhere = _SYSTEM_DATA / uuid.uuid4().hex[:12]
    elsewhere.mkdir(parents=True, mode=0o711)
    for folder in (_SYSTEM_DATA, elsewhere):
        folder.chmod(0o711)
    if not _can_pass(account, elsewhere):
        elsewhere.rmdir()
        raise HomeError(
            f"PostgreSQL does not run as root, and the account {account.name!r} that runs it instead cannot"
            f" reach {home}. Choose a REGARD_HOME that every account can pass, for example {_SYSTEM_DATA}."
        )
    root.symlink_to(elsewhere)


def _can_pass(account: Account, folder: Path) -> bool:
    return run_as(account, ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]).returncode == 0
