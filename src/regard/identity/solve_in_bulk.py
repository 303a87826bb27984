"""Many pieces at once: the same merges as `solve_piece.solve`, one in every piece at each step.

Pieces of about one size are padded to one width, so that their groups, scores and evidence are dense arrays.
What a field is worth lies on a grid: sums are exact, and the figures those of the solver to the last bit.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from regard.identity.match_model import GRID, Limits
from regard.identity.score_patterns import NEVER, Patterns, PatternScorer, log2_one_plus_all

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_WIDTHS = (2, 3, 4, 5, 6, 8, 11, 15, 20, 28, 40, 60, 100)
_DOUBLE = 2
_PAIRS_AT_ONCE = 100_000


def solve_many(sizes: Longs, patterns: Patterns, scorer: PatternScorer, limits: Limits) -> Longs:
    """For every record of every piece the position, inside its piece, of the first record of its customer.

    ``patterns``: those of all pairs, piece after piece, in the order that `solve` takes them. Nobody judged.
    """
    found = np.zeros(int(sizes.sum()), dtype=np.int64)
    starts, pair_starts = np.cumsum(sizes) - sizes, np.cumsum(sizes * (sizes - 1) // 2)
    pair_starts = np.concatenate(([0], pair_starts[:-1]))
    for width, chosen in _alike(sizes):
        if width == _DOUBLE:
            # Two that are worth it merge: there is no third to be torn to.
            chosen = chosen[sizes[chosen] == _DOUBLE]  # noqa: PLW2901
            found[starts[chosen] + 1] = scorer.score_all(patterns[pair_starts[chosen]]) < 0
            continue
        table = _PairTable(width)
        pairs, there = table.places(sizes[chosen], pair_starts[chosen])
        solved = _Pieces(patterns[pairs[there]], there, table, scorer, limits).solve()
        real = np.arange(width) < sizes[chosen][:, None]
        found[(starts[chosen][:, None] + np.arange(width))[real]] = solved[real]
    return found


def _alike(sizes: Longs) -> Iterator[tuple[int, Longs]]:
    """Pieces of about one size, some at a time, with the width that holds them."""
    widths = np.array([*(width for width in _WIDTHS if width < sizes.max(initial=0)), sizes.max(initial=0)])
    fitting = np.searchsorted(widths, sizes)
    for at, width in enumerate(widths.tolist()):
        some = np.flatnonzero(fitting == at)
        step = max(1, _PAIRS_AT_ONCE // max(1, width * (width - 1) // 2))
        for begin in range(0, len(some), step):
            yield width, some[begin : begin + step]


class _PairTable:
    """Pairs of ``width`` positions in the order of the solver; that of a position with itself is last."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.one, self.two = np.triu_indices(width, 1)
        self.count = len(self.one)
        self.of = np.full((width, width), self.count, dtype=np.int64)
        self.of[self.one, self.two] = self.of[self.two, self.one] = np.arange(self.count)

    def places(self, sizes: Longs, starts: Longs) -> tuple[Longs, Flags]:
        """(where each pair of pieces of ``sizes`` is among all pairs, is it there), pieces x (pairs + 1)."""
        one, two = np.append(self.one, 0), np.append(self.two, self.width)
        inside = one * sizes[:, None] - one * (one + 1) // 2 + two - one - 1
        return starts[:, None] + inside, two < sizes[:, None]


class _Evidence:
    """What is said between groups, a line a pair of groups, a column a field: see `sum_evidence.Spoken`."""

    def __init__(self, patterns: Patterns, there: Flags, scorer: PatternScorer) -> None:
        fields = np.flatnonzero(patterns.any(axis=0))
        shape = there.size, len(fields)
        lines = np.flatnonzero(there)
        self._weights = scorer.weights
        self._lean = np.array([scorer.weights.lean if at in scorer.single else 0.0 for at in fields.tolist()])
        self._best, self._kin = np.full(shape, NEVER), np.full(shape, NEVER)
        self._total, self._total_kin, self._pairs = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for column, at in enumerate(fields.tolist()):
            numbers = np.ascontiguousarray(patterns[:, at])
            bits, household = scorer.worths(at, numbers)
            known = numbers > 0
            here = lines[known], column
            self._best[here] = self._total[here] = bits[known]
            self._kin[here] = self._total_kin[here] = household[known]
            self._pairs[here] = 1.0

    def unite(self, kept: Longs, gone: Longs) -> None:
        """The evidence in the lines ``gone`` joins that in the lines ``kept``; of many-valued fields only the
        best agreement counts."""
        best, best_2 = self._best[kept], self._best[gone]
        kin, kin_2 = self._kin[kept], self._kin[gone]
        better = (best > best_2) | ((best == best_2) & (kin >= kin_2))
        self._best[kept] = np.where(better, best, best_2)
        self._kin[kept] = np.where(better, kin, kin_2)
        self._total[kept] += self._total[gone]
        self._total_kin[kept] += self._total_kin[gone]
        self._pairs[kept] += self._pairs[gone]

    def weigh(self, lines: Longs) -> tuple[Floats, Floats]:
        """(score, the bits that speak against) of each of the lines."""
        pairs = self._pairs[lines]
        bits = self._leaning(self._best[lines], self._total[lines], pairs)
        household = self._leaning(self._kin[lines], self._total_kin[lines], pairs).sum(axis=1)
        less = log2_one_plus_all(self._weights.household_prior + household)
        return self._weights.prior + bits.sum(axis=1) - less, np.minimum(bits, 0.0).sum(axis=1)

    def _leaning(self, best: Floats, total: Floats, pairs: Floats) -> Floats:
        """What a field is worth: between its best pair and the mean of its pairs."""
        best = np.where(pairs > 0, best, 0.0)
        leaning = best + self._lean * (total / np.maximum(pairs, 1.0) - best)
        found: Floats = np.rint(leaning * GRID) / GRID
        return found


