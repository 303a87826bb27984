"""What pairs of nodes say, remembered: a piece that grew by one node compares only that one anew."""

from collections.abc import Mapping, Sequence, Set

from regard.identity.hold_features import FeatureTable
from regard.identity.hold_records import RecordStore
from regard.identity.score_patterns import Said

_MOST_KEPT = 500_000
_BITS = 40


class SaidMemory:
    """The evidence of pairs of nodes of one kind. A node's birth number names it: node numbers come again."""

    def __init__(self, table: FeatureTable, store: RecordStore) -> None:
        self._table = table
        self._store = store
        self._said: dict[int, Said] = {}
        self._hubs: frozenset[str] = frozenset()

    def note(self, node: int, others: Mapping[int, bytes], hubs: Set[str]) -> None:
        """Take in the patterns of a node with others, worked out elsewhere."""
        self.keep_to(hubs)
        births, scorer = self._store.births, self._table.scorers[self._store.rows[node][0]]
        mine = births[node]
        for other, pattern in others.items():
            self._said[_pair(mine, births[other])] = scorer.said(pattern)

    def note_pair(self, one: int, two: int, pattern: bytes) -> None:
        """Take in the pattern of two nodes under the hubs last told."""
        if len(self._said) < _MOST_KEPT:
            births, scorer = self._store.births, self._table.scorers[self._store.rows[one][0]]
            self._said[_pair(births[one], births[two])] = scorer.said(pattern)

    def of_pairs(self, nodes: Sequence[int], hubs: Set[str]) -> list[Said]:
        """What the pairs (0, 1) (0, 2) .. (1, 2) .. of these nodes say; ``hubs``: crowded identifiers."""
        self.keep_to(hubs)
        births = [self._store.births[node] for node in nodes]
        known = self._said
        found: list[Said | None] = []
        for at, mine in enumerate(births):
            pairs = [_pair(mine, theirs) for theirs in births[at + 1 :]]
            here = [known.get(pair) for pair in pairs]
            if None in here:
                self._compare(at, nodes, pairs, here)
            found += here
        return [said for said in found if said is not None]

    def keep_to(self, hubs: Set[str]) -> None:
        """These are the crowded identifiers: what was said under others is void."""
        if hubs != self._hubs or len(self._said) > _MOST_KEPT:
            self._said.clear()
            self._hubs = frozenset(hubs)

    def _compare(self, at: int, nodes: Sequence[int], pairs: Sequence[int], here: list[Said | None]) -> None:
        """Fill in what is missing in ``here``, the pairs of the node at ``at`` with those after it."""
        rows, table = self._store.rows, self._table
        missing = [place for place, said in enumerate(here) if said is None]
        one = rows[nodes[at]]
        scorer = table.scorers[one[0]]
        patterns = table.patterns(one, [rows[nodes[at + 1 + place]] for place in missing], self._hubs)
        for place, pattern in zip(missing, patterns, strict=True):
            here[place] = self._said[pairs[place]] = scorer.said(pattern)


def _pair(one: int, two: int) -> int:
    return one << _BITS | two if one < two else two << _BITS | one
