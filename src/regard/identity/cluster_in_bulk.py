"""Customers of many records at once: the same keys, evidence, pieces and solver as record by record."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regard.identity.collect_records import KeyArrays, RecordCollection, equal_rows
from regard.identity.compare_in_bulk import RowMatrix
from regard.identity.evidence_fields import EVIDENCE_FIELDS
from regard.identity.hold_features import FeatureTable
from regard.identity.match_model import Limits, MatchModel
from regard.identity.pair_in_bulk import all_pairs, cut_pieces, find_candidates
from regard.identity.score_patterns import Patterns
from regard.identity.solve_in_bulk import solve_many

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Tell = Callable[[str, int, int], None]

_SOLVED_AT_ONCE = 5_000
_LOT, _LOTS = 0x9E3779B97F4A7C15, (1 << 64) - 1
_MEASURED_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class Meetings:
    """Pairs of nodes worth comparing (``left[k] < right[k]``, sorted), the identifiers too many nodes carry
    (they are no evidence), and how many keys were crowded."""

    left: Ints
    right: Ints
    hubs: frozenset[str]
    crowded: int


class NodeSet:
    """Different rows of a table in canonical order."""

    def __init__(self, table: FeatureTable, rows: Ints) -> None:
        self.table = table
        self.rows = rows
        self.matrix = RowMatrix(table, rows)

    def __len__(self) -> int:
        return len(self.rows)

    def measure(self, left: Ints, right: Ints, hubs: frozenset[str]) -> tuple[Patterns, Floats]:
        """Patterns and scores of pairs of nodes of one kind."""
        patterns = self.matrix.patterns(left, right, hubs)
        return patterns, self.matrix.scores(left, right, patterns)


class Nodes(NodeSet):
    """Different rows of a collection in canonical order (smallest record id first), with their keys."""

    def __init__(self, collection: RecordCollection) -> None:
        rows = collection.rows()
        seen = np.ones(len(rows), dtype=np.bool_)
        seen[list(collection.visitors)] = False
        at = np.flatnonzero(seen)
        first, group = equal_rows(rows[at])
        oldest, self._orders = _smallest(collection.orders, at, group, len(first))
        rank = np.empty(len(first), dtype=np.int64)
        rank[oldest] = np.arange(len(first))
        carriers = at[first[oldest]]
        super().__init__(collection.table, rows[carriers])
        self.node = np.full(len(rows), -1, dtype=np.int64)
        self.node[at] = rank[group]
        keys: KeyArrays = collection.keys()
        key_at, self._key_node = keys.of(carriers)
        self._keys = keys.keys[key_at], keys.refined[key_at], keys.weighty[key_at]
        self._met: tuple[Limits, Meetings] | None = None

    def draw(self, count: int) -> npt.NDArray[np.bool_]:
        """``count`` nodes by lot: a hash of the smallest record id, as the ids may tell the source or day."""
        if count >= len(self):
            return np.ones(len(self), dtype=np.bool_)
        lots = np.array([((order ^ order >> 64) * _LOT) & _LOTS for order in self._orders], dtype=np.uint64)
        drawn = np.zeros(len(self), dtype=np.bool_)
        drawn[np.argsort(lots, kind="stable")[:count]] = True
        return drawn

    def meetings(self, limits: Limits) -> Meetings:
        """The pairs worth comparing; they do not depend on weights."""
        if self._met is None or self._met[0] != limits:
            self._met = limits, self._meetings(limits)
        return self._met[1]

    def _meetings(self, limits: Limits) -> Meetings:
        found = find_candidates(*self._keys, self._key_node, limits)
        hubs = {text for key, node in found.hubs for text in self._identifiers(node) if hash(text) == key}
        return Meetings(found.left, found.right, frozenset(hubs), len(found.hubs))

    def _identifiers(self, node: int) -> list[str]:
        texts: list[str] = []
        for column, code in zip(self.table.columns, self.rows[node][2:], strict=False):
            if column.field.by_hubs and code:
                bearers = column.field.bearers(column.values[code])
                texts += [str(key) for group, key in bearers if group == "exact"]
        user = self.table.columns[_USER_ID].values[self.rows[node][2 + _USER_ID]]
        return [*texts, str(user)] if user else texts


_USER_ID = next(at for at, field in enumerate(EVIDENCE_FIELDS) if field.name == "user_id")


def _smallest(orders: list[int], at: Longs, group: Longs, count: int) -> tuple[Longs, list[int]]:
    """The groups in the order of the smallest record id in each, and these ids."""
    best: list[int | None] = [None] * count
    for position, number in zip(at.tolist(), group.tolist(), strict=True):
        order, other = orders[position], best[number]
        if other is None or order < other:
            best[number] = order
    found = sorted((order, number) for number, order in enumerate(best) if order is not None)
    return np.array([number for _, number in found], dtype=np.int64), [order for order, _ in found]


@dataclass(frozen=True, slots=True)
class Clustered:
    """``cluster``: for each node the smallest node of its customer. ``piece``: that of its piece. What the
    pairs of ``met`` say. ``inert``: nodes that say too little to be anybody."""

    cluster: Longs
    met: Meetings
    patterns: Patterns
    piece: Longs
    inert: npt.NDArray[np.bool_]


def cluster_nodes(nodes: NodeSet, met: Meetings, model: MatchModel, tell: Tell) -> Clustered:
    """Find the customers of all nodes under ``model``, given the pairs that are worth comparing."""
    nodes.table.use(model)
    hubs = met.hubs
    patterns, bits = _measure_all(nodes, met, tell)
    everybody = np.arange(len(nodes), dtype=np.int32)
    inert = nodes.measure(everybody, everybody, hubs)[1] < 0
    strong = (bits >= model.limits.loose) & ~inert[met.left] & ~inert[met.right]
    piece = cut_pieces(len(nodes), met.left[strong], met.right[strong], bits[strong], model.limits)
    cluster = _solve_pieces(nodes, piece, model, hubs, tell)
    return Clustered(cluster, met, patterns, piece, inert)


def _measure_all(nodes: NodeSet, met: Meetings, tell: Tell) -> tuple[Patterns, Floats]:
    """Patterns and scores of all pairs, some at a time: what is needed in between is many times as large."""
    count = len(met.left)
    patterns = np.empty((count, len(nodes.table.columns)), dtype=np.uint8)
    bits = np.empty(count)
    for at in range(0, count, _MEASURED_AT_ONCE):
        tell("compare", at, count)
        here = slice(at, at + _MEASURED_AT_ONCE)
        patterns[here], bits[here] = nodes.measure(met.left[here], met.right[here], met.hubs)
    return patterns, bits


def _solve_pieces(
    nodes: NodeSet, piece: Longs, model: MatchModel, hubs: frozenset[str], tell: Tell
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
    nodes: NodeSet, members: Longs, sizes: Longs, cluster: Longs, model: MatchModel, hubs: frozenset[str]
) -> None:
    """Solve pieces that lie one after the other in ``members`` (each ascending: canonical order)."""
    left, right = all_pairs(sizes)
    patterns = nodes.matrix.patterns(members[left].astype(np.int32), members[right].astype(np.int32), hubs)
    starts = np.cumsum(sizes) - sizes
    first = np.repeat(starts, sizes)
    kind = nodes.rows[members, 0]
    head = np.zeros(len(members), dtype=np.int64)
    for number, scorer in enumerate(nodes.table.scorers):
        mine = kind == number
        if mine.any():
            head[mine] = solve_many(sizes[mine[starts]], patterns[mine[left]], scorer, model.limits)
    cluster[members] = members[first + head]


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
        crowded = any(device in clustered.met.hubs for device in devices)
        found[visitor] = owners.pop() if len(owners) == 1 and not crowded else devices
    return found


