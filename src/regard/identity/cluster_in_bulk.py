"""Customers of many records at once: the same keys, evidence, pieces and solver as record by record."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regard.identity.collect_records import KeyArrays, RecordCollection, equal_rows
from regard.identity.compare_in_bulk import RowMatrix
from regard.identity.evidence_fields import EVIDENCE_FIELDS
from regard.identity.hold_features import FeatureTable
from regard.identity.match_model import MatchModel
from regard.identity.pair_in_bulk import Candidates, all_pairs, cut_pieces, find_candidates
from regard.identity.score_patterns import Patterns
from regard.identity.solve_piece import solve

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Tell = Callable[[str, int, int], None]

_SOLVED_AT_ONCE = 5_000


class Nodes:
    """Different rows of a collection in canonical order (smallest record id first), with their keys."""

    def __init__(self, collection: RecordCollection) -> None:
        rows = collection.rows()
        seen = np.ones(len(rows), dtype=np.bool_)
        seen[list(collection.visitors)] = False
        at = np.flatnonzero(seen)
        first, group = equal_rows(rows[at])
        oldest = _smallest(collection.orders, at, group, len(first))
        rank = np.empty(len(first), dtype=np.int64)
        rank[oldest] = np.arange(len(first))
        carriers = at[first[oldest]]
        self.table: FeatureTable = collection.table
        self.rows = rows[carriers]
        self.node = np.full(len(rows), -1, dtype=np.int64)
        self.node[at] = rank[group]
        self.matrix = RowMatrix(self.table, self.rows)
        keys: KeyArrays = collection.keys()
        key_at, self._key_node = keys.of(carriers)
        self._keys = keys.keys[key_at], keys.refined[key_at], keys.weighty[key_at]

    def __len__(self) -> int:
        return len(self.rows)

    def candidates(self, model: MatchModel) -> tuple[Candidates, frozenset[str]]:
        """Pairs worth comparing, and the identifiers too many nodes carry."""
        found = find_candidates(*self._keys, self._key_node, model.limits)
        hubs = {text for key, node in found.hubs for text in self._identifiers(node) if hash(text) == key}
        return found, frozenset(hubs)

    def _identifiers(self, node: int) -> list[str]:
        texts: list[str] = []
        for column, code in zip(self.table.columns, self.rows[node][2:], strict=False):
            if column.field.by_hubs and code:
                bearers = column.field.bearers(column.values[code])
                texts += [str(key) for group, key in bearers if group == "exact"]
        user = self.table.columns[_USER_ID].values[self.rows[node][2 + _USER_ID]]
        return [*texts, str(user)] if user else texts

    def measure(self, left: Ints, right: Ints, hubs: frozenset[str]) -> tuple[Patterns, Floats]:
        """Patterns and scores of pairs of nodes of one kind."""
        patterns = self.matrix.patterns(left, right, hubs)
        return patterns, self.matrix.scores(left, right, patterns)


_USER_ID = next(at for at, field in enumerate(EVIDENCE_FIELDS) if field.name == "user_id")


def _smallest(orders: list[int], at: Longs, group: Longs, count: int) -> Longs:
    """The groups in the order of the smallest record id in each."""
    best: list[int | None] = [None] * count
    for position, number in zip(at.tolist(), group.tolist(), strict=True):
        order, other = orders[position], best[number]
        if other is None or order < other:
            best[number] = order
    return np.array(sorted(range(count), key=lambda number: best[number] or 0), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Clustered:
    """``cluster``: for each node the smallest node of its customer. The pairs and edges it came from."""

    cluster: Longs
    left: Ints
    right: Ints
    patterns: Patterns
    bits: Floats
    hubs: frozenset[str]
    crowded: int
    piece: Longs
    inert: npt.NDArray[np.bool_]


def cluster_nodes(nodes: Nodes, model: MatchModel, tell: Tell) -> Clustered:
    """Find the customers of all nodes under ``model``."""
    nodes.table.use(model)
    pairs, hubs = nodes.candidates(model)
    tell("compare", 0, len(pairs.left))
    patterns, bits = nodes.measure(pairs.left, pairs.right, hubs)
    everybody = np.arange(len(nodes), dtype=np.int32)
    inert = nodes.measure(everybody, everybody, hubs)[1] < 0
    strong = (bits >= model.limits.loose) & ~inert[pairs.left] & ~inert[pairs.right]
    piece = cut_pieces(len(nodes), pairs.left[strong], pairs.right[strong], bits[strong], model.limits)
    cluster = _solve_pieces(nodes, piece, model, hubs, tell)
    return Clustered(
        cluster, pairs.left, pairs.right, patterns, bits, hubs, len(pairs.hubs), piece, inert
    )


def everybody_apart(nodes: Nodes) -> Clustered:
    """Every node a customer of its own, no pair compared."""
    none = np.zeros(0, dtype=np.int32)
    alone = np.arange(len(nodes), dtype=np.int64)
    return Clustered(
        alone,
        none,
        none,
        np.zeros((0, len(nodes.table.columns)), dtype=np.uint8),
        np.zeros(0),
        frozenset(),
        0,
        alone,
        np.zeros(len(nodes), dtype=np.bool_),
    )


def _solve_pieces(
    nodes: Nodes, piece: Longs, model: MatchModel, hubs: frozenset[str], tell: Tell
) -> Longs:
    """The smallest node of the customer of each node."""
    cluster = np.arange(len(nodes), dtype=np.int64)
    order = np.argsort(piece, kind="stable")
    _, starts, sizes = np.unique(piece[order], return_index=True, return_counts=True)
    many = np.flatnonzero(sizes > 1)
    for at in range(0, len(many), _SOLVED_AT_ONCE):
        tell("solve", at, len(many))
        chosen = many[at : at + _SOLVED_AT_ONCE]
        members = np.concatenate([order[starts[n] : starts[n] + sizes[n]] for n in chosen])
        _solve_some(nodes, members, sizes[chosen], cluster, model, hubs)
    return cluster


def _solve_some(
    nodes: Nodes, members: Longs, sizes: Longs, cluster: Longs, model: MatchModel, hubs: frozenset[str]
) -> None:
    """Solve pieces that lie one after the other in ``members`` (each ascending: canonical order)."""
    left, right, ends = all_pairs(sizes)
    one, two = members[left].astype(np.int32), members[right].astype(np.int32)
    patterns, bits = nodes.measure(one, two, hubs)
    told = patterns.view(f"V{patterns.shape[1]}").ravel().tolist()
    begin = 0
    starts = (np.cumsum(sizes) - sizes).tolist()
    for start, size, end in zip(starts, sizes.tolist(), ends.tolist(), strict=True):
        if size == 2:
            if bits[begin] >= 0:
                cluster[members[start + 1]] = members[start]
        else:
            inside = members[start : start + size]
            scorer = nodes.table.scorers[nodes.rows[inside[0], 0]]
            for group in solve(size, told[begin:end], scorer, model.limits).groups:
                cluster[inside[list(group)]] = inside[group[0]]
        begin = end


def follow_devices(
    nodes: Nodes, clustered: Clustered, visitors: dict[int, tuple[str, ...]]
) -> dict[int, Hashable]:
    """For each visitor the node of the one customer that has its device, else its own devices."""
    owner: dict[str, set[int]] = {}
    column = next(c for c in nodes.table.columns if c.field.name == "device_id")
    at = 2 + nodes.table.columns.index(column)
    wanted = {device for devices in visitors.values() for device in devices}
    for node in np.flatnonzero(nodes.rows[:, at]).tolist():
        if not clustered.inert[node]:
            for _, device in column.field.bearers(column.values[nodes.rows[node, at]]):
                if device in wanted:
                    owner.setdefault(str(device), set()).add(int(clustered.cluster[node]))
    found: dict[int, Hashable] = {}
    for visitor, devices in visitors.items():
        owners = {node for device in devices for node in owner.get(device, ())}
        crowded = any(device in clustered.hubs for device in devices)
        found[visitor] = owners.pop() if len(owners) == 1 and not crowded else devices
    return found


