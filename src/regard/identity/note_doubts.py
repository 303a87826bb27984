"""Pairs of records on which it was close: what a person should look at. Pure, piece by piece."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import combinations
from typing import Literal, NamedTuple
from uuid import UUID

from regard.identity.hold_features import FeatureTable
from regard.identity.hold_records import RecordStore
from regard.identity.identity_record import Verdict
from regard.identity.score_patterns import NEVER

DoubtReason = Literal["torn", "near_miss", "weak_join"]
Pair = tuple[UUID, UUID]
VerdictOf = Callable[[UUID, UUID], Verdict | None]
"""What a person judged about two records."""

_WEAK_JOIN = 3.0
"""Bits; a join worth less may well be wrong."""
_TORN = 0.5


class Doubt(NamedTuple):
    """Two records (the smaller id first) that are one customer (``together``) or are not, by little.

    ``bits``: the log odds that these two records are one customer. torn: they agree, but belong to groups
    that do not. near_miss: they nearly agree. weak_join: no stronger evidence holds their customer together.
    """

    left: UUID
    right: UUID
    bits: float
    together: bool
    reason: DoubtReason

    @property
    def risk(self) -> float:
        """How probable it is that the decision is wrong, 0 to 0.5."""
        return _TORN if self.reason == "torn" else 1.0 / (1.0 + math.exp2(abs(self.bits)))


class DoubtBook:
    """The doubts of all pieces, and what changed of them since they were last asked for."""

    def __init__(self, store: RecordStore, table: FeatureTable, verdict_of: VerdictOf) -> None:
        self._store = store
        self._table = table
        self._verdict_of = verdict_of
        self._kept: dict[int, list[Doubt]] = {}
        self._was: dict[Pair, Doubt] = {}
        self._now: dict[Pair, Doubt] = {}

    def review(
        self,
        piece: Sequence[int],
        clusters: Iterable[Sequence[int]],
        edges_of: Callable[[int], Mapping[int, float]],
        hubs: Set[str],
    ) -> None:
        """Note the doubts of a piece that was solved into clusters, once those noted before are forgotten."""
        home = {node: at for at, cluster in enumerate(clusters) for node in cluster}
        for node in piece:
            if len(self._store.members_of(node)) > 1:
                self._note_equals(node, hubs)
        if len(piece) < 2:
            return
        edges = [
            (bits, one, two)
            for one in piece
            for two, bits in edges_of(one).items()
            if one < two and two in home
        ]
        self._note_joins([edge for edge in edges if home[edge[1]] == home[edge[2]]], home)
        self._note_misses([edge for edge in edges if home[edge[1]] != home[edge[2]]], home, hubs)

    def forget(self, nodes: Iterable[int]) -> None:
        """The doubts of these nodes are void."""
        for node in nodes:
            for doubt in self._kept.pop(node, ()):
                pair = doubt.left, doubt.right
                if pair in self._now:
                    del self._now[pair]
                else:
                    self._was.setdefault(pair, doubt)

    def changes(self) -> tuple[list[Pair], list[Doubt]]:
        """(pairs no longer in doubt, doubts that are new or not what they were) since the last call."""
        gone = sorted(pair for pair in self._was if pair not in self._now)
        new = sorted(doubt for pair, doubt in self._now.items() if self._was.get(pair) != doubt)
        self._was, self._now = {}, {}
        return gone, new

    def all(self) -> Iterator[Doubt]:
        """Every doubt there is."""
        for doubts in self._kept.values():
            yield from doubts

    def _note(self, one: UUID, two: UUID, node: int, bits: float, reason: DoubtReason) -> None:
        left, right = sorted((one, two), key=lambda record: record.int)
        doubt = Doubt(left, right, bits, reason == "weak_join", reason)
        self._kept.setdefault(node, []).append(doubt)
        self._now[left, right] = doubt

    def _record(self, node: int) -> UUID:
        """The record that stands for the node: that of the smallest id."""
        slots = (self._store.slots[slot] for slot in self._store.members_of(node))
        return min(slots, key=lambda slot: slot.order).record_id

    def _judged(self, one: int, two: int) -> Verdict | None:
        judged = self._store.judged
        if one in judged and two in judged:
            return self._verdict_of(self._record(one), self._record(two))
        return None

    def _note_equals(self, node: int, hubs: Set[str]) -> None:
        """Records that say just the same, and that is little."""
        row = self._store.rows[node]
        bits = self._table.score(row, row, hubs)
        if 0 <= bits < _WEAK_JOIN:
            slots = sorted(
                (self._store.slots[s] for s in self._store.members_of(node)), key=lambda s: s.order
            )
            self._note(slots[0].record_id, slots[1].record_id, node, bits, "weak_join")

    def _note_joins(self, edges: Sequence[tuple[float, int, int]], home: Mapping[int, int]) -> None:
        """Per cluster the weakest link of the strongest tree, unless a person confirmed it."""
        if not edges or min(edges)[0] >= _WEAK_JOIN:
            return
        tree = _Tree()
        weakest: dict[int, tuple[float, int, int]] = {}
        judged = [node for node in home if node in self._store.judged]
        for one, two in combinations(judged, 2):
            if home[one] == home[two] and self._judged(one, two) == "same":
                tree.join(one, two)
        for bits, one, two in sorted(edges, key=lambda edge: (-edge[0], self._pair(edge))):
            if tree.join(one, two):
                weakest[home[one]] = bits, one, two
        for bits, one, two in weakest.values():
            if bits < _WEAK_JOIN:
                self._note(self._record(one), self._record(two), one, bits, "weak_join")

    def _note_misses(
        self, edges: Sequence[tuple[float, int, int]], home: Mapping[int, int], hubs: Set[str]
    ) -> None:
        """Per two clusters the strongest pair, unless a person or a record says that they differ."""
        best: dict[tuple[int, int], tuple[float, int, int]] = {}
        for edge in sorted(edges, key=lambda edge: (-edge[0], self._pair(edge))):
            one, two = sorted((home[edge[1]], home[edge[2]]))
            best.setdefault((one, two), edge)
        if not best:
            return
        members: dict[int, list[int]] = {}
        for node, at in home.items():
            members.setdefault(at, []).append(node)
        for (here, there), (bits, one, two) in best.items():
            if not any(self._settled(a, b, hubs) for a in members[here] for b in members[there]):
                reason: DoubtReason = "torn" if bits >= 0 else "near_miss"
                self._note(self._record(one), self._record(two), one, bits, reason)

    def _settled(self, one: int, two: int, hubs: Set[str]) -> bool:
        if self._judged(one, two) == "different":
            return True
        rows = self._store.rows
        return self._table.score(rows[one], rows[two], hubs) == NEVER

    def _pair(self, edge: tuple[float, int, int]) -> tuple[int, int]:
        """A canonical order of equally strong edges: by the records, not by the numbers of the nodes."""
        one, two = self._record(edge[1]).int, self._record(edge[2]).int
        return (one, two) if one < two else (two, one)


class _Tree:
    """Which nodes hang together already."""

    def __init__(self) -> None:
        self._root: dict[int, int] = {}

    def join(self, one: int, two: int) -> bool:
        """Tie two nodes together; False when they hang together already."""
        here, there = self._find(one), self._find(two)
        self._root[there] = here
        return here != there

    def _find(self, node: int) -> int:
        while (root := self._root.get(node, node)) != node:
            node = root
        return node
