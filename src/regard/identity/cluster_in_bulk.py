"""Customers of many records at once: the same keys, evidence, pieces and solver as record by record."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regard.identity.collect_records import RecordCollection, choose_rows, equal_rows
from regard.identity.compare_in_bulk import Agreements, RowMatrix
from regard.identity.hold_features import FeatureTable
from regard.identity.key_in_bulk import key_columns
from regard.identity.match_model import Limits, MatchModel
from regard.identity.pair_in_bulk import Runs, all_pairs, cut_pieces, find_candidates
from regard.identity.solve_in_bulk import solve_many

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Tell = Callable[[str, int, int], None]

_SOLVED_AT_ONCE = 5_000
_MEASURED_AT_ONCE = 250_000
_NOBODY = np.zeros(0, dtype=np.int32)
_LOT = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Meetings:
    """Which nodes are worth comparing, the identifiers too many nodes carry (they are no evidence), and how
    many keys were crowded."""

    runs: Runs
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

    def score(self, left: Ints, right: Ints, hubs: frozenset[str]) -> Floats:
        """Scores of pairs of nodes of one kind, some at a time: what is needed in between is many times as
        large."""
        bits = np.empty(len(left))
        for at in range(0, len(left), _MEASURED_AT_ONCE):
            one, two = left[at : at + _MEASURED_AT_ONCE], right[at : at + _MEASURED_AT_ONCE]
            patterns = self.matrix.patterns(one, two, hubs)
            bits[at : at + _MEASURED_AT_ONCE] = self.matrix.scores(one, two, patterns)
        return bits


class Nodes(NodeSet):
    """Different rows of a collection in canonical order (smallest record id first)."""

    def __init__(self, collection: RecordCollection) -> None:
        rows = collection.take_rows()
        seen = np.ones(len(rows), dtype=np.bool_)
        seen[list(collection.visitors)] = False
        at = np.flatnonzero(seen)
        first, group = equal_rows(rows if len(at) == len(rows) else choose_rows(rows, at))
        oldest, self._orders = _smallest(collection.orders()[at], group)
        rank = np.empty(len(first), dtype=np.int64)
        rank[oldest] = np.arange(len(first))
        super().__init__(collection.table, choose_rows(rows, at[first[oldest]]))
        self.node = np.full(len(rows), -1, dtype=np.int32)
        self.node[at] = rank[group]
        self._met: tuple[Limits, Meetings] | None = None

    def draw(self, count: int) -> npt.NDArray[np.bool_]:
        """``count`` nodes by lot: a hash of the smallest record id, as the ids may tell the source or day."""
        if count >= len(self):
            return np.ones(len(self), dtype=np.bool_)
        lots = (self._orders[:, 0] ^ self._orders[:, 1]) * _LOT
        drawn = np.zeros(len(self), dtype=np.bool_)
        drawn[np.argsort(lots, kind="stable")[:count]] = True
        return drawn

    def meetings(self, limits: Limits) -> Meetings:
        """The pairs worth comparing; they do not depend on weights."""
        if self._met is None or self._met[0] != limits:
            self._met = limits, self._meetings(limits)
        return self._met[1]

    def _meetings(self, limits: Limits) -> Meetings:
        found = find_candidates(key_columns(self.table, self.rows), limits)
        hubs = {text for key, node in found.hubs for text in self._identifiers(node) if hash(text) == key}
        return Meetings(found.runs, frozenset(hubs), found.crowded)

    def _identifiers(self, node: int) -> list[str]:
        texts: list[str] = []
        for column, code in zip(self.table.columns, self.rows[node][2:], strict=False):
            if column.field.by_hubs and code:
                bearers = column.field.bearers(column.values[code])
                texts += [str(key) for group, key in bearers if group == "exact"]
        return texts


def _smallest(orders: npt.NDArray[np.uint64], group: Longs) -> tuple[Longs, npt.NDArray[np.uint64]]:
    """The groups in the order of the smallest record id in each, and these ids."""
    order = np.lexsort((orders[:, 1], orders[:, 0]))
    heads = np.sort(np.unique(group[order], return_index=True)[1])
    return group[order[heads]], orders[order[heads]]


@dataclass(frozen=True, slots=True)
class Clustered:
    """``cluster``: for each node the smallest node of its customer. ``inert``: nodes that say too little to
    be anybody. ``pairs``: how many were compared."""

    cluster: Longs
    inert: Flags
    pairs: int


def cluster_nodes(nodes: NodeSet, met: Meetings, model: MatchModel, tell: Tell) -> Clustered:
    """Find the customers of all nodes under ``model``, given the pairs that are worth comparing."""
    nodes.table.use(model, alone=True)
    inert = find_inert(nodes, hubs=met.hubs)
    lefts, rights, scores = [_NOBODY], [_NOBODY], [np.zeros(0)]
    count = 0
    for left, right in met.runs.slices():
        tell("compare", int(left[0]) if len(left) else 0, len(nodes))
        count += len(left)
        bits = nodes.score(left, right, met.hubs)
        strong = bits >= model.limits.loose
        lefts.append(left[strong])
        rights.append(right[strong])
        scores.append(bits[strong])
    edges = Edges(np.concatenate(lefts), np.concatenate(rights), np.concatenate(scores))
    return Clustered(join_nodes(nodes, edges, inert, met.hubs, model, tell), inert, count)


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of nodes and their scores."""

    left: Ints
    right: Ints
    bits: Floats


def find_inert(nodes: NodeSet, selves: Agreements | None = None, hubs: frozenset[str] = frozenset()) -> Flags:
    """Nodes that say so little that they are not even themselves; ``selves``: each compared with itself."""
    everybody = np.arange(len(nodes), dtype=np.int32)
    if selves is None:
        return nodes.score(everybody, everybody, hubs) < 0
    return nodes.matrix.scores(everybody, everybody, selves.patterns()) < 0


def join_nodes(
    nodes: NodeSet, edges: Edges, inert: Flags, hubs: frozenset[str], model: MatchModel, tell: Tell
) -> Longs:
    """The smallest node of the customer of each node; the table uses ``model``."""
    strong = (edges.bits >= model.limits.loose) & ~inert[edges.left] & ~inert[edges.right]
    piece = cut_pieces(
        len(nodes), edges.left[strong], edges.right[strong], edges.bits[strong], model.limits
    )
    return _solve_pieces(nodes, piece, model, hubs, tell)


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
    nodes: Nodes, clustered: Clustered, hubs: frozenset[str], visitors: dict[int, tuple[str, ...]]
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
        crowded = any(device in hubs for device in devices)
        found[visitor] = owners.pop() if len(owners) == 1 and not crowded else devices
    return found
