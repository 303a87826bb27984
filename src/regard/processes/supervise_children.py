"""Keeps child programs running: starts them, starts them again when they die, ends them together."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

import structlog

from regard.kit.end_with_parent import end_with_parent
from regard.kit.errors import RegardError
from regard.processes.end_program import EXIT_MISCONFIGURED

_LOG = structlog.get_logger(__name__)
_POLL_SECONDS = 0.1
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0
_PATIENCE_OF_STOP_SECONDS = 15.0


class ChildMisconfiguredError(RegardError):
    """A child says that it can never run like this."""

    code = "child_misconfigured"


class Child:
    """One child program and when to start it again."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = list(command)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_after = 0.0
        self._pause = _FIRST_PAUSE_SECONDS

    @property
    def pid(self) -> int | None:
        """The process number while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def tend(self, now: float) -> None:
        """Start the child if it does not run and its pause is over; `now` is monotonic seconds."""
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            self._note_death(code, now)
        if now >= self._start_after:
            self._start(now)

    def ask_to_end(self) -> None:
        """Tell it to stop, once."""
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until it has stopped, and kill it at `deadline`."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _LOG.warning("child_killed", child=self.name)
            self._process.kill()
            self._process.wait()

    def _start(self, now: float) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            # Ctrl-C on a terminal goes to a whole group; the supervisor alone decides the order of the end.
            start_new_session=True,
            # The supervisor runs no threads when it starts children.
            preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )
        self._started_at = now

    def _note_death(self, code: int, now: float) -> None:
        self._process = None
        if code == EXIT_MISCONFIGURED:
            raise ChildMisconfiguredError(f"The program '{self.name}' cannot run: its message is above.")
        if now - self._started_at >= _STEADY_SECONDS:
            self._pause = _FIRST_PAUSE_SECONDS
        self._start_after = now + self._pause
        _LOG.warning("child_died", child=self.name, exit_code=code, again_in_seconds=self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)


def supervise(children: Sequence[Child], *, on_round: Callable[[], None]) -> None:
    """Run until SIGTERM or SIGINT, then end the children, first to last.

    `on_round` is called some ten times a second, between looks at the children; what it raises ends all.
    """
    with _told_to_stop() as told:
        try:
            while not told:
                now = time.monotonic()
                for child in children:
                    child.tend(now)
                on_round()
                time.sleep(_POLL_SECONDS)
        finally:
            deadline = time.monotonic() + _PATIENCE_OF_STOP_SECONDS
            for child in children:
                child.ask_to_end()
            for child in children:
                child.end(deadline)


@contextmanager
def _told_to_stop() -> Iterator[list[int]]:
    """A list that is empty until a signal to stop arrives; the signals' old meaning comes back at the end."""
    told: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    before = {which: signal.signal(which, note) for which in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
