"""Remembers what was written down a moment ago, so that asking again and again is one look in the audit."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta

_LENGTH = timedelta(minutes=10)
_MOST = 10_000


class LookMemory:
    """The looks of the last ten minutes of this process."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, datetime] = {}

    def knows(self, look: Hashable, now: datetime) -> bool:
        """Whether the same look was kept within the last ten minutes."""
        at = self._seen.get(look)
        return at is not None and now - at < _LENGTH

    def keep(self, look: Hashable, now: datetime) -> None:
        """Remember a look that was written down; with too many of them all are forgotten."""
        if len(self._seen) >= _MOST:
            # Forgetting costs a row too many, never one too few.
            self._seen.clear()
        self._seen[look] = now
