"""What a pattern of levels is worth under a model: bits per field, household bits, score. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from regard.identity.evidence_fields import EvidenceField
from regard.identity.identity_record import Kind
from regard.identity.match_model import Level, MatchModel, log2_one_plus
from regard.identity.sum_evidence import Evidence, of_levels

NEVER = float("-inf")
FORBIDDEN = -500.0
"""A level of so few bits (or fewer) forbids a match whatever else agrees."""
_MOST_KEPT = 200_000

Patterns = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float64]


class Said(NamedTuple):
    """What one pattern says: its score, and the evidence of its fields."""

    score: float
    evidence: Evidence


class PatternScorer:
    """Scores patterns of one kind of party and remembers them: real data show few different ones.

    What a level is worth lies on a grid (`on_grid`), so the sums over fields are exact: the order of the
    fields does not matter, and column by column comes out as one by one.
    """

    def __init__(self, model: MatchModel, kind: Kind, fields: Sequence[EvidenceField]) -> None:
        self.weights = model.of(kind)
        self.fields = fields
        self.single = frozenset(at for at, field in enumerate(fields) if field.name in self.weights.single)
        self._levels: dict[tuple[int, int], Level] = {}
        self._scores: dict[bytes, float] = {}
        self._said: dict[bytes, Said] = {}

    def level(self, at: int, number: int) -> Level:
        """The level ``number`` of the field at position ``at`` and its worth."""
        found = self._levels.get((at, number))
        if found is None:
            field = self.fields[at]
            word, more = field.read(number)
            found = self._levels[at, number] = self.weights.weigh(field.name, word, more)
        return found

    def bits(self, at: int, number: int) -> float:
        """What the level ``number`` of the field at position ``at`` is worth."""
        found = self._levels.get((at, number))
        return (found or self.level(at, number)).bits

    def most_apart(self, at: int) -> float:
        """The most that two values can be worth of which the field's ``apart`` is true."""
        field = self.fields[at]
        plain = (word for word in field.levels if word not in field.group_of)
        return max((self.weights.weigh(field.name, word).bits for word in plain), default=0.0)

    def levels(self, pattern: bytes) -> list[Level]:
        """The levels of the fields that say something, in the order of the fields."""
        return [self.level(at, number) for at, number in enumerate(pattern) if number]

    def score(self, pattern: bytes) -> float:
        """prior + match bits - log2(1 + 2^(household prior + household bits)): log odds of one customer."""
        found = self._scores.get(pattern)
        if found is None:
            if len(self._scores) >= _MOST_KEPT:
                self._scores.clear()
            found = self._scores[pattern] = self._score(pattern)
        return found

    def _score(self, pattern: bytes) -> float:
        match = household = 0.0
        for level in self.levels(pattern):
            if level.bits <= FORBIDDEN:
                return NEVER
            match += level.bits
            household += level.household
        return self.weights.prior + match - log2_one_plus(self.weights.household_prior + household)

    def said(self, pattern: bytes) -> Said:
        """The score of a pattern and its evidence."""
        found = self._said.get(pattern)
        if found is None:
            if len(self._said) >= _MOST_KEPT:
                self._said.clear()
            evidence = of_levels({at: self.level(at, number) for at, number in enumerate(pattern) if number})
            found = self._said[pattern] = Said(self._score(pattern), evidence)
        return found

    def worths(self, at: int, numbers: npt.NDArray[np.uint8]) -> tuple[Scores, Scores]:
        """(bits, household bits) of the field at position ``at`` for each of its level ``numbers``."""
        bits, household = np.zeros(256), np.zeros(256)
        for number in np.flatnonzero(np.bincount(numbers)).tolist():
            if number:
                level = self.level(at, number)
                bits[number], household[number] = level.bits, level.household
        return bits[numbers], household[numbers]

    def score_all(self, patterns: Patterns) -> Scores:
        """The scores of many patterns (pairs x fields)."""
        match, household = np.zeros(len(patterns)), np.zeros(len(patterns))
        forbidden = np.zeros(len(patterns), dtype=np.bool_)
        for at in np.flatnonzero(patterns.any(axis=0)).tolist():
            bits, shared = self.worths(at, np.ascontiguousarray(patterns[:, at]))
            match += bits
            household += shared
            forbidden |= bits <= FORBIDDEN
        less = log2_one_plus_all(self.weights.household_prior + household)
        found: Scores = self.weights.prior + match - less
        found[forbidden] = NEVER
        return found


def log2_one_plus_all(bits: Scores) -> Scores:
    """`log2_one_plus` of each, by the function of the scalar path: those of numpy may differ in the last
    bit."""
    different, back = np.unique(bits, return_inverse=True)
    found: Scores = np.array([log2_one_plus(one) for one in different.tolist()])[back]
    return found
