"""Names this process for leases, and tells whether one of this machine is no more."""

from __future__ import annotations

import os
import socket


def process_name() -> str:
    """The machine and the number of this process."""
    return f"{socket.gethostname()} {os.getpid()}"


def is_gone(name: str) -> bool:
    """Whether a name is that of a process of this machine which has ended; False for other machines."""
    host, _, number = name.partition(" ")
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
