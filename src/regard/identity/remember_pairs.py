"""Remembers what pairs of small numbers gave, many at a time: sorted arrays instead of a dictionary."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]
Find = Callable[[Longs, Longs], Longs]
"""What pairs of codes give, the smaller one first, each as a whole number."""

PAIR_BITS = 31
_MASK = (1 << PAIR_BITS) - 1
_MOST_KEPT = 500_000


def pair_of(one: int, two: int) -> int:
    """An unordered pair of codes as one number."""
    return one << PAIR_BITS | two if one <= two else two << PAIR_BITS | one


class PairMemory:
    """Whole numbers by unordered pair of codes below 2^31; each different pair is worked out once."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._pairs = np.zeros(0, dtype=np.int64)
        self._found = np.zeros(0, dtype=np.int64)

    def of(self, one: npt.NDArray[np.int32], two: npt.NDArray[np.int32]) -> Longs:
        """What the pairs ``one[k]``, ``two[k]`` give."""
        packed = (np.minimum(one, two).astype(np.int64) << PAIR_BITS) | np.maximum(one, two)
        pairs, back = np.unique(packed, return_inverse=True)
        return self._of_different(pairs)[back]

    def translate(self, read: Callable[[Longs], npt.NDArray[np.uint8]]) -> None:
        """Remember what was read from each of the numbers in its place."""
        self._found = read(self._found).astype(np.int64)

    def _of_different(self, pairs: Longs) -> Longs:
        at = np.searchsorted(self._pairs, pairs)
        known = np.zeros(len(pairs), dtype=np.bool_)
        inside = at < len(self._pairs)
        known[inside] = self._pairs[at[inside]] == pairs[inside]
        fresh = np.flatnonzero(~known)
        found = np.empty(len(pairs), dtype=np.int64)
        found[known] = self._found[at[known]]
        if len(fresh):
            found[fresh] = self._find(pairs[fresh] >> PAIR_BITS, pairs[fresh] & _MASK)
        if len(self._pairs) + len(fresh) > _MOST_KEPT:
            self._pairs, self._found = pairs[:0], found[:0]
        elif len(fresh):
            self._pairs = np.insert(self._pairs, at[fresh], pairs[fresh])
            self._found = np.insert(self._found, at[fresh], found[fresh])
        return found
