"""Which candidates share an edge with a record, looking at no more of their fields than it takes."""

from collections.abc import Iterable, Set

from regard.identity.hold_features import AHEAD, FeatureTable, Row
from regard.identity.score_patterns import PatternScorer

_ROUNDING = 1e-6
"""Bits by which a bound may miss the sum that a score is made of."""


class CandidateScreen:
    """Scores one row with many. Most candidates are soon seen to be strangers: a bound says so.

    The bound of a pair is what its fields are worth, those not yet compared at their best; household evidence
    only ever takes away. Whoever can reach the score is compared in full, so nothing differs from that.
    """

    def __init__(self, table: FeatureTable) -> None:
        self._table = table
        self._most: dict[PatternScorer, list[float]] = {}

    def edges(
        self, one: Row, others: Iterable[tuple[int, Row]], hubs: Set[str], least: float
    ) -> dict[int, bytes]:
        """The patterns of ``one`` with those numbered ``others``, of one kind, that reach ``least``."""
        table = self._table
        scorer = table.scorers[one[0]]
        most = self._most_of(scorer)
        columns, bits_of = table.columns, scorer.bits
        said = [(at - AHEAD, one[at], columns[at - AHEAD]) for at in range(AHEAD, len(one)) if one[at]]
        named = [field for field in said if field[0] in table.named]
        rest = [(*field, most[field[0]]) for field in said if field[0] not in table.named]
        floor = least - scorer.weights.prior - _ROUNDING
        found: dict[int, bytes] = {}
        for number, other in others:
            pattern = table.named_pattern(one, named, other, hubs)
            bits = sum([bits_of(at, level) for at in table.named if (level := pattern[at])])
            length = len(other) - AHEAD
            open_ = []
            for at, mine, column, best in rest:
                if at >= length or not (theirs := other[at + AHEAD]):
                    continue
                if mine != theirs and column.apart(mine, theirs):
                    bits += best
                    open_.append((at, mine, theirs, column, best))
                else:
                    level = pattern[at] = column.level(mine, theirs, hubs)
                    bits += bits_of(at, level)
            for at, mine, theirs, column, best in open_:
                if bits < floor:
                    break
                level = pattern[at] = column.level(mine, theirs, hubs)
                bits += (bits_of(at, level) if level else 0.0) - best
            if bits >= floor and scorer.score(whole := bytes(pattern)) >= least:
                found[number] = whole
        return found

    def _most_of(self, scorer: PatternScorer) -> list[float]:
        """By field the most that values apart from each other are worth, nothing at least."""
        found = self._most.get(scorer)
        if found is None:
            self._most = {known: self._most[known] for known in self._table.scorers if known in self._most}
            fields = range(len(self._table.columns))
            found = self._most[scorer] = [max(0.0, scorer.most_apart(at)) for at in fields]
        return found
