"""Compares and scores many pairs of rows at once with numpy: the same patterns and scores as one by one.

Equal values are found by comparing codes; only the different pairs of different values, each once, go
through the functions that compare two values.
"""

from collections.abc import Collection, Set

import numpy as np
import numpy.typing as npt

from regard.identity.evidence_fields import CROSSABLE_FAMILY, CROSSABLE_GIVEN, FAMILY, GIVEN
from regard.identity.hold_features import FeatureTable
from regard.identity.score_patterns import Patterns, Scores

Numbers = npt.NDArray[np.int32]

_AHEAD = 2


class RowMatrix:
    """Rows of a table as one matrix (rows x (2 + fields), int32), to compare many pairs of them."""

    def __init__(self, table: FeatureTable, rows: Numbers) -> None:
        self.table = table
        self._rows = rows

    def patterns(
        self, left: Numbers, right: Numbers, hubs: Set[str], fields: Set[int] | None = None
    ) -> Patterns:
        """The patterns (pairs x fields, uint8) of the pairs of row numbers ``left[k]``, ``right[k]``.

        Given the positions of some ``fields``, only what those say, and names not looked for across columns.
        """
        found = np.zeros((len(left), len(self.table.columns)), dtype=np.uint8)
        for at, column in enumerate(self.table.columns[: self._rows.shape[1] - _AHEAD]):
            if fields is not None and at not in fields:
                continue
            codes = self._rows[:, _AHEAD + at]
            one, two = codes[left], codes[right]
            known = np.flatnonzero((one > 0) & (two > 0))
            if len(known):
                found[known, at] = column.levels(one[known], two[known], hubs)
        if fields is None:
            self._cross(found, left, right)
        return found

    def _cross(self, found: Patterns, left: Numbers, right: Numbers) -> None:
        """Look for names in the other columns where given and family name did not agree."""
        low = _CROSSABLE_FAMILY[found[:, FAMILY]] & _CROSSABLE_GIVEN[found[:, GIVEN]]
        names = self._rows[:, 1]
        at = np.flatnonzero(low & (names[left] > 0) & (names[right] > 0))
        if len(at):
            found[at, GIVEN], found[at, FAMILY] = self.table.crossed(names[left[at]], names[right[at]])

    def scores(self, left: Numbers, right: Numbers, patterns: Patterns) -> Scores:
        """The score of each pattern; the two rows of a pair are of one kind."""
        kinds = self._rows[left, 0]
        found = np.empty(len(left))
        for kind, scorer in enumerate(self.table.scorers):
            at = np.flatnonzero(kinds == kind)
            if len(at):
                found[at] = scorer.score_all(patterns[at])
        return found


def _flags(numbers: Collection[int]) -> npt.NDArray[np.bool_]:
    found = np.zeros(256, dtype=np.bool_)
    found[list(numbers)] = True
    return found


_CROSSABLE_FAMILY, _CROSSABLE_GIVEN = _flags(CROSSABLE_FAMILY), _flags(CROSSABLE_GIVEN)
