"""Evidence that two records are one customer: level and bits per field, household evidence beside it."""

import math
from collections.abc import Set
from dataclasses import dataclass

from regard.identity.hold_features import FeatureTable
from regard.identity.match_model import Level, MatchModel, log2_one_plus
from regard.identity.normalise_fields import Features
from regard.identity.score_patterns import NEVER

_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against one customer.

    ``score`` = ``prior`` + sum of bits - log2(1 + 2^``household``), where ``household`` is the household
    prior plus the sum of household bits. A field that is missing on either side has no entry.
    """

    levels: tuple[Level, ...]
    prior: float
    household: float
    score: float

    @property
    def household_bits(self) -> float:
        """How many bits the chance of two people of one household takes away."""
        return log2_one_plus(self.household)


def compare(
    first: Features, second: Features, model: MatchModel, hubs: Set[str] = _NOBODY
) -> Evidence:
    """Compare two records; ``hubs`` are the identifier keys too many records carry to mean anything.

    A person and an organisation are never one: their score is minus infinity.
    """
    weights = model.of(first.kind)
    if first.kind != second.kind:
        return Evidence((), weights.prior, weights.household_prior, NEVER)
    table = FeatureTable(model)
    one, two = table.row(first), table.row(second)
    scorer, pattern = table.scorers[one[0]], table.pattern(one, two, hubs)
    levels = scorer.levels(pattern)
    household = math.fsum((weights.household_prior, *(level.household for level in levels)))
    return Evidence(tuple(levels), weights.prior, household, scorer.score(pattern))


def weigh(first: Features, second: Features, model: MatchModel, hubs: Set[str]) -> list[Level]:
    """The levels of two records of one kind, in a fixed order; the same for (a, b) and (b, a)."""
    table = FeatureTable(model)
    one, two = table.row(first), table.row(second)
    return table.scorers[one[0]].levels(table.pattern(one, two, hubs))
