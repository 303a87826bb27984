"""How likely pairs of records are one customer, and how likely two people of one household.

Both are decided without the field in question: a pair that is one because of a field would say nothing about
that field. Only what tells the people of a household apart always has its say: else couples would teach that
the given names of one person differ.
"""

import numpy as np
import numpy.typing as npt

from regard.identity.estimate_chances import SeenPairs, level_words
from regard.identity.evidence_fields import EVIDENCE_FIELDS
from regard.identity.score_patterns import Patterns, PatternScorer

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_TELL_APART = frozenset({"given_name", "middle_name", "birth_date", "sex", "generation"})
_LEAST_LIKELY = 0.95
_LEAST_BITS = 3.0
"""Less than the bits of the least likely, halved: of two sums that low neither nor both are likely."""
_LOOSE = -2.0
_ADDRESS = next(at for at, field in enumerate(EVIDENCE_FIELDS) if field.name == "address")
_ONE_HOME = tuple(EVIDENCE_FIELDS[_ADDRESS].number[level] for level in ("exact", "close", "postcode"))
_AT_ONCE = 100_000


class PairClasses:
    """Pairs of nodes, what they say, and the customers found; ``size``: of the customer of each node."""

    def __init__(self, left: Ints, right: Ints, patterns: Patterns, cluster: Longs, size: Longs) -> None:
        self._left, self._right, self._patterns = left, right, patterns
        self._cluster = cluster
        self._size = size

    def classes(self, scorer: PatternScorer, mine: Flags) -> tuple[SeenPairs, SeenPairs]:
        """The pairs of one customer and those of one household among the nodes that are ``mine``."""
        here = np.flatnonzero(mine[self._left])
        fields = _spoken_of(self._patterns[here])
        same, kin = _PairSieve(len(fields)), _PairSieve(len(fields))
        for at in range(0, len(here), _AT_ONCE):
            some = here[at : at + _AT_ONCE]
            bits, household = _field_bits(scorer, self._patterns[some], fields)
            near = self._near(scorer, some, bits, household)
            one, home = self._likelihoods(scorer, some[near], fields, bits[near], household[near])
            same.put(some[near], one)
            kin.put(some[near], home)
        return self._seen(same, fields), self._seen(kin, fields)

    def _near(self, scorer: PatternScorer, some: Longs, bits: Floats, household: Floats) -> Flags:
        """Which of the pairs may count for any field: most are far from being anybody's."""
        match = scorer.weights.prior + bits.sum(axis=1) - bits.min(axis=1)
        kin = scorer.weights.household_prior + household.sum(axis=1) - household.min(axis=1)
        found: Flags = (match >= _LEAST_BITS) | (kin >= _LEAST_BITS) | self._joined(some)
        return found

    def _joined(self, some: Longs) -> Flags:
        found: Flags = self._cluster[self._left[some]] == self._cluster[self._right[some]]
        return found

    def _likelihoods(
        self, scorer: PatternScorer, some: Longs, fields: Longs, bits: Floats, household: Floats
    ) -> tuple[Floats, Floats]:
        """How much each of ``some`` pairs counts as one customer, and as one household, for each field."""
        weights = scorer.weights
        # What a level is worth lies on a grid: the sums are exact, whatever the order of the fields.
        match = weights.prior + bits.sum(axis=1, keepdims=True)
        kin = weights.household_prior + household.sum(axis=1, keepdims=True)
        related = _likely(np.logaddexp2(match - bits, kin - household))
        open_fields = np.array([scorer.fields[at].name not in _TELL_APART for at in fields.tolist()])
        one = _likely(match - kin - np.where(open_fields, bits - household, 0.0))
        joined = self._joined(some)
        size = np.maximum(self._size[self._left[some]], self._size[self._right[some]])
        same = related * one
        rest = match - bits - np.logaddexp2(0.0, kin - household)
        held = (joined & (size > 2))[:, None] & (rest >= _LOOSE)
        same = np.where(held, np.maximum(same, one), same)
        same /= np.maximum(size - 1.0, 1.0)[:, None]
        address = level_words(scorer.fields[_ADDRESS])[self._patterns[some, _ADDRESS]]
        near = related * (1.0 - one) * (np.isin(address, _ONE_HOME) & ~joined)[:, None]
        near[:, fields == _ADDRESS] = 0.0
        return same, near

    def _seen(self, sieve: "_PairSieve", fields: Longs) -> SeenPairs:
        at, weights = sieve.kept()
        return SeenPairs(self._patterns[at], fields, weights, self._left[at], self._right[at])


class _PairSieve:
    """Keeps of very many pairs those that count for any field: few do."""

    def __init__(self, fields: int) -> None:
        self._pairs = [np.zeros(0, dtype=np.int64)]
        self._weights = [np.zeros((0, fields))]

    def put(self, some: Longs, weights: Floats) -> None:
        """How much each of ``some`` pairs counts for each field."""
        counting = weights.any(axis=1)
        self._pairs.append(some[counting])
        self._weights.append(weights[counting])

    def kept(self) -> tuple[Longs, Floats]:
        """(the pairs that count, how much each does for each field)."""
        return np.concatenate(self._pairs), np.concatenate(self._weights)


def _likely(bits: Floats) -> Floats:
    """The probability of log odds in bits; what is unlikely counts as nothing."""
    found: Floats = 1.0 / (1.0 + np.exp2(np.clip(-bits, -60, 60)))
    found[found < _LEAST_LIKELY] = 0.0
    return found


def _spoken_of(patterns: Patterns) -> Longs:
    """The fields that any pair says something about, and one of the others, which are all alike."""
    spoken = np.flatnonzero(patterns.any(axis=0))
    silent = np.setdiff1d(np.arange(patterns.shape[1]), spoken)[:1]
    return np.sort(np.concatenate((spoken, silent)))


def _field_bits(scorer: PatternScorer, patterns: Patterns, fields: Longs) -> tuple[Floats, Floats]:
    """(bits, household bits) of each of the fields of each pattern."""
    shape = len(patterns), len(fields)
    bits, household = np.zeros(shape), np.zeros(shape)
    for column, at in enumerate(fields.tolist()):
        bits[:, column], household[:, column] = scorer.worths(at, np.ascontiguousarray(patterns[:, at]))
    return bits, household
