"""Lets a child process end when its parent does, however that ended (Linux; elsewhere nothing happens)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def end_with_parent(with_signal: signal.Signals) -> Callable[[], None]:
    """What a child runs before its program (`preexec_fn`) so that it ends with the thread that started it.

    `subprocess` calls it after a change of user, and it must be so: that takes the promise back.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def promise() -> None:
        prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return promise


def end_this_process_with(parent: int | None, with_signal: signal.Signals) -> None:
    """The same, said by the child itself about its parent's process number (None: it has no parent)."""
    if sys.platform != "linux" or parent is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), with_signal)
