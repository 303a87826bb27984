"""Which records of one piece are one customer: greedy merging by entity-level evidence."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import combinations

from regard.identity.hold_features import FeatureTable, Row
from regard.identity.match_model import Limits
from regard.identity.score_patterns import NEVER, PatternScorer, Said
from regard.identity.sum_evidence import Evidence, total_of, unite
from regard.identity.weigh_judgements import Constraints

_Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Join:
    """Two groups (positions) became one at ``score`` bits.

    ``score`` = prior + bits of all fields - log2(1 + 2^``household``); ``fields`` hold (field, bits,
    household bits). ``judged``: a person said so; ``forced``: worth less than 0 bits, or ambiguous.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    score: float
    household: float
    fields: tuple[tuple[str, float, float], ...]
    judged: bool = False
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Solution:
    """``groups`` of positions, each sorted, and the joins that made them, in order (when asked for).

    ``weakest``: the lowest score of those joins that no person decided.
    """

    groups: list[tuple[int, ...]]
    joins: list[Join]
    weakest: float


def pairs_said(table: FeatureTable, rows: Sequence[Row], hubs: Set[str]) -> list[Said]:
    """What all pairs of rows of one kind say: (0, 1) (0, 2) .. (1, 2) .."""
    said = table.scorers[rows[0][0]].said
    return [
        said(pattern) for at, row in enumerate(rows) for pattern in table.patterns(row, rows[at + 1 :], hubs)
    ]


def solve_rows(
    table: FeatureTable,
    rows: Sequence[Row],
    limits: Limits,
    hubs: Set[str],
    constraints: Constraints | None = None,
    *,
    whole: bool = False,
) -> Solution:
    """`solve_said` for rows of one kind, given in their canonical order."""
    scorer = table.scorers[rows[0][0]]
    return solve_said(len(rows), pairs_said(table, rows, hubs), scorer, limits, constraints, whole=whole)


def solve_said(
    count: int,
    said: Sequence[Said],
    scorer: PatternScorer,
    limits: Limits,
    constraints: Constraints | None = None,
    *,
    whole: bool = False,
) -> Solution:
    """Merge ``count`` records of one piece, in their canonical order, while the best merge is worth 0 bits.

    ``said`` of all pairs: (0, 1) (0, 2) .. (1, 2) .. Must-links come first, never-links are minus infinity. A
    group that fits two others about equally well, which contradict each other, is left alone. ``whole`` tells
    the joins and goes on below 0 until one group is left (to explain a known one).
    """
    piece = _Piece(count, said, scorer, limits, constraints or Constraints(), told=whole)
    for group in piece.together:
        for other in group[1:]:
            piece.merge(group[0], other, judged=True)
    while pair := piece.best():
        piece.merge(*pair)
    while whole and (pair := piece.least_bad()):
        piece.merge(*pair, forced=True)
    return Solution(sorted(piece.groups.values()), piece.joins, piece.weakest)


class _Piece:
    """Groups by their smallest position, the evidence between them, and how they grew."""

    def __init__(
        self,
        count: int,
        said: Sequence[Said],
        scorer: PatternScorer,
        limits: Limits,
        constraints: Constraints,
        *,
        told: bool,
    ) -> None:
        self._limits = limits
        self._scorer = scorer
        self._told = told
        self.together = constraints.together
        self.groups: dict[int, tuple[int, ...]] = {n: (n,) for n in range(count)}
        self.joins: list[Join] = []
        self.weakest = float("inf")
        self._never = set(constraints.apart)
        self._evidence: dict[_Pair, Evidence] = {}
        self._scores: dict[_Pair, float] = {}
        for pair, (score, evidence) in zip(combinations(range(count), 2), said, strict=True):
            if score == NEVER:
                self._never.update((pair, pair[::-1]))
                continue
            self._evidence[pair] = evidence
            if score >= 0 and pair not in self._never:
                self._scores[pair] = score

    def best(self) -> _Pair | None:
        """The best merge that is worth it and not ambiguous; ties go to the smallest positions."""
        scores = self._scores
        if not scores:
            return None
        most = max(scores.values())
        first = min([pair for pair, score in scores.items() if score == most])
        if not self._ambiguous(*first):
            return first
        for pair in sorted(scores, key=lambda found: (-scores[found], found)):
            if not self._ambiguous(*pair):
                return pair
        return None

    def least_bad(self) -> _Pair | None:
        """The best merge of all, worth it or not."""
        heads = sorted(self.groups)
        pairs = [(one, two) for at, one in enumerate(heads) for two in heads[at + 1 :]]
        return min(pairs, key=lambda pair: (-self._total(pair)[0], pair), default=None)

    def _total(self, pair: _Pair) -> tuple[float, float]:
        return total_of(self._evidence.get(pair, {}), self._scorer.weights)

    def _ambiguous(self, one: int, two: int) -> bool:
        score = self._scores[one, two]
        bar = max(0.0, score - self._limits.ambiguous_margin)
        return score < self._limits.ambiguous_below and (
            self._torn(one, two, bar) or self._torn(two, one, bar)
        )

    def _torn(self, one: int, two: int, bar: float) -> bool:
        """Does ``one`` fit a third group about as well as ``two``, though those two contradict each other?"""
        for third in self.groups:
            if third in (one, two):
                continue
            if self._scores.get(_ordered(one, third), NEVER) >= bar and self._contradict(two, third):
                return True
        return False

    def _contradict(self, one: int, two: int) -> bool:
        pair = _ordered(one, two)
        if pair in self._never:
            return True
        if pair in self._scores:
            return False
        evidence = self._evidence.get(pair, {})
        against = sum(min(0.0, spoken.bits) for spoken in evidence.values())
        return against <= self._limits.contradiction

    def merge(self, one: int, two: int, *, judged: bool = False, forced: bool = False) -> None:
        """Group ``two`` joins group ``one``."""
        one, two = _ordered(one, two)
        if not judged:
            self.weakest = min(self.weakest, self._scores.get((one, two), NEVER))
        if self._told:
            self.joins.append(self._join((one, two), judged=judged, forced=forced))
        self.groups[one] = tuple(sorted((*self.groups[one], *self.groups.pop(two))))
        self._scores.pop((one, two), None)
        self._evidence.pop((one, two), None)
        for third in self.groups:
            if third != one:
                self._absorb(_ordered(one, third), _ordered(two, third))

    def _join(self, pair: _Pair, *, judged: bool, forced: bool) -> Join:
        score, household = self._total(pair)
        names = self._scorer.fields
        fields = sorted(
            (names[at].name, spoken.bits, spoken.household)
            for at, spoken in self._evidence.get(pair, {}).items()
        )
        left, right = self.groups[pair[0]], self.groups[pair[1]]
        return Join(left, right, score, household, tuple(fields), judged, forced)

    def _absorb(self, kept: _Pair, gone: _Pair) -> None:
        scores = self._scores
        scores.pop(gone, None)
        other = self._evidence.pop(gone, None)
        if gone in self._never:
            self._never.update((kept, kept[::-1]))
        if other:
            mine = self._evidence.get(kept)
            weights = self._scorer.weights
            mine = unite(mine, other, self._scorer.single, weights.lean) if mine else other
            self._evidence[kept] = mine
            score = total_of(mine, weights)[0]
            if score >= 0:
                scores[kept] = score
            else:
                scores.pop(kept, None)
        if kept in self._never:
            scores.pop(kept, None)


def _ordered(one: int, two: int) -> _Pair:
    return (one, two) if one < two else (two, one)
