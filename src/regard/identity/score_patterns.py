"""What a pattern of levels is worth under a model: bits per field, household bits, score. Pure."""

import math
from collections.abc import Sequence

from regard.identity.evidence_fields import EvidenceField
from regard.identity.identity_record import Kind
from regard.identity.match_model import Level, MatchModel, log2_one_plus

NEVER = float("-inf")
FORBIDDEN = -500.0
"""A level of so few bits (or fewer) forbids a match whatever else agrees."""
_MOST_KEPT = 500_000


class PatternScorer:
    """Scores patterns of one kind of party and remembers them: real data show few different ones."""

    def __init__(self, model: MatchModel, kind: Kind, fields: Sequence[EvidenceField]) -> None:
        self.weights = model.of(kind)
        self.fields = fields
        self._levels: dict[tuple[int, int], Level] = {}
        self._scores: dict[bytes, float] = {}

    def level(self, at: int, number: int) -> Level:
        """The level ``number`` of the field at position ``at`` and its worth."""
        found = self._levels.get((at, number))
        if found is None:
            field = self.fields[at]
            word, more = field.read(number)
            found = self._levels[at, number] = self.weights.weigh(field.name, word, more)
        return found

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
        levels = self.levels(pattern)
        if any(level.bits <= FORBIDDEN for level in levels):
            return NEVER
        # Exact sums: generic columns stand in the order they were first met, which may not matter.
        match = math.fsum((self.weights.prior, *(level.bits for level in levels)))
        household = math.fsum((self.weights.household_prior, *(level.household for level in levels)))
        return match - log2_one_plus(household)
