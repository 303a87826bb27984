"""The different numbers among millions: what `numpy.unique` does, in a part of the time."""

import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]


def once_sorted(numbers: Longs) -> Longs:
    """Each different number once, in order."""
    found = np.sort(numbers)
    return found[np.concatenate(([True], found[1:] != found[:-1]))[: len(found)]]


def number_codes(codes: npt.NDArray[np.signedinteger]) -> tuple[Longs, Longs]:
    """(the different codes in order, for every code which of them it is); codes are small and not below 0."""
    seen = np.zeros(int(codes.max(initial=0)) + 1, dtype=np.bool_)
    seen[codes] = True
    place = np.cumsum(seen) - 1
    return np.flatnonzero(seen), place[codes]
