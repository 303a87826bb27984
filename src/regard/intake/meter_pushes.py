"""Quotas: how many items each key may send, so that one that runs wild takes nothing from the others."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from regard.kit.errors import RegardError, Transient

_MOST_REMEMBERED = 10_000
_LONGEST_WAIT = 300


class QuotaExceededError(RegardError, Transient):
    """A key has sent more than its quota; `retry_after` is in seconds."""

    code = "quota_exceeded"
    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "This key has sent more than its quota; nothing of this request was kept."
            " Send it again after the time in Retry-After."
        )
        self.retry_after = retry_after


class PushMeter:
    """Lets each key send `per_second` items on average and `burst` at once; 0 per second is no limit.

    A request is taken whole while an item is left, and what it takes too much is waited for by the next:
    so a batch larger than the burst passes too. Counted per process, in memory.
    """

    def __init__(
        self,
        per_second: float = 0.0,
        burst: float | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._burst = max(1.0, per_second * 10 if burst is None else burst)
        self._seconds = seconds
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, items: int) -> None:
        """Count items of a key; raises `QuotaExceededError` and counts nothing."""
        if self._per_second <= 0:
            return
        now = self._seconds()
        at, left = self._left.get(key, (now, self._burst))
        left = min(self._burst, left + (now - at) * self._per_second)
        if left < 1:
            raise QuotaExceededError(min(_LONGEST_WAIT, max(1, math.ceil((1 - left) / self._per_second))))
        self._left[key] = (now, left - items)
        self._left.move_to_end(key)
        while len(self._left) > _MOST_REMEMBERED:
            self._left.popitem(last=False)
