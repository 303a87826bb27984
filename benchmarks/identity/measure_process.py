"""Runs a program to its end and says what it cost: CPU seconds, wall seconds, the peak of its memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
LAST_WORDS = 1_500


class ProgramFailedError(Exception):
    """A program did not end well; the message holds its last words."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of a program with all its children, and the peak of its resident memory in bytes."""

    cpu: float
    wall: float
    peak: int


def run_measured(
    command: Sequence[str], *, limit: float, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run ``command`` in the checkout, at most ``limit`` wall seconds; else ProgramFailedError."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
        )
        usage = None
        try:
            while usage is None:
                pid, status, found = os.wait4(child.pid, os.WNOHANG)
                if pid:
                    usage = found
                    child.returncode = os.waitstatus_to_exitcode(status)
                elif time.monotonic() - begun > limit:
                    message = f"{command[2] if len(command) > 2 else command[0]} took over {limit:.0f} s"
                    raise ProgramFailedError(message)
                else:
                    time.sleep(0.1)
        finally:
            if usage is None:
                child.kill()
                child.wait()
        wall = time.monotonic() - begun
        if child.returncode:
            size = words.seek(0, os.SEEK_END)
            words.seek(max(0, size - LAST_WORDS))
            last = words.read().decode(errors="replace").strip()
            message = f"{' '.join(command[:4])} ended with {child.returncode}: {last}"
            raise ProgramFailedError(message)
    # ru_maxrss is in kibibytes on Linux, and that of the largest process of the tree.
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)
