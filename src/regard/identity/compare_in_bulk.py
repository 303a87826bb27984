"""Compares and scores many pairs of rows at once with numpy: the same patterns and scores as one by one.

Equal values are found by comparing codes; only the different pairs of different values, each once, go
through the functions that compare two values.
"""

from collections.abc import Collection, Sequence, Set

import numpy as np
import numpy.typing as npt

from regard.identity.evidence_fields import CROSSABLE_FAMILY, CROSSABLE_GIVEN, FAMILY, GIVEN
from regard.identity.hold_features import FeatureTable
from regard.identity.hold_values import PLAIN, ValueColumn
from regard.identity.score_patterns import Patterns, Scores

Numbers = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]

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
        return self.agreements(left, right, hubs, fields).patterns()

    def agreements(
        self, left: Numbers, right: Numbers, hubs: Set[str], fields: Set[int] | None = None
    ) -> "Agreements":
        """On what the pairs agree, from which come their patterns under any model: see `patterns`."""
        columns = self.table.columns
        said: list[tuple[int, Numbers, Longs]] = []
        for at, column in enumerate(columns[: self._rows.shape[1] - _AHEAD]):
            if fields is not None and at not in fields:
                continue
            codes = self._rows[:, _AHEAD + at]
            one, two = codes[left], codes[right]
            known = np.flatnonzero((one > 0) & (two > 0))
            if len(known):
                agreed = column.agreed(one[known], two[known], hubs)
                said.append((at, known.astype(np.int32), agreed))
        found = Agreements(columns, len(left), said)
        if fields is None:
            self._cross(found, left, right)
        return found

    def _cross(self, found: "Agreements", left: Numbers, right: Numbers) -> None:
        """Look for names in the other columns where given and family name did not agree."""
        low = _CROSSABLE_FAMILY[found.plain(FAMILY)] & _CROSSABLE_GIVEN[found.plain(GIVEN)]
        names = self._rows[:, 1]
        at = np.flatnonzero(low & (names[left] > 0) & (names[right] > 0))
        if len(at):
            found.cross(at, *self.table.crossed(names[left[at]], names[right[at]]))

    def scores(self, left: Numbers, right: Numbers, patterns: Patterns) -> Scores:
        """The score of each pattern; the two rows of a pair are of one kind."""
        kinds = self._rows[left, 0]
        found = np.empty(len(left))
        for kind, scorer in enumerate(self.table.scorers):
            at = np.flatnonzero(kinds == kind)
            if len(at):
                found[at] = scorer.score_all(patterns[at])
        return found


class Agreements:
    """On what pairs agree, field by field, whatever the weights. ``said``: a field, the pairs of which both
    know it, and what `ValueColumn.agreed` gives for them."""

    def __init__(
        self, columns: Sequence[ValueColumn], count: int, said: Sequence[tuple[int, Numbers, Longs]]
    ) -> None:
        self._columns = columns
        self._shape = count, len(columns)
        self._said = said
        self._crossed: tuple[Places, Patterns, Patterns] | None = None

    def plain(self, field: int) -> Patterns:
        """The level numbers of a field, not how rare the values are."""
        found = np.zeros(self._shape[0], dtype=np.uint8)
        for at, known, agreed in self._said:
            if at == field:
                found[known] = agreed & PLAIN
        return found

    def cross(self, at: Places, given: Patterns, family: Patterns) -> None:
        """The pairs ``at`` have these levels of given and family name."""
        self._crossed = at, given, family

    def patterns(self) -> Patterns:
        """The patterns under the model that the table uses."""
        found = np.zeros(self._shape, dtype=np.uint8)
        for at, known, agreed in self._said:
            found[known, at] = self._columns[at].numbers(agreed)
        if self._crossed is not None:
            places, given, family = self._crossed
            found[places, GIVEN], found[places, FAMILY] = given, family
        return found


def _flags(numbers: Collection[int]) -> npt.NDArray[np.bool_]:
    found = np.zeros(256, dtype=np.bool_)
    found[list(numbers)] = True
    return found


_CROSSABLE_FAMILY, _CROSSABLE_GIVEN = _flags(CROSSABLE_FAMILY), _flags(CROSSABLE_GIVEN)
