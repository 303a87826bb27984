"""How much more often strangers bear the same whole name than their names, taken apart, would make us think.

Given and family names go together by language and fashion. Nobody tells which bearers of one name are one
customer, so only pairs are counted that contradict each other in several strong fields: those are strangers.
"""

import math
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from regard.identity.cluster_in_bulk import NodeSet
from regard.identity.count_frequencies import total
from regard.identity.evidence_fields import EVIDENCE_FIELDS, FAMILY, GIVEN, STEP
from regard.identity.score_patterns import Patterns

_SPEAK_AGAINST = {
    "birth_date": frozenset({"different", "far"}),
    "email": frozenset({"different", "company"}),
    "phone": frozenset({"different"}),
    "address": frozenset({"elsewhere", "moved_city", "moved_postcode"}),
    "government_id": frozenset({"different"}),
}
_STRONG = frozenset(at for at, field in enumerate(EVIDENCE_FIELDS) if field.name in _SPEAK_AGAINST)
_MOST_BEARERS = 200
_ENOUGH_EXPECTED, _PRIOR_PAIRS = 20.0, 5.0


class Namesakes:
    """Bearers of one whole name among some nodes, and which of them are strangers for all they say."""

    def __init__(self, nodes: NodeSet, mine: npt.NDArray[np.bool_], hubs: frozenset[str]) -> None:
        given = nodes.rows[:, 2 + GIVEN]
        family = _one_code_a_name(nodes.table.columns[FAMILY].values)[nodes.rows[:, 2 + FAMILY]]
        self._named = named = np.flatnonzero(mine & (given > 0) & (family > 0))
        left, right = _namesakes(given, family, named)
        self._against = _contradictions(nodes.matrix.patterns(left, right, hubs, _STRONG))
        self._name = (given[left].astype(np.int64) << 32) | family[left]
        self._share = _shares(given, named), _shares(family, named)
        self._values = nodes.table.columns[GIVEN].values, nodes.table.columns[FAMILY].values

    def worth(self, random: Patterns) -> dict[Hashable, float]:
        """Bits that agreeing on the whole name is worth less than on both names; None: any name not listed.

        ``random``: patterns of random pairs of strangers among these nodes.
        """
        count, share = len(self._named), self._share
        if count < 2 or not len(random):
            return {}
        by_chance = _contradictions(random)
        accident = total((share[0] ** 2).tolist()) * total((share[1] ** 2).tolist())
        together = (random[:, GIVEN] > 0) & (random[:, FAMILY] > 0)
        for needed in (3, 2):
            chance = float((together & (by_chance >= needed)).sum()) / max(1, int(together.sum()))
            pairs = count**2 / 2 * chance
            expected = pairs * accident
            if expected >= _ENOUGH_EXPECTED:
                break
        strangers = self._against >= needed
        usual = (float(strangers.sum()) + _PRIOR_PAIRS) / (expected + _PRIOR_PAIRS)
        found: dict[Hashable, float] = {None: -math.log2(max(1.0, usual))}
        for key, seen in zip(*np.unique(self._name[strangers], return_counts=True), strict=True):
            first, last = int(key >> 32), int(key & 0xFFFFFFFF)
            alone = pairs * float(share[0][first] ** 2 * share[1][last] ** 2)
            worth = -math.log2(max(1.0, (float(seen) + usual) / (alone + 1.0)))
            if abs(worth - found[None]) >= STEP / 2:
                family_name = self._values[1][last]
                name = self._values[0][first], family_name[0] if isinstance(family_name, tuple) else ""
                found[name] = worth
        return found


def _one_code_a_name(values: Sequence[Hashable]) -> npt.NDArray[np.int32]:
    """For each code of a family name one code for all that are spelt so, whatever their parts."""
    first: dict[Hashable, int] = {}
    return np.array(
        [
            first.setdefault(value[0] if isinstance(value, tuple) else value, code)
            for code, value in enumerate(values)
        ],
        dtype=np.int32,
    )


def _shares(codes: npt.NDArray[np.int32], named: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    counts: npt.NDArray[np.float64] = np.bincount(codes[named]) / max(1, len(named))
    return counts


def _namesakes(
    given: npt.NDArray[np.int32], family: npt.NDArray[np.int32], named: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """All pairs of nodes of one whole name; of very common names only among the first bearers."""
    name = (given[named].astype(np.int64) << 32) | family[named]
    order = np.argsort(name, kind="stable")
    _, starts, sizes = np.unique(name[order], return_index=True, return_counts=True)
    left, right = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for size in np.unique(sizes[sizes > 1]):
        one, two = np.triu_indices(min(size, _MOST_BEARERS), 1)
        at = starts[sizes == size][:, None]
        left.append(named[order[at + one]].ravel())
        right.append(named[order[at + two]].ravel())
    return np.concatenate(left).astype(np.int32), np.concatenate(right).astype(np.int32)


def _contradictions(patterns: Patterns) -> npt.NDArray[np.int64]:
    """How many strong fields speak against one customer; 0 where any speaks for it."""
    against = np.zeros(len(patterns), dtype=np.int64)
    agrees = np.zeros(len(patterns), dtype=np.bool_)
    for at, field in enumerate(EVIDENCE_FIELDS):
        words = _SPEAK_AGAINST.get(field.name)
        if words is None:
            continue
        hostile = np.array([field.read(number)[0] in words for number in range(field.numbers)])
        column = patterns[:, at]
        against += hostile[column]
        agrees |= (column > 0) & ~hostile[column]
    against[agrees] = 0
    return against
