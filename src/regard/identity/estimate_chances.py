"""How often the levels of one field show between records of one customer, strangers and households.

What was seen, blended with the shipped weights: they count as so many pairs seen before.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regard.identity.count_frequencies import Counts, chance_of_accident, worth_of_values
from regard.identity.evidence_fields import EvidenceField
from regard.identity.match_model import Chances
from regard.identity.score_patterns import Patterns

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]

_M_WEIGHT, _M_SHARE, _H_WEIGHT = 30.0, 0.01, 150.0
"""How many pairs of records the shipped m and h of a field count as."""
_SEEN_EVENTS = 2.0
"""The weight of a shipped u, in times such an accident was seen to happen."""
_MOST_KIN = {
    "given_name": 3.0, "birth_date": 6.0, "middle_name": 1.5, "government_id": 100.0,
    "email": 12.0, "phone": 12.0,
}  # fmt: skip
"""How many times the shipped h may be learnt: few in a household share a given name or a birthday,
and in some all write from one mailbox."""
_JOINING = frozenset({"given_name"})
"""Who of a household agree on it were joined and are not seen there: father and son of one name."""
_CONFLICTS = frozenset({"government_id", "tax_id", "user_id", "generation"})
_CONFLICT_WEIGHT = 400.0
"""Fields whose disagreement protects from merging; a few odd pairs must not teach that it means little."""
_NOT_LEARNT = frozenset({("email", "named"), ("family_name", "swapped")})
"""Levels that mean something between strangers of one name only, as they follow from the names."""
_M_KNOWN = frozenset({("email", "company")})
"""Colleagues agree on it as much as records of one person do, and would teach that it speaks for one."""
_ALIKE_ACCIDENTS = {("email", "different"): "company"}
"""Where all write from one host, two mailboxes that differ in digits alone are the accident of two namesakes:
rare among strangers as two such names are, which speaks for one person once already."""
WHOLE = "exact"
"""The frequency group of whole values."""


@dataclass(frozen=True, slots=True)
class SeenPairs:
    """Pairs of nodes of one kind: what they say, and how much each counts for each of ``fields`` (pairs x
    those); nobody says anything about the others. Pairs that count for none may be left out."""

    patterns: Patterns
    fields: Longs
    weights: Floats
    left: Ints
    right: Ints

    def count(self, at: int, word: Longs, levels: int) -> Floats:
        """The weight of the pairs at each of the levels (1 ..) of a field; ``word``: number -> level."""
        column = np.flatnonzero(self.fields == at)
        if not len(column):
            return np.zeros(levels)
        found = np.bincount(word[self.patterns[:, at]], self.weights[:, column[0]], levels + 1)
        return found[1:].astype(np.float64)


def chances_of(
    at: int,
    field: EvidenceField,
    shipped: Mapping[str, Chances],
    random: Patterns,
    same: SeenPairs,
    kin: SeenPairs,
    count: int,
) -> dict[str, Chances]:
    """m, u and h of the levels of one field from what was seen."""
    word = level_words(field)
    u_seen = np.bincount(word[random[:, at]], minlength=len(field.levels) + 1)[1:]
    m_seen = same.count(at, word, len(field.levels))
    h_seen = kin.count(at, word, len(field.levels))
    weight = _CONFLICT_WEIGHT if field.name in _CONFLICTS else _M_WEIGHT + _M_SHARE * count
    found: dict[str, Chances] = {}
    for number, level in enumerate(field.levels):
        if level not in shipped:
            continue
        before = shipped[level]
        if (field.name, level) in _NOT_LEARNT:
            found[level] = before
            continue
        known = field.name, level
        m = before.m if known in _M_KNOWN else _blend(before.m, weight, m_seen[number], m_seen.sum())
        accidents = u_seen[number]
        if (alike := _ALIKE_ACCIDENTS.get(known)) is not None:
            accidents += u_seen[field.levels.index(alike)]
        u = (accidents + _SEEN_EVENTS) / (u_seen.sum() + _SEEN_EVENTS / before.u)
        # What speaks against by the shipped weights may be learnt to say nothing, never to speak for.
        m = min(m, u) if before.m <= before.u else m
        found[level] = _kin(field.name, before, Chances(m, u, before.h), h_seen[number], h_seen.sum())
    return found


def _kin(field: str, before: Chances, now: Chances, seen: float, of: float) -> Chances:
    """Households agree by accident as strangers do, and beyond that as seen or as the shipped weights say."""
    h = now.u + before.h - before.u if before.h >= before.u else now.u * before.h / before.u
    least = h if field in _JOINING and before.h >= before.u else 0.0
    most = min(max(h, _MOST_KIN.get(field, 1.0) * before.h), 1.0)
    return now._replace(h=min(max(_blend(h, _H_WEIGHT, seen, of), least), most))


def level_words(field: EvidenceField) -> Longs:
    """For each level number the position of its level (1 ..), 0 for nothing known."""
    found = np.zeros(256, dtype=np.int64)
    for number in range(1, field.numbers):
        level = field.read(number)[0]
        found[number] = field.levels.index(level) + 1 if level else 0
    return found


def _blend(before: float, weight: float, seen: float, of: float) -> float:
    return float((seen + weight * before) / (of + weight))


def chances_by_frequency(
    field: EvidenceField,
    group: str,
    bearers: Counts,
    shipped: Mapping[str, Chances],
    chances: dict[str, Chances],
) -> tuple[dict[str, Chances], dict[Hashable, float]]:
    """The chances, with accidental agreement on whole values counted exactly, and what values are worth."""
    levels = [level for level, its in field.group_of.items() if its == group and level in chances]
    expected = sum(shipped[level].u for level in levels)
    if not expected:
        return chances, {}
    accident = chance_of_accident(bearers, expected)
    if group == WHOLE:
        counted = {
            level: chances[level]._replace(u=accident * shipped[level].u / expected) for level in levels
        }
        chances = {**chances, **counted}
    return chances, worth_of_values((field.name, group), bearers, accident)
