"""The evidence between two groups of records, as the solver adds it up: per field what their pairs say."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from regard.identity.match_model import KindModel, Level, log2_one_plus, on_grid


class Spoken(NamedTuple):
    """What the pairs of records between two groups say about one field.

    ``bits`` and ``household`` are what the field is worth: between its best pair and the mean of its pairs.
    A wrong value among right ones (a typo) leaves the best pair; a real contradiction shows in all of them.
    """

    bits: float
    household: float
    best: float
    best_household: float
    total: float
    total_household: float
    pairs: int


Evidence = Mapping[int, Spoken]
"""Position of a field -> what is said about it; a field nobody knows has no entry."""


def of_levels(levels: Mapping[int, Level]) -> Evidence:
    """The evidence of one pair of records from the levels of its fields."""
    return {
        at: Spoken(level.bits, level.household, level.bits, level.household, level.bits, level.household, 1)
        for at, level in levels.items()
    }


def unite(mine: Evidence, other: Evidence, single: Collection[int], lean: float) -> Evidence:
    """Evidence of a merged group. Of many-valued fields only the best agreement counts."""
    result = dict(mine)
    for at, theirs in other.items():
        have = result.get(at)
        if have is None:
            result[at] = theirs
            continue
        _, _, best, kin, total, total_kin, pairs = have
        _, _, best_2, kin_2, total_2, total_kin_2, pairs_2 = theirs
        better = best > best_2 or (best == best_2 and kin >= kin_2)
        if at not in single:
            if not better:
                result[at] = theirs
            continue
        if not better:
            best, kin = best_2, kin_2
        total += total_2
        total_kin += total_kin_2
        pairs += pairs_2
        bits, shared = _leaning(best, total / pairs, lean), _leaning(kin, total_kin / pairs, lean)
        result[at] = Spoken(bits, shared, best, kin, total, total_kin, pairs)
    return result


def _leaning(best: float, mean: float, lean: float) -> float:
    return best if mean == best else on_grid(best + lean * (mean - best))


def total_of(evidence: Evidence, weights: KindModel) -> tuple[float, float]:
    """(score, household exponent) between two groups."""
    match = household = 0.0
    for spoken in evidence.values():
        match += spoken[0]
        household += spoken[1]
    exponent = weights.household_prior + household
    return weights.prior + match - log2_one_plus(exponent), exponent
