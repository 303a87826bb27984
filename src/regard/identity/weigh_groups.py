"""What speaks for and against one customer between two groups of records, field by field. Pure.

The same figures as the solver's, told apart for explaining: which pair of records speaks loudest, and how
many bits are there because a value is rare.
"""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

from regard.identity.hold_features import FeatureTable, Row
from regard.identity.match_model import KindModel, Level, log2_one_plus
from regard.identity.score_patterns import FORBIDDEN, NEVER


@dataclass(frozen=True, slots=True)
class FieldWeight:
    """One field between two groups. ``level`` is that of the pair of records (positions ``left``, ``right``)
    that agrees best.

    ``bits``, ``household`` and ``rarity`` are those of ``level``; for a field with one true value they go the
    model's ``lean`` of the way from there to the mean of all ``pairs`` pairs of records that know the field.
    """

    level: Level
    left: int
    right: int
    pairs: int
    bits: float
    household: float
    rarity: float


@dataclass(frozen=True, slots=True)
class GroupEvidence:
    """All fields, the strongest first. ``score`` = ``prior`` + bits - log2(1 + 2^``household``), where
    ``household`` is the household prior plus the household bits.

    ``forbidden``: the field that says they can never be one; the score is minus infinity then.
    """

    fields: tuple[FieldWeight, ...]
    prior: float
    household: float
    score: float
    forbidden: str | None = None

    @property
    def household_bits(self) -> float:
        """How many bits the chance of two people of one household takes away."""
        return log2_one_plus(self.household)


def weigh_groups(
    left: Sequence[Row], right: Sequence[Row], table: FeatureTable, hubs: Set[str]
) -> GroupEvidence:
    """The evidence between two groups of rows of one kind; ``hubs``: identifiers that say nothing."""
    scorer = table.scorers[left[0][0]]
    weights = scorer.weights
    spoken: dict[str, list[tuple[Level, int, int]]] = {}
    forbidden: str | None = None
    for one, mine in enumerate(left):
        for two, theirs in enumerate(right):
            levels = scorer.levels(table.pattern(mine, theirs, hubs))
            never = next((level.field for level in levels if level.bits <= FORBIDDEN), None)
            forbidden = forbidden or never
            for level in levels:
                if not never or (level.field != never and len(left) == len(right) == 1):
                    spoken.setdefault(level.field, []).append((level, one, two))
    fields = [_weigh(found, weights) for found in spoken.values()]
    household = math.fsum((weights.household_prior, *(field.household for field in fields)))
    match = math.fsum((weights.prior, *(field.bits for field in fields)))
    score = NEVER if forbidden else match - log2_one_plus(household)
    ranked = sorted(fields, key=lambda field: (-field.bits, field.level.field))
    return GroupEvidence(tuple(ranked), weights.prior, household, score, forbidden)


def _weigh(found: Sequence[tuple[Level, int, int]], weights: KindModel) -> FieldWeight:
    level, one, two = max(found, key=lambda spoken: (spoken[0].bits, spoken[0].household))
    lean = weights.lean if level.field in weights.single and len(found) > 1 else 0.0

    def leaning(best: float, all_: Sequence[float]) -> float:
        return best + lean * (math.fsum(all_) / len(all_) - best) if lean else best

    return FieldWeight(
        level,
        one,
        two,
        len(found),
        leaning(level.bits, [spoken.bits for spoken, _, _ in found]),
        leaning(level.household, [spoken.household for spoken, _, _ in found]),
        leaning(level.rarity, [spoken.rarity for spoken, _, _ in found]),
    )
