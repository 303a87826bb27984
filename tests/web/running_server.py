"""Runs `regard serve` for the browser tests and talks to its public API."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.free_port import free_port
from tests.patience import PATIENCE, wait_until

DEMO_PASSWORD = "regard-demo-please"


class RunningServer:
    """`regard serve` on a port of its own, with its data in `home` and its rows in `database_url`."""

    def __init__(self, home: Path, database_url: str, *, demo: bool) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = home / "serve.log"
        environment = os.environ | {
            "REGARD_HOME": str(home),
            "REGARD_PORT": str(self.port),
            "REGARD_DATABASE_URL": database_url,
            "REGARD_DEMO": "1" if demo else "0",
        }
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "regard.processes.command_line", "serve"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            if "Regard is ready" in self.words():
                return
            time.sleep(0.1)
        raise AssertionError(f"regard serve did not become ready:\n{self.words()[-3000:]}")

    def words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def setup_code(self) -> str:
        """The one-time code that an empty installation prints."""
        return wait_until(lambda: re.search(r"with the code ([A-Z0-9-]{20,})", self.words()), "the code")[1]

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Api:
    """The public API, as a script would use it."""

    def __init__(self, address: str) -> None:
        headers = {"X-Regard-Request": "1"}
        self.client = httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=PATIENCE)

    def sign_in(self, username: str, password: str = DEMO_PASSWORD) -> None:
        self.send("POST", "/session", json={"username": username, "password": password})

    def send(self, method: str, path: str, **more: Any) -> Any:
        answer = self.client.request(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def push(self, source: str, kind: str, items: list[dict[str, Any]]) -> dict[str, Any]:
        account: dict[str, Any] = self.send("POST", f"/sources/{source}/{kind}", json=items)
        return account

    def until(self, path: str, wanted: Any) -> Any:
        """Asks until `wanted(answer)` holds: the projections follow the log within moments."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.send("GET", path)
            if wanted(answer):
                return answer
            assert time.monotonic() < deadline, f"{path} stayed {str(answer)[:2000]}"
            time.sleep(0.1)
