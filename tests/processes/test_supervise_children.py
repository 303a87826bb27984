"""Child programs come back when they die and end when the supervisor ends, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from itertools import pairwise
from pathlib import Path

import pytest
from tests.patience import PATIENCE, wait_until

from regard.processes.end_program import EXIT_MISCONFIGURED
from regard.processes.supervise_children import Child, ChildMisconfiguredError, supervise

# Notes its process number, then waits to be ended.
WAITING = """
import os, sys, time
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
time.sleep(600)
"""


def waiting_child(notes: Path) -> Child:
    return Child("waiting", [sys.executable, "-c", WAITING, str(notes)], dict(os.environ))


def pids_in(notes: Path) -> list[int]:
    return [int(line) for line in notes.read_text().split()] if notes.exists() else []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Rounds:
    """Does the next step of a test on each look of the supervisor, and stops it after the last."""

    def __init__(self, *steps: object) -> None:
        self._steps = list(steps)
        self._deadline = time.monotonic() + PATIENCE

    def __call__(self) -> None:
        assert time.monotonic() < self._deadline, "the supervisor never came to the end of the test"
        if not self._steps:
            os.kill(os.getpid(), signal.SIGTERM)
        elif self._steps[0]():
            self._steps.pop(0)


def test_a_child_that_was_killed_is_started_again_and_all_end_with_sigterm(tmp_path: Path) -> None:
    notes = tmp_path / "pids"

    def kill_the_first() -> bool:
        if len(pids_in(notes)) == 1:
            os.kill(pids_in(notes)[0], signal.SIGKILL)
            return True
        return False

    supervise([waiting_child(notes)], on_round=Rounds(kill_the_first, lambda: len(pids_in(notes)) == 2))
    assert len(pids_in(notes)) == 2
    assert not any(is_alive(pid) for pid in pids_in(notes))


def test_a_child_that_cannot_run_as_configured_ends_everything(tmp_path: Path) -> None:
    notes = tmp_path / "pids"
    wrong = Child(
        "wrong", [sys.executable, "-c", f"raise SystemExit({EXIT_MISCONFIGURED})"], dict(os.environ)
    )
    with pytest.raises(ChildMisconfiguredError, match="The program 'wrong' cannot run"):
        supervise([waiting_child(notes), wrong], on_round=lambda: None)
    assert not any(is_alive(pid) for pid in pids_in(notes))


def test_a_child_that_keeps_dying_is_started_ever_more_rarely(tmp_path: Path) -> None:
    child = waiting_child(tmp_path / "pids")
    now, starts = 0.0, []
    while now < 20:
        before = child.pid
        child.tend(now)
        if child.pid is not None and child.pid != before:
            starts.append(now)
            os.kill(child.pid, signal.SIGKILL)
            wait_until(lambda: child.pid is None)
        now += 0.25
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert len(gaps) >= 3
    assert gaps == sorted(gaps)
    assert gaps[-1] > 3 * gaps[0]


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    notes = tmp_path / "pids"
    program = textwrap.dedent(f"""
        import os, sys
        from regard.processes.supervise_children import Child, supervise
        child = Child("waiting", [sys.executable, "-c", {WAITING!r}, {str(notes)!r}], dict(os.environ))
        supervise([child], on_round=lambda: None)
    """)
    supervisor = subprocess.Popen([sys.executable, "-c", program])
    wait_until(lambda: pids_in(notes))
    supervisor.kill()
    supervisor.wait()
    wait_until(lambda: not is_alive(pids_in(notes)[0]))


def test_the_old_meaning_of_signals_comes_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    supervise([], on_round=Rounds())
    assert signal.getsignal(signal.SIGTERM) is before
