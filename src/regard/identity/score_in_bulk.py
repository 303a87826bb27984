"""The edges of many nodes at once: the same scores as one by one, compared column by column."""

from collections.abc import Callable, Collection, Iterable, Sequence, Set

import numpy as np

from regard.identity.compare_in_bulk import RowMatrix
from regard.identity.hold_features import FeatureTable, Row

Edges = dict[int, dict[int, float]]
_PAIRS_AT_ONCE = 400_000


def find_edges(
    nodes: Collection[int],
    candidates: Callable[[int], Iterable[int]],
    rows: Sequence[Row],
    table: FeatureTable,
    hubs: Set[str],
    loose: float,
) -> Edges:
    """For each of ``nodes`` the others it shares a key with and scores at least ``loose`` bits with.

    ``rows`` are those of all nodes; ``candidates`` tells whom a node may be compared with.
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
            _score(edges, left, right, rows, table, hubs, loose)
            left, right = [], []
    _score(edges, left, right, rows, table, hubs, loose)
    return edges


def _score(
    edges: Edges,
    left: Sequence[int],
    right: Sequence[int],
    rows: Sequence[Row],
    table: FeatureTable,
    hubs: Set[str],
    loose: float,
) -> None:
    if not left:
        return
    numbers, back = np.unique(np.array([left, right]), return_inverse=True)
    one, two = back.reshape(2, -1).astype(np.int32)
    width = max(len(rows[node]) for node in numbers)
    filled = np.zeros((len(numbers), width), dtype=np.int32)
    for at, node in enumerate(numbers):
        row = rows[node]
        filled[at, : len(row)] = row
    matrix = RowMatrix(table, filled)
    scores = matrix.scores(one, two, matrix.patterns(one, two, hubs))
    for at in np.flatnonzero(scores >= loose).tolist():
        here, there, bits = left[at], right[at], float(scores[at])
        edges[here][there] = bits
        if there in edges:
            edges[there][here] = bits
