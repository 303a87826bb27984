"""A real installation to measure: embedded PostgreSQL, `regard api` and `regard worker`, each apart.

Apart instead of `regard serve`, so that each can be stopped, killed and weighed by itself.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from benchmarks.watch_processes import cpu_seconds
from regard.access.create_users import DEMO_PASSWORD
from regard.db.embedded_server import EmbeddedServer, start_embedded_server
from regard.db.named_queries import NamedQueries
from regard.db.pool import connect
from regard.kit.end_with_parent import end_with_parent
from regard.processes.settings import Settings
from regard.processes.wiring import prepare_installation

HOST = "127.0.0.1"
COMMAND = [sys.executable, "-m", "regard.processes.command_line"]
_PATIENCE = 120.0
# A worker that starts reads the identity of all records into its memory first.
_STANDSTILL = 1_800.0
_QUIET_SECONDS, _QUIET_SHARE = 1.5, 0.1
_QUERIES = NamedQueries(__package__, "benchmarks.sql")


class InstallationError(Exception):
    """A program did not come up or stands still; the text says where its log is."""


class Installation:
    """Use it in a `with` statement, from the main thread: the database ends with its thread."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.server: EmbeddedServer | None = None
        self.programs: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.start_database()
        settings = Settings(home=self.home, port=self.port, demo=True, database_url=SecretStr(self.url))
        asyncio.run(prepare_installation(settings, self.url))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self.programs):
            self.stop(name)
        if self.server is not None:
            self.server.stop()

    def start_database(self) -> None:
        """Start the embedded server, or start it again after its death."""
        if self.server is not None:
            self.server.stop()
        self.server = start_embedded_server(self.home)

    @property
    def database(self) -> EmbeddedServer:
        """The embedded server."""
        if self.server is None:
            raise InstallationError("the installation is open inside the with block only")
        return self.server

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.database.url

    @property
    def environment(self) -> dict[str, str]:
        """What the programs are told; nothing of our own REGARD_ settings leaks in."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("REGARD_")}
        return kept | {
            "REGARD_HOME": str(self.home),
            "REGARD_PORT": str(self.port),
            "REGARD_DATABASE_URL": self.url,
            "REGARD_DEMO": "true",
            "REGARD_LOG_LEVEL": "warning",
        }

    def start(self, name: str) -> None:
        """Start `api` or `worker`, unless it runs; returns when the API answers."""
        if self.pid(name) is None:
            self.launch(name)
        if name == "api":
            self.wait_until_healthy()

    def launch(self, name: str) -> None:
        """Start `api` or `worker` and wait for nothing."""
        with (self.home / f"{name}.log").open("ab") as log:
            self.programs[name] = subprocess.Popen(
                [*COMMAND, name],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - we run no threads
            )

    def stop(self, name: str) -> None:
        """End a program in order, or by force after half a minute."""
        program = self.programs.pop(name, None)
        if program is None or program.poll() is not None:
            return
        program.terminate()
        try:
            program.wait(30)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()

    def pid(self, name: str) -> int | None:
        """The process number of `api`, `worker` or `postgres`; None when it does not run."""
        if name == "postgres":
            return self.database.pid
        program = self.programs.get(name)
        return program.pid if program is not None and program.poll() is None else None

    def health(self) -> dict[str, Any] | None:
        """What `/health` says; None when nothing answers."""
        try:
            status, _, content = ask(self.port, "GET", "/api/v1/health")
            return dict(json.loads(content)) if status == http.HTTPStatus.OK else None
        except (OSError, http.client.HTTPException, ValueError):
            return None

    def wait_until_healthy(self) -> None:
        """Return when the API answers; raises `InstallationError`."""
        deadline = time.monotonic() + _PATIENCE
        while self.health() is None:
            program = self.programs.get("api")
            if time.monotonic() > deadline or program is None or program.poll() is not None:
                raise InstallationError(f"regard api does not answer; see {self.home / 'api.log'}")
            time.sleep(0.05)

    def follow_lag(self, pause: float = 1.0) -> Iterator[tuple[float, int]]:
        """(monotonic seconds, events not projected yet), until there are none; raises at a standstill."""
        best, moved = sys.maxsize, time.monotonic()
        while True:
            health = self.health()
            now = time.monotonic()
            lag = int(health["lag_events"]) if health else sys.maxsize
            if lag < best:
                best, moved = lag, now
            if now - moved > _STANDSTILL:
                raise InstallationError(f"the worker stands still; see {self.home / 'worker.log'}")
            yield now, lag
            if lag == 0:
                return
            time.sleep(pause)

    def begin_following(self) -> None:
        """Let a worker take its place at the start of an empty log, so that what waits for it is counted."""
        self.start("worker")
        while not asyncio.run(self._ask("count_checkpoints")):
            if self.pid("worker") is None:
                raise InstallationError(f"regard worker ended; see {self.home / 'worker.log'}")
            time.sleep(0.1)
        self.stop("worker")

    def wait_until_following(self) -> float:
        """Seconds until the worker has the lease and has read its memory: nothing waits, and it is quiet."""
        begun = time.monotonic()
        deadline = begun + _STANDSTILL
        used = None
        while time.monotonic() < deadline:
            before, used = used, cpu_seconds(self.pid("worker"))
            quiet = before is not None and used - before < _QUIET_SHARE * _QUIET_SECONDS
            if quiet and asyncio.run(self._ask("is_followed")):
                for _ in self.follow_lag(0.1):
                    pass
                return time.monotonic() - begun - _QUIET_SECONDS
            time.sleep(_QUIET_SECONDS)
        raise InstallationError(f"the worker does not come up; see {self.home / 'worker.log'}")

    async def _ask(self, query: str) -> bool:
        connection = await connect(self.url)
        try:
            return bool(await connection.fetchval(_QUERIES[query]))
        finally:
            await connection.close()

    def sign_in(self, role: str) -> dict[str, str]:
        """Headers of a session in the role, for any client."""
        body = json.dumps({"username": role, "password": DEMO_PASSWORD}).encode()
        status, headers, content = ask(self.port, "POST", "/api/v1/session", body)
        if status != http.HTTPStatus.OK:
            raise InstallationError(f"the sign-in as {role} was answered with {status}: {content[:200]!r}")
        return {"Cookie": headers["set-cookie"].partition(";")[0], "X-Regard-Request": "1"}


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def data_folder(kept: Path | None) -> Iterator[Path]:
    """The folder to work in: `kept` stays, without it a temporary one that goes with all that is in it."""
    if kept is not None:
        kept = kept.absolute()
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    folder = Path(tempfile.mkdtemp(prefix="regard-benchmark-"))
    # The database does not run as root; its account must be able to pass.
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        remove_home(folder)


def remove_home(home: Path) -> None:
    """Remove a data folder with its database, which may lie elsewhere behind a link."""
    database = (home / "postgres").resolve()
    shutil.rmtree(database, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own: status, headers in small letters, body."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} | (headers or {}))
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()
