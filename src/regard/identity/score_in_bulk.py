"""The edges of many nodes at once: the same scores as one by one, compared column by column."""

from collections.abc import Callable, Collection, Iterable, Sequence, Set

import numpy as np

from regard.identity.compare_in_bulk import RowMatrix
from regard.identity.hold_features import FeatureTable, Row
from regard.identity.hold_values import Numbers

Edges = dict[int, dict[int, float]]
Note = Callable[[int, int, bytes], None]
"""Told of two nodes that share an edge, and of their pattern."""
_PAIRS_AT_ONCE = 400_000


class BulkScorer:
    """Finds edges of at least ``loose`` bits. ``rows`` are those of all nodes."""

    def __init__(
        self, rows: Sequence[Row], table: FeatureTable, hubs: Set[str], loose: float, note: Note
    ) -> None:
        self._rows = rows
        self._table = table
        self._hubs = hubs
        self._loose = loose
        self._note = note

    def find_edges(self, nodes: Collection[int], candidates: Callable[[int], Iterable[int]]) -> Edges:
        """For each of ``nodes`` the others it shares a key with and scores enough bits with.

        ``candidates`` tells whom a node may be compared with.
        """
        edges: Edges = {node: {} for node in nodes}
        left: list[int] = []
        right: list[int] = []
        for node in nodes:
            for other in set(candidates(node)):
                # A pair of two of these nodes comes from both sides; the smaller one brings it.
                if other != node and (other > node or other not in edges):
                    left.append(node)
                    right.append(other)
            if len(left) >= _PAIRS_AT_ONCE:
                self._score(edges, left, right)
                left, right = [], []
        self._score(edges, left, right)
        return edges

    def _score(self, edges: Edges, left: Sequence[int], right: Sequence[int]) -> None:
        if not left:
            return
        numbers, back = np.unique(np.array([left, right]), return_inverse=True)
        one, two = back.reshape(2, -1).astype(np.int32)
        matrix = RowMatrix(self._table, self._filled(numbers.tolist()))
        patterns = matrix.patterns(one, two, self._hubs)
        scores = matrix.scores(one, two, patterns)
        for at in np.flatnonzero(scores >= self._loose).tolist():
            here, there, bits = left[at], right[at], float(scores[at])
            edges[here][there] = bits
            if there in edges:
                edges[there][here] = bits
            self._note(here, there, patterns[at].tobytes())

    def _filled(self, nodes: Sequence[int]) -> Numbers:
        """The rows of these nodes, all of one width."""
        rows = [self._rows[node] for node in nodes]
        filled = np.zeros((len(rows), max(map(len, rows))), dtype=np.int32)
        for at, row in enumerate(rows):
            filled[at, : len(row)] = row
        return filled
