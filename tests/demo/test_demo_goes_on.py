"""The demo outlives its server: what is killed is started again, and live events wait for it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from demo.call_api import ApiError
from demo.run_server import DemoServer, ServerFailedError
from demo.trickle_events import Trickle
from tests.free_port import free_port


def server(folder: Path, program: str) -> DemoServer:
    made = DemoServer(folder / "home", "127.0.0.1", free_port())
    made._command = [sys.executable, "-c", program]
    return made


def test_a_server_that_was_killed_is_started_again(tmp_path: Path) -> None:
    with server(tmp_path, "import time; time.sleep(600)") as running:
        first = running._process
        assert first is not None
        running.keep_alive()
        assert running._process is first
        os.kill(first.pid, signal.SIGKILL)
        first.wait(60)
        running.keep_alive()
        assert running._process is not first
        running.check_alive()


def test_a_server_that_ended_by_itself_ends_the_demo_with_its_last_words(tmp_path: Path) -> None:
    with server(tmp_path, "import sys; print('No room.'); sys.exit(3)") as running:
        assert running._process is not None
        running._process.wait(60)
        with pytest.raises(ServerFailedError, match="No room"):
            running.keep_alive()


def test_live_events_wait_while_the_server_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.trickle_events.AWAY", 0.0)
    trickle = Trickle({}, [])
    troubles: list[Exception | None] = [ConnectionRefusedError(), ApiError(500, "POST", "/x", "away"), None]
    done: list[int] = []

    def act() -> None:
        trouble = troubles.pop(0)
        if trouble is not None:
            raise trouble
        done.append(1)

    monkeypatch.setattr(trickle, "act", act)
    trickle.run(1_000_000, lambda: bool(troubles))
    assert done == [1]
    troubles.append(ApiError(401, "POST", "/x", "the key was revoked"))
    with pytest.raises(ApiError):
        trickle.run(1_000_000, lambda: True)