class _Pieces:
    """Pieces of one width: which groups there are, what merging two is worth, which two contradict."""

    def __init__(
        self, patterns: Patterns, there: Flags, table: _PairTable, scorer: PatternScorer, limits: Limits
    ) -> None:
        self._table = table
        self._limits = limits
        self._evidence = _Evidence(patterns, there, scorer)
        self._head = np.tile(np.arange(table.width), (len(there), 1))
        self._alive = np.ones((len(there), table.width), dtype=np.bool_)
        self._open = np.arange(len(there))
        self._never = np.zeros(there.size, dtype=np.bool_)
        self._contrary = np.zeros(there.size, dtype=np.bool_)
        self._scores = np.full(there.size, NEVER)
        lines = np.flatnonzero(there)
        self._never[lines] = scorer.score_all(patterns) == NEVER
        self._note(lines)

    def solve(self) -> Longs:
        """The head of the group of every position (pieces x width)."""
        while len(self._open):
            pair = self._choose()
            self._merge(self._table.one[pair], self._table.two[pair])
        return self._head

    def _note(self, lines: Longs) -> None:
        """Scores below 0 and those of who may never be one are not worth a merge."""
        score, against = self._evidence.weigh(lines)
        never = self._never[lines]
        unfit = never | (score < 0)
        self._scores[lines] = np.where(unfit, NEVER, score)
        self._contrary[lines] = never | (unfit & (against <= self._limits.contradiction))

    def _lines(self, pieces: Longs, pairs: Longs) -> Longs:
        return pieces * (self._table.count + 1) + pairs

    def _choose(self) -> Longs:
        """The best pair of every open piece that is not ambiguous; a piece without one is closed."""
        scores = self._scores.reshape(-1, self._table.count + 1)[self._open]
        everyone = np.arange(len(scores))
        pair = scores.argmax(axis=1)
        asked = everyone
        while len(asked):
            asked = asked[scores[asked, pair[asked]] > NEVER]
            asked = asked[self._ambiguous(self._open[asked], pair[asked])]
            scores[asked, pair[asked]] = NEVER
            pair[asked] = scores[asked].argmax(axis=1)
        going = np.flatnonzero(scores[everyone, pair] > NEVER)
        self._open = self._open[going]
        chosen: Longs = pair[going]
        return chosen

    def _ambiguous(self, pieces: Longs, pairs: Longs) -> Flags:
        scores = self._scores[self._lines(pieces, pairs)]
        found = np.zeros(len(scores), dtype=np.bool_)
        low = np.flatnonzero(scores < self._limits.ambiguous_below)
        bar = np.maximum(0.0, scores[low] - self._limits.ambiguous_margin)
        one, two = self._table.one[pairs[low]], self._table.two[pairs[low]]
        torn = self._torn(pieces[low], one, two, bar)
        found[low] = torn | self._torn(pieces[low], two, one, bar)
        return found

    def _torn(self, pieces: Longs, one: Longs, two: Longs, bar: Floats) -> Flags:
        """Does ``one`` fit a third group about as well as ``two``, though those two contradict each other?"""
        fits = self._scores[self._lines(pieces[:, None], self._table.of[one])] >= bar[:, None]
        contrary = self._contrary[self._lines(pieces[:, None], self._table.of[two])]
        torn: Flags = np.logical_or.reduce(fits & contrary, axis=1)
        return torn

    def _merge(self, one: Longs, two: Longs) -> None:
        """In every open piece group ``two`` joins group ``one``, the smaller of both."""
        pieces = self._open
        self._head[pieces] = np.where(self._head[pieces] == two[:, None], one[:, None], self._head[pieces])
        self._alive[pieces, two] = False
        self._scores[self._lines(pieces, self._table.of[one, two])] = NEVER
        others = self._alive[pieces]
        others[np.arange(len(pieces)), one] = False
        at, third = np.nonzero(others)
        kept = self._lines(pieces[at], self._table.of[one[at], third])
        gone = self._lines(pieces[at], self._table.of[two[at], third])
        self._never[kept] |= self._never[gone]
        self._scores[gone] = NEVER
        self._evidence.unite(kept, gone)
        self._note(kept)
