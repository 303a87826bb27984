"""Measures seconds by stage and the most memory used, and says on the terminal how far the work is."""

from __future__ import annotations

import os
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

_REDRAW = 0.2
_SPEAK = 5.0
_KILOBYTE = 1024


@dataclass(slots=True)
class StageSeconds:
    """CPU seconds of this process and its children, and seconds on the wall."""

    cpu: float = 0.0
    wall: float = 0.0


@dataclass(slots=True)
class StageClock:
    """Counts the time of one stage after the other; a stage may come several times."""

    seconds: dict[str, StageSeconds] = field(default_factory=dict)
    _stage: str = ""
    _cpu: float = 0.0
    _wall: float = 0.0

    def enter(self, stage: str) -> None:
        """The stage so far is over, this one begins; '' ends the counting."""
        cpu, wall = cpu_seconds(), time.monotonic()
        if self._stage:
            spent = self.seconds.setdefault(self._stage, StageSeconds())
            spent.cpu += cpu - self._cpu
            spent.wall += wall - self._wall
        self._stage, self._cpu, self._wall = stage, cpu, wall


def cpu_seconds() -> float:
    """CPU seconds of this process and of children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def peak_memory() -> int:
    """The most bytes that this process had in memory at one time, or a child that has ended."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        own = int(status.split("VmHWM:")[1].split()[0]) * _KILOBYTE
    except (OSError, IndexError):
        own = _as_bytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return max(own, _as_bytes(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))


def _as_bytes(counted: int) -> int:
    """macOS counts bytes, others kilobytes."""
    return counted if sys.platform == "darwin" else counted * _KILOBYTE


class ProgressLine:
    """One line that is written over again on a terminal; elsewhere a line every few seconds."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._watched = stream.isatty()
        self._last = time.monotonic()
        self._shown = False

    def tell(self, stage: str, done: int, total: int) -> None:
        """How far a stage is."""
        now = time.monotonic()
        if now - self._last < (_REDRAW if self._watched else _SPEAK):
            return
        self._last = now
        share = f"{min(100, done * 100 // total):3d} %" if total > 0 else f"{done:,}"
        line = f"{stage:<10} {share}"
        self._stream.write(f"\r{line}\033[K" if self._watched else f"{line}\n")
        self._stream.flush()
        self._shown = True

    def end(self) -> None:
        """Clear the line."""
        if self._watched and self._shown:
            self._stream.write("\r\033[K")
            self._stream.flush()
