"""Compares and scores many pairs of rows at once with numpy: the same patterns and scores as one by one.

Equal values are found by comparing codes; only the different pairs of different values, each once, go
through the functions that compare two values.
"""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from regard.identity.evidence_fields import CROSSABLE_FAMILY, CROSSABLE_GIVEN, FAMILY, GIVEN
from regard.identity.hold_features import FeatureTable, ValueColumn
from regard.identity.score_patterns import PatternScorer

Numbers = npt.NDArray[np.int32]
Patterns = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float64]

_AHEAD = 2
_FITS = 2**62


class RowMatrix:
    """Rows of a table as one matrix (rows x (2 + fields), int32), to compare many pairs of them."""

    def __init__(self, table: FeatureTable, rows: Numbers) -> None:
        self.table = table
        self._rows = rows

    def patterns(self, left: Numbers, right: Numbers, hubs: Collection[str]) -> Patterns:
        """The patterns (pairs x fields, uint8) of the pairs of row numbers ``left[k]``, ``right[k]``."""
        found = np.zeros((len(left), len(self.table.columns)), dtype=np.uint8)
        for at, column in enumerate(self.table.columns[: self._rows.shape[1] - _AHEAD]):
            codes = self._rows[:, _AHEAD + at]
            one, two = codes[left], codes[right]
            known = np.flatnonzero((one > 0) & (two > 0))
            if len(known):
                found[known, at] = _levels(column, one[known], two[known], hubs)
        self._cross(found, left, right)
        return found

    def _cross(self, found: Patterns, left: Numbers, right: Numbers) -> None:
        """Look for names in the other columns where given and family name did not agree."""
        low = np.isin(found[:, FAMILY], list(CROSSABLE_FAMILY)) & np.isin(
            found[:, GIVEN], list(CROSSABLE_GIVEN)
        )
        names = self._rows[:, 1]
        at = np.flatnonzero(low & (names[left] > 0) & (names[right] > 0))
        if not len(at):
            return
        one, two = names[left[at]].astype(np.int64), names[right[at]].astype(np.int64)
        # Two name codes decide their levels: given and family name are part of the whole name.
        pair, first, back = np.unique(
            (np.minimum(one, two) << 31) | np.maximum(one, two), return_index=True, return_inverse=True
        )
        levels = np.array(
            [
                self.table.crossed(int(key >> 31), int(key & 0x7FFFFFFF), int(given), int(family))
                for key, (given, family) in zip(pair, found[at[first]][:, (GIVEN, FAMILY)], strict=True)
            ],
            dtype=np.uint8,
        )
        found[at[:, None], (GIVEN, FAMILY)] = levels[back]

    def scores(self, left: Numbers, right: Numbers, patterns: Patterns) -> Scores:
        """The score of each pattern; the two rows of a pair are of one kind."""
        kinds = self._rows[left, 0]
        found = np.empty(len(left))
        for kind, scorer in enumerate(self.table.scorers):
            at = np.flatnonzero(kinds == kind)
            if len(at):
                found[at] = score_all(scorer, patterns[at])
        return found


def score_all(scorer: PatternScorer, patterns: Patterns) -> Scores:
    """The score of each pattern of one kind, each different one computed once."""
    first, back = distinct(patterns)
    scores = np.array([scorer.score(pattern.tobytes()) for pattern in patterns[first]])
    return scores[back]


def distinct(patterns: Patterns) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(position of one of each different pattern, for every pattern which of those it is)."""
    key = np.zeros(len(patterns), dtype=np.int64)
    size = 1
    for at in range(patterns.shape[1]):
        column = patterns[:, at]
        if not column.any():
            continue
        if size * 256 > _FITS:
            _, key = np.unique(key, return_inverse=True)
            size = int(key.max()) + 1
        key = key * 256 + column
        size *= 256
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    return first, back


def _levels(column: ValueColumn, one: Numbers, two: Numbers, hubs: Collection[str]) -> Patterns:
    low, high = np.minimum(one, two).astype(np.int64), np.maximum(one, two).astype(np.int64)
    pairs, back = np.unique((low << 31) | high, return_inverse=True)
    level = column.level
    levels = [level(int(pair >> 31), int(pair & 0x7FFFFFFF), hubs) for pair in pairs]
    return np.array(levels, dtype=np.uint8)[back]
