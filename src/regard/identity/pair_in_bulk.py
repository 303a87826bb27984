"""Candidate pairs of many nodes at once, by the same keys and the same hubs as one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regard.identity.find_pieces import bars
from regard.identity.key_in_bulk import KeyColumn
from regard.identity.match_model import Limits
from regard.identity.number_in_bulk import once_sorted

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_PAIRS_AT_ONCE = 3_000_000


class Runs:
    """Who meets whom: nodes in runs, ascending, of which each meets all that follow it in its run.

    ``after[k]``: how many follow ``node[k]``. Two nodes may meet in several runs. A run takes a line a node;
    only pairs need room in their squares, so they are made a slice at a time.
    """

    def __init__(self, node: Ints, after: Ints) -> None:
        self._node = node
        self._after = after

    def slices(self, room: int = _PAIRS_AT_ONCE) -> Iterator[tuple[Ints, Ints]]:
        """All pairs ``left[k] < right[k]``, each once, in order; so many left nodes at a time as there is
        ``room`` for their pairs, those that meet in several runs counted several times."""
        node = self._node
        if not len(node):
            return
        load = np.cumsum(np.bincount(node, self._after))
        low = 0
        while low < len(load):
            done = load[low - 1] if low else 0
            high = max(low + 1, int(np.searchsorted(load, done + room, side="right")))
            whole = low == 0 and high == len(load)
            at = np.arange(len(node)) if whole else np.flatnonzero((node >= low) & (node < high))
            yield self._pairs(at)
            low = high

    def _pairs(self, at: Longs) -> tuple[Ints, Ints]:
        count = self._after[at].astype(np.int64)
        owner = np.repeat(at, count)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        packed = self._node[owner].astype(np.int64) << 32
        packed |= self._node[owner + nth + 1]
        packed = once_sorted(packed)
        return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)

    def with_any(self, chosen: Flags) -> "Runs":
        """The runs in which there is one of the nodes chosen."""
        if not len(self._node):
            return self
        run, starts = self._runs()
        kept = np.logical_or.reduceat(chosen[self._node], starts)[run]
        return Runs(self._node[kept], self._after[kept])

    def among(self, chosen: Flags) -> "Runs":
        """Only the nodes chosen."""
        kept = chosen[self._node]
        run = self._runs()[0][kept]
        return Runs(self._node[kept], _counted(run)[0])

    def _runs(self) -> tuple[Longs, Longs]:
        """(which run each line is in, where the runs begin)."""
        first = np.concatenate(([True], self._after[:-1] == 0))[: len(self._node)]
        return np.cumsum(first) - 1, np.flatnonzero(first)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who is worth comparing; ``hubs``: (hash of a crowded identifier, a carrier); ``crowded``: how many keys
    of any sort too many carry."""

    runs: Runs
    hubs: list[tuple[int, int]]
    crowded: int


def find_candidates(columns: Iterable[KeyColumn], limits: Limits) -> Candidates:
    """Nodes that share a key; of a hub only those that share its refined key, when that is no hub."""
    nodes, afters = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int32)]
    hubs: list[tuple[int, int]] = []
    count = 0
    for column in columns:
        most = limits.identifier_records if column.weighty else limits.key_records
        order = np.argsort(column.keys, kind="stable")
        after, size = _counted(column.keys[order])
        fine = (size > 1) & (size <= most)
        nodes.append(column.node[order[fine]])
        afters.append(after[fine])
        inside = order[size > most]
        heads = order[(size > most) & (after == size - 1)]
        count += len(heads)
        if column.weighty:
            hubs += zip(column.keys[heads].tolist(), column.node[heads].tolist(), strict=True)
        inside = inside[column.refined[inside] != 0]
        order = inside[np.lexsort((column.node[inside], column.refined[inside]))]
        after, size = _counted(column.refined[order])
        fine = (size > 1) & (size <= limits.key_records)
        nodes.append(column.node[order[fine]])
        afters.append(after[fine])
    return Candidates(Runs(np.concatenate(nodes), np.concatenate(afters)), hubs, count)


def _counted(values: Longs) -> tuple[Ints, Ints]:
    """For each of sorted values (how many equal ones follow it, how many equal ones there are)."""
    if not len(values):
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    sizes = np.diff(np.append(starts, len(values)))
    after = np.repeat(starts + sizes, sizes) - np.arange(len(values)) - 1
    return after.astype(np.int32), np.repeat(sizes, sizes).astype(np.int32)


def cut_pieces(count: int, left: Ints, right: Ints, bits: npt.NDArray[np.float64], limits: Limits) -> Longs:
    """The piece of every node, as the smallest node in it: components at the lowest bar that fits them.

    The same pieces as `PieceFinder` finds one by one, there being no must-links.
    """
    label = np.arange(count, dtype=np.int64)
    for bar in bars(limits.loose, limits.bar_step):
        if not len(left):
            break
        keep = bits >= bar
        left, right, bits = left[keep], right[keep], bits[keep]
        inside = once_sorted(np.concatenate((left, right)))
        label[inside] = inside
        _spread(label, left, right)
        crowded = np.bincount(label[inside], minlength=count) > limits.piece_records
        open_ = crowded[label[left]]
        loose_ends = inside[crowded[label[inside]]]
        left, right, bits = left[open_], right[open_], bits[open_]
        label[loose_ends] = loose_ends
    return label


def _spread(label: Longs, left: Ints, right: Ints) -> None:
    """Give the ends of every edge the smallest label of their component."""
    while len(left):
        one, two = label[left], label[right]
        differ = one != two
        left, right, one, two = left[differ], right[differ], one[differ], two[differ]
        np.minimum.at(label, np.maximum(one, two), np.minimum(one, two))
        while True:
            up = label[label]
            if np.array_equal(up, label):
                break
            label[:] = up


def all_pairs(sizes: Longs) -> tuple[Longs, Longs]:
    """(left, right) of all pairs inside pieces of ``sizes``, piece after piece.

    Left and right number the nodes of all pieces in a row; within a piece pairs are (0,1) (0,2) .. (1,2) ..
    """
    starts = np.cumsum(sizes) - sizes
    counts = sizes * (sizes - 1) // 2
    ends = np.cumsum(counts)
    left = np.empty(int(counts.sum()), dtype=np.int64)
    right = np.empty_like(left)
    for size in np.unique(sizes):
        pieces = np.flatnonzero(sizes == size)
        one, two = np.triu_indices(size, 1)
        at = (ends - counts)[pieces][:, None] + np.arange(len(one))
        left[at] = starts[pieces][:, None] + one
        right[at] = starts[pieces][:, None] + two
    return left, right
