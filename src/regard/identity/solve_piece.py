"""Which records of one piece are one customer: greedy merging by entity-level evidence, the same for any order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from regard.identity.compare_records import NEVER, weigh
from regard.identity.match_model import KindModel, Level, Limits, MatchModel, log2_one_plus
from regard.identity.normalise_fields import Features
from regard.identity.weigh_judgements import Constraints

# field -> (bits, household bits, how many pairs of records spoke)
_Evidence = dict[str, tuple[float, float, int]]
_Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Join:
    """Two groups (positions) became one at ``score`` bits. ``judged``: a person said so; ``forced``: below the bar."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    score: float
    household: float
    judged: bool = False
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Solution:
    """``groups`` of positions, each sorted, and the joins that made them, in order."""

    groups: list[tuple[int, ...]]
    joins: list[Join]


def solve(
    found: Sequence[Features],
    model: MatchModel,
    hubs: Collection[str],
    constraints: Constraints | None = None,
    *,
    whole: bool = False,
) -> Solution:
    """Merge the records of one piece, given in their canonical order, as long as the best merge is worth 0 bits.

    Must-links come first, never-links are minus infinity. A group that fits two others about equally well, which
    contradict each other, is left alone. ``whole`` goes on below 0 until one group is left (to explain a known one).
    """
    piece = _Piece(found, model, hubs, constraints or Constraints())
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
        self, found: Sequence[Features], model: MatchModel, hubs: Collection[str], constraints: Constraints
    ) -> None:
        self._limits: Limits = model.limits
        self._weights: KindModel = model.of(found[0].kind)
        self.together = constraints.together
        self.groups: dict[int, tuple[int, ...]] = {n: (n,) for n in range(len(found))}
        self.joins: list[Join] = []
        self._never = set(constraints.apart)
        self._evidence: dict[_Pair, _Evidence] = {}
        self._scores: dict[_Pair, float] = {}
        for one in range(len(found)):
            for two in range(one + 1, len(found)):
                evidence = _of_pair(weigh(found[one], found[two], model, hubs))
                if evidence:
                    self._evidence[one, two] = evidence
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
        bar = max(0.0, self._scores[one, two] - self._limits.ambiguous_margin)
        return self._torn(one, two, bar) or self._torn(two, one, bar)

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
        against = sum(min(0.0, bits / count) for bits, _, count in self._evidence.get(pair, {}).values())
        return against <= self._limits.contradiction

    def merge(self, one: int, two: int, *, judged: bool = False, forced: bool = False) -> None:
        """Group ``two`` joins group ``one``."""
        one, two = _ordered(one, two)
        score, household = self._total((one, two))
        self.joins.append(Join(self.groups[one], self.groups[two], score, household, judged, forced))
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
    return {level.field: (level.bits, level.household, 1) for level in levels}


def _united(mine: _Evidence, other: _Evidence, single: Collection[str]) -> _Evidence:
    """Evidence of a merged group: single-valued fields add up to a mean, of many-valued ones the best agreement counts."""
    result = dict(mine)
    for field, (bits, household, count) in other.items():
        have = mine.get(field)
        if have is None:
            result[field] = (bits, household, count)
        elif field in single:
            result[field] = (have[0] + bits, have[1] + household, have[2] + count)
        elif (bits, household) > have[:2]:
            result[field] = (bits, household, 1)
    return result


def _score(evidence: _Evidence, weights: KindModel) -> tuple[float, float]:
    """(score, household exponent) between two groups."""
    match, household = weights.prior, weights.household_prior
    for field in sorted(evidence):
        bits, shared, count = evidence[field]
        match += bits / count
        household += shared / count
    return match - log2_one_plus(household), household
