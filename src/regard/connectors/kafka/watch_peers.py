"""Where the Kafka client library really connects to, as it tells in its log; it looks names up by itself.

Nothing that was read over a connection to a forbidden address is used: the library tells of a connection
before it gives the messages that came over it. The connection itself, and the sign-in over it, cannot be held
back: an account for Kafka that may do no more than read its topics limits what a broker could learn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from regard.connectors.allow_networks import HostForbiddenError, SourceNetworks, reach_host

PEERS_TOLD: Mapping[str, str | int] = {"debug": "broker", "log_level": 7}
"""Settings with which the library tells of its connections."""

_PEER = re.compile(r": Connect(?:ing|ed) to ipv[46]#(\[[^\]]+\]|[^:\s]+):(\d+)")


class PeerWatch:
    """Judges each address that the library connects to; given to it as its logger."""

    def __init__(self, networks: SourceNetworks) -> None:
        self._networks = networks
        self._known: set[tuple[str, int]] = set()
        self._refusal: HostForbiddenError | None = None

    def log(self, _level: int, line: str, *given: object) -> None:
        """Judge the address in a line of the library's log, if there is one; keep nothing of the line."""
        found = _PEER.search(line % given if given else line)
        if found is None:
            return
        address, port = found[1].strip("[]"), int(found[2])
        if (address, port) in self._known:
            return
        self._known.add((address, port))
        try:
            reach_host(address, port, self._networks, find=lambda _: [address])
        except HostForbiddenError as refusal:
            self._refusal = refusal

    def require_allowed(self) -> None:
        """Raise `HostForbiddenError` if there was a connection to an address that is not allowed."""
        if self._refusal is not None:
            raise self._refusal
