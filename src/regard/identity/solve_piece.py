"""Which records of one piece are one customer: greedy merging by entity-level evidence."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from regard.identity.hold_features import FeatureTable, Row
from regard.identity.match_model import KindModel, Level, Limits, log2_one_plus
from regard.identity.score_patterns import FORBIDDEN, NEVER, PatternScorer
from regard.identity.weigh_judgements import Constraints


class _Spoken(NamedTuple):
    """What the pairs of records between two groups say about one field."""

    best: float
    best_household: float
    total: float
    total_household: float
    pairs: int


_Evidence = dict[str, _Spoken]
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
    """``groups`` of positions, each sorted, and the joins that made them, in order."""

    groups: list[tuple[int, ...]]
    joins: list[Join]


PatternOf = Callable[[int, int], bytes]
"""The pattern of two positions, the smaller first."""


def solve_rows(
    table: FeatureTable,
    rows: Sequence[Row],
    limits: Limits,
    hubs: Collection[str],
    constraints: Constraints | None = None,
    *,
    whole: bool = False,
) -> Solution:
    """`solve` for rows of one kind, given in their canonical order."""
    return solve(
        len(rows),
        lambda one, two: table.pattern(rows[one], rows[two], hubs),
        table.scorers[rows[0][0]],
        limits,
        constraints,
        whole=whole,
    )


def solve(
    count: int,
    pattern_of: PatternOf,
    scorer: PatternScorer,
    limits: Limits,
    constraints: Constraints | None = None,
    *,
    whole: bool = False,
) -> Solution:
    """Merge ``count`` records of one piece, in their canonical order, while the best merge is worth 0 bits.

    Must-links come first, never-links are minus infinity. A group that fits two others about equally well,
    which contradict each other, is left alone. ``whole`` goes on below 0 until one group is left (to
    explain a known one).
    """
    piece = _Piece(count, pattern_of, scorer, limits, constraints or Constraints())
    for group in piece.together:
        for other in group[1:]:
            piece.merge(group[0], other, judged=True)
    while pair := piece.best():
        piece.merge(*pair)
    while whole and (pair := piece.least_bad()):
        piece.merge(*pair, forced=True)
    return Solution(sorted(piece.groups.values()), piece.joins)


class _Piece:
    """Groups by their smallest position, the evidence between them, and how they grew."""

    def __init__(
        self,
        count: int,
        pattern_of: PatternOf,
        scorer: PatternScorer,
        limits: Limits,
        constraints: Constraints,
    ) -> None:
        self._limits = limits
        self._weights: KindModel = scorer.weights
        self.together = constraints.together
        self.groups: dict[int, tuple[int, ...]] = {n: (n,) for n in range(count)}
        self.joins: list[Join] = []
        self._never = set(constraints.apart)
        self._evidence: dict[_Pair, _Evidence] = {}
        self._scores: dict[_Pair, float] = {}
        for one in range(count):
            for two in range(one + 1, count):
                levels = scorer.levels(pattern_of(one, two))
                if any(level.bits <= FORBIDDEN for level in levels):
                    self._never.update(((one, two), (two, one)))
                elif levels:
                    self._evidence[one, two] = _of_pair(levels)
                self._rate((one, two))

    def _rate(self, pair: _Pair) -> None:
        if pair in self._never:
            self._scores.pop(pair, None)
            return
        evidence = self._evidence.get(pair)
        score = _score(evidence, self._weights)[0] if evidence else self._weights.prior
        if score >= 0:
            self._scores[pair] = score
        else:
            self._scores.pop(pair, None)

    def best(self) -> _Pair | None:
        """The best merge that is worth it and not ambiguous; ties go to the smallest positions."""
        for pair in sorted(self._scores, key=lambda found: (-self._scores[found], found)):
            if not self._ambiguous(*pair):
                return pair
        return None

    def least_bad(self) -> _Pair | None:
        """The best merge of all, worth it or not."""
        heads = sorted(self.groups)
        pairs = [(one, two) for at, one in enumerate(heads) for two in heads[at + 1 :]]
        return min(pairs, key=lambda pair: (-self._total(pair)[0], pair), default=None)

    def _total(self, pair: _Pair) -> tuple[float, float]:
        return _score(self._evidence.get(pair, {}), self._weights)

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
        against = sum(min(0.0, _worth(spoken, self._weights.lean)[0]) for spoken in evidence.values())
        return against <= self._limits.contradiction

    def merge(self, one: int, two: int, *, judged: bool = False, forced: bool = False) -> None:
        """Group ``two`` joins group ``one``."""
        one, two = _ordered(one, two)
        score, household = self._total((one, two))
        lean = self._weights.lean
        spoken = self._evidence.get((one, two), {})
        fields = tuple((field, *_worth(spoken[field], lean)) for field in sorted(spoken))
        self.joins.append(Join(self.groups[one], self.groups[two], score, household, fields, judged, forced))
        self.groups[one] = tuple(sorted((*self.groups[one], *self.groups.pop(two))))
        self._scores.pop((one, two), None)
        self._evidence.pop((one, two), None)
        for third in self.groups:
            if third != one:
                self._absorb(_ordered(one, third), _ordered(two, third))

    def _absorb(self, kept: _Pair, gone: _Pair) -> None:
        self._scores.pop(gone, None)
        other = self._evidence.pop(gone, None)
        if other:
            mine = self._evidence.get(kept)
            self._evidence[kept] = _united(mine, other, self._weights.single) if mine else other
        if gone in self._never:
            self._never.update((kept, kept[::-1]))
        self._rate(kept)


def _ordered(one: int, two: int) -> _Pair:
    return (one, two) if one < two else (two, one)


def _of_pair(levels: Collection[Level]) -> _Evidence:
    return {
        level.field: _Spoken(level.bits, level.household, level.bits, level.household, 1) for level in levels
    }


def _united(mine: _Evidence, other: _Evidence, single: Collection[str]) -> _Evidence:
    """Evidence of a merged group. Of many-valued fields only the best agreement counts."""
    result = dict(mine)
    for field, theirs in other.items():
        have = mine.get(field)
        if have is None:
            result[field] = theirs
            continue
        better = have if have[:2] >= theirs[:2] else theirs
        result[field] = better
        if field in single:
            total, household = have.total + theirs.total, have.total_household + theirs.total_household
            result[field] = _Spoken(*better[:2], total, household, have.pairs + theirs.pairs)
    return result


def _worth(spoken: _Spoken, lean: float) -> tuple[float, float]:
    """Bits and household bits of a field between two groups: between its best pair and the mean of its pairs.

    A wrong value among right ones (a typo) leaves the best pair; a real contradiction shows in all of them.
    """
    if spoken.pairs == 1:
        return spoken.best, spoken.best_household
    return (
        spoken.best + lean * (spoken.total / spoken.pairs - spoken.best),
        spoken.best_household + lean * (spoken.total_household / spoken.pairs - spoken.best_household),
    )


def _score(evidence: _Evidence, weights: KindModel) -> tuple[float, float]:
    """(score, household exponent) between two groups."""
    match, household = weights.prior, weights.household_prior
    for field in sorted(evidence):
        bits, shared = _worth(evidence[field], weights.lean)
        match += bits
        household += shared
    return match - log2_one_plus(household), household
