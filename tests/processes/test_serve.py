"""`regard serve` on an empty folder: one command, one address, and it survives what dies around it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.free_port import free_port
from tests.patience import PATIENCE, wait_until


class Served:
    """A running `regard serve` with its own data folder and port."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.home = home
        self._log = (home / "err").open("w")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("REGARD_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "regard.processes.command_line", "serve"],
            env={**environment, "REGARD_HOME": str(home / "data"), "REGARD_PORT": str(self.port)},
            stdout=(home / "out").open("w"),
            stderr=self._log,
        )

    def said(self) -> str:
        return (self.home / "out").read_text()

    def children(self) -> dict[str, int]:
        """Process numbers of the programs, by name."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in listed}
        return {
            words[3]: int(pid) for pid, words in commands.items() if "regard.processes.command_line" in words
        }

    def health(self) -> dict[str, object] | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/health", timeout=5) as answer:
                return json.load(answer)
        except (OSError, urllib.error.URLError):
            return None

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@pytest.fixture
def served() -> Iterator[Served]:
    home = Path(tempfile.mkdtemp(prefix="regard-serve-"))
    home.chmod(0o711)
    served = Served(home)
    yield served
    served.stop()
    shutil.rmtree(home, ignore_errors=True)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
def test_it_starts_with_one_command_comes_back_after_kills_and_leaves_nothing_running(served: Served) -> None:
    wait_until(lambda: "with the code" in served.said())
    assert f"Regard is ready: http://127.0.0.1:{served.port}\n" in served.said()
    assert re.search(r"make the administrator with the code [A-Z2-9-]{20,}", served.said())
    assert (served.home / "data" / "root.key").stat().st_mode & 0o077 == 0
    assert served.health()["customers"] == 0

    before = served.children()
    assert set(before) == {"api", "worker", "intake"}
    database = int((served.home / "data/postgres/data/postmaster.pid").read_text().split()[0])
    for pid in (*before.values(), database):
        os.kill(pid, signal.SIGKILL)
    wait_until(
        lambda: (
            set(served.children()) == {"api", "worker", "intake"}
            and not set(served.children().values()) & {*before.values()}
        )
    )
    wait_until(served.health)

    last = served.children()
    assert served.stop() == 0
    assert not any(is_alive(pid) for pid in last.values())
    assert not (served.home / "data/postgres/data/postmaster.pid").exists()
