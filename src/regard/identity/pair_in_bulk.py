"""Candidate pairs of many nodes at once, by the same keys and the same hubs as one by one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regard.identity.find_pieces import bars
from regard.identity.match_model import Limits

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of nodes ``left[k] < right[k]``, each once; ``hubs``: (hash of a crowded key, a carrier)."""

    left: Ints
    right: Ints
    hubs: list[tuple[int, int]]


def find_candidates(
    keys: Longs, refined: Longs, weighty: npt.NDArray[np.bool_], node: Ints, limits: Limits
) -> Candidates:
    """Pairs of nodes that share a key; of a hub only those that share its refined key, when that is no hub.

    Row k says that ``node[k]`` carries ``keys[k]`` (an identifier when ``weighty``).
    """
    order = np.argsort(keys, kind="stable")
    starts, counts = _runs(keys[order])
    most = np.where(weighty[order][starts], limits.identifier_records, limits.key_records)
    crowded = counts > most
    pairs = [_pairs_of(node[order], starts[~crowded], counts[~crowded])]
    hubs = [(int(keys[order[at]]), int(node[order[at]])) for at in starts[crowded]]
    inside = order[np.repeat(crowded, counts)]
    inside = inside[refined[inside] != 0]
    inside = inside[np.argsort(refined[inside], kind="stable")]
    starts, counts = _runs(refined[inside])
    small = counts <= limits.key_records
    pairs.append(_pairs_of(node[inside], starts[small], counts[small]))
    packed = np.unique(np.concatenate(pairs))
    return Candidates((packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32), hubs)


def _runs(values: Longs) -> tuple[Longs, Longs]:
    """(start, length) of each run of equal values."""
    if not len(values):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return starts, np.diff(np.append(starts, len(values)))


def _pairs_of(node: Ints, starts: Longs, counts: Longs) -> Longs:
    """All pairs inside the runs, packed smaller node first; a pair may come more than once."""
    found = []
    for size in np.unique(counts):
        if size < 2:
            continue
        block = node[starts[counts == size][:, None] + np.arange(size)].astype(np.int64)
        one, two = np.triu_indices(size, 1)
        low, high = np.minimum(block[:, one], block[:, two]), np.maximum(block[:, one], block[:, two])
        found.append(np.unique((low << 32) | high))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


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
        inside = np.unique(np.concatenate((left, right)))
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
