"""The real web server in a process of its own that may be killed, and a bad network in front of it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.free_port import free_port
from tests.patience import PATIENCE, wait_until


class LiveServer:
    """`regard api` on a database; `kill` is kill -9 of all its processes. `settings` are more variables."""

    def __init__(self, database_url: str, home: Path, **settings: str) -> None:
        self.port = free_port()
        self._environment = os.environ | {
            "REGARD_DATABASE_URL": database_url,
            "REGARD_HOME": str(home),
            "REGARD_PORT": str(self.port),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once it answers."""
        command = [sys.executable, "-m", "regard.processes.command_line", "api"]
        self._process = subprocess.Popen(command, env=self._environment, start_new_session=True)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "the server ended at its start"
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("OPTIONS", "/v1/batch")
                assert connection.getresponse().status == 204
            except OSError:
                time.sleep(0.1)
            else:
                return
            finally:
                connection.close()
        raise AssertionError("the server did not answer in time")

    def kill(self) -> None:
        """End it without any notice; return when its last process has let go of the port."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            wait_until(self._is_free, "the end of the server")

    def _is_free(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) != 0


class BadNetwork:
    """Forwards to the server, except that it answers some requests itself or loses the server's answer.

    `script` is consumed request by request: "forward", a status ("503", "429"), or "lose": the server
    gets the request, the client gets 500 instead of the answer. Beyond the script all is forwarded.
    `statuses` counts what the client was told, `own` what the server said itself beyond the script; 502
    stands for a server that cannot be reached.
    """

    def __init__(self, upstream: int, script: list[str]) -> None:
        self.statuses: Counter[int] = Counter()
        self.own: Counter[int] = Counter()
        self._upstream = upstream
        self._script = iter(script)
        self._lock = threading.Lock()
        network = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer, wait = network.handle(self.path, body, dict(self.headers))
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                if wait:
                    self.send_header("Retry-After", wait)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def handle(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str | None]:
        with self._lock:
            step = next(self._script, "beyond")
        if step.isdigit():
            answer: tuple[int, bytes, str | None] = (int(step), b"{}", "1" if step == "429" else None)
        else:
            answer = self._forward(path, body, headers)
        if step == "lose":
            answer = (500, b"{}", None)
        with self._lock:
            self.statuses[answer[0]] += 1
            if step == "beyond":
                self.own[answer[0]] += 1
        return answer

    def _forward(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str | None]:
        connection = http.client.HTTPConnection("127.0.0.1", self._upstream, timeout=60)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(), response.getheader("Retry-After")
        except (OSError, http.client.HTTPException):
            return 502, b"{}", None
        finally:
            connection.close()

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
