"""Ports for servers that tests start, which nobody else is given between the look and the start."""

from __future__ import annotations

import os
import socket
from itertools import count

_EACH = 50
# Below those that systems give to whoever asks for any; another process looks at another fifty.
_FIRST = 10_000 + os.getpid() % 400 * _EACH
_turns = count()


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    for _ in range(_EACH):
        port = _FIRST + next(_turns) % _EACH
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"the ports from {_FIRST} on are all taken")
