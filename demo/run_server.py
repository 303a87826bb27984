"""Runs `regard serve` beside the loader, and ends it with it."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from demo.call_api import ApiClient

PATIENCE = 120
"""Seconds until a start counts as failed; a first start makes the database."""
RESTARTS = 20
"""So often it is started again; who kills it more often means it."""


class ServerFailedError(Exception):
    """The server did not start or ended; the text says why as far as known."""


class DemoServer:
    """The server process; use it in a `with` statement."""

    def __init__(self, home: Path, host: str, port: int) -> None:
        """`home` becomes REGARD_HOME; the server's own lines go to `demo-serve.log` beside it."""
        self._home, self._host, self._port = home, host, port
        self.log = home.parent / f"{home.name}-serve.log"
        self._command = [sys.executable, "-m", "regard.processes.command_line", "serve"]
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def __enter__(self) -> "DemoServer":
        """Starts the process; raises `ServerFailedError` when the port is taken."""
        check_port(self._host, self._port)
        self._home.mkdir(parents=True, exist_ok=True)
        self._start()
        return self

    def _start(self) -> None:
        environment = os.environ | {
            "REGARD_HOME": str(self._home),
            "REGARD_HOST": self._host,
            "REGARD_PORT": str(self._port),
            "REGARD_DEMO": "1",
        }
        with self.log.open("ab" if self._starts else "wb") as log:
            # A session of its own: Ctrl-C reaches the loader alone, which then ends the server in order.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                self._command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._starts += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the server and waits for it."""
        self.stop()

    def wait_until_healthy(self) -> dict[str, Any]:
        """The first health answer; raises `ServerFailedError` when none comes."""
        deadline = time.monotonic() + PATIENCE
        client = ApiClient(self._host, self._port)
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                return client.get("/health")
            except Exception:  # noqa: BLE001 - whatever it says while starting, it is not up yet
                client.close()
                time.sleep(0.2)
        raise ServerFailedError(f"The server did not answer within {PATIENCE} s.{self._last_words()}")

    def keep_alive(self) -> None:
        """Start the process again when it was killed; raise `ServerFailedError` when it ended by itself.

        What it supervises (the web server, the workers) it starts again itself.
        """
        killed = self._process is not None and (self._process.poll() or 0) < 0
        if killed and self._starts <= RESTARTS:
            print("The server was killed; it is started again.", flush=True)
            self._start()
            return
        self.check_alive()

    def check_alive(self) -> None:
        """Raise `ServerFailedError` when the process has ended."""
        if self._process is None or self._process.poll() is None:
            return
        raise ServerFailedError(
            f"The server ended by itself (code {self._process.returncode}).{self._last_words()}"
        )

    def stop(self) -> None:
        """SIGTERM, half a minute of patience, then SIGKILL."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-8:]
        return "\n".join(["", f"Its last lines (all in {self.log}):", *lines]) if lines else ""


def check_port(host: str, port: int) -> None:
    """Raise `ServerFailedError` when something listens there already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            taken = problem.errno == errno.EADDRINUSE
            reason = (
                "is taken, perhaps by a demo that runs already"
                if taken
                else f"cannot be used: {problem.strerror}"
            )
            raise ServerFailedError(
                f"Port {port} {reason}. Stop that program, or take another: REGARD_PORT={port + 1} make demo"
            ) from problem
