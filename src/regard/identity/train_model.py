"""Learns the weights of a match model from records alone, without labels.

Customers found with the weights so far tell how often fields agree inside a customer (m); pairs drawn at
random how often strangers agree (u); close pairs of different customers how often households do (h). A few
rounds suffice. The shipped weights count as so many pairs seen before: ten records do not overrule them.
"""


from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from regard.identity.cluster_in_bulk import Clustered, Nodes, Tell, cluster_nodes, everybody_apart
from regard.identity.count_frequencies import Counts, chance_of_accident, count_bearers, worth_of_values
from regard.identity.count_namesakes import worth_of_namesakes
from regard.identity.evidence_fields import EVIDENCE_FIELDS, EvidenceField
from regard.identity.match_model import Chances, KindModel, MatchModel
from regard.identity.pair_in_bulk import all_pairs
from regard.identity.score_patterns import Patterns, PatternScorer

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_ROUNDS = 4
_STRANGERS = 40_000
_M_WEIGHT, _M_SHARE, _H_WEIGHT = 30.0, 0.01, 150.0
"""How many pairs of records the shipped m and h of a field count as."""
_SEEN_EVENTS = 2.0
"""The weight of a shipped u, in times such an accident was seen to happen."""
_TELL_APART = frozenset({"given_name", "middle_name", "birth_date", "sex", "generation"})
_LEAST_LIKELY = 0.95
_LOOSE = -2.0
_ADDRESS = next(at for at, field in enumerate(EVIDENCE_FIELDS) if field.name == "address")
_ONE_HOME = tuple(EVIDENCE_FIELDS[_ADDRESS].number[level] for level in ("exact", "close", "postcode"))
_MOST_KIN = {"given_name": 3.0, "birth_date": 6.0, "middle_name": 1.5, "government_id": 100.0}
"""How many times the shipped h may be learnt: few in a household share a given name or a birthday."""
_CONFLICTS = frozenset({"government_id", "tax_id", "user_id", "generation"})
_CONFLICT_WEIGHT = 400.0
"""Fields whose disagreement protects from merging; a few odd pairs must not teach that it means little."""
_FULL_NAME = "full_name", "exact"
_FIXED = frozenset({"apart", "full_name"})
_NOT_LEARNT = frozenset({("email", "named"), ("family_name", "swapped")})
"""Levels that mean something between strangers of one name only, as they follow from the names."""
_M_KNOWN = frozenset({("email", "company")})
"""Colleagues agree on it as much as records of one person do, and would teach that it speaks for one."""
_WHOLE = "exact"
"""The frequency group of whole values."""
_LEAST_PARTNERS, _MOST_PRIOR = 0.05, -3.0
_LEAST_KIN = 0.03
_KIN_PARTNERS, _KIN_WEIGHT = 0.7, 200.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """Pairs of nodes of one kind: what they say, and how much each counts for each field (pairs x fields)."""

    patterns: Patterns
    weights: Floats


def train_model(nodes: Nodes, base: MatchModel, tell: Tell) -> MatchModel:
    """A model for records like these, starting from ``base``; the same records give the same model."""
    strangers = _strangers(nodes)
    tell("train", 0, _ROUNDS)
    first = _Lesson(nodes, everybody_apart(nodes), strangers)
    model = replace(base, person=first.meet(0, base.person), organisation=first.meet(1, base.organisation))
    for turn in range(_ROUNDS):
        tell("train", turn, _ROUNDS)
        lesson = _Lesson(nodes, cluster_nodes(nodes, model, lambda *_: None), strangers)
        model = replace(
            model, person=lesson.learn(0, base.person), organisation=lesson.learn(1, base.organisation)
        )
    return model


def _strangers(nodes: Nodes) -> tuple[Ints, Ints]:
    """Pairs of nodes of one kind, drawn evenly."""
    dice = np.random.default_rng(len(nodes))
    one = dice.integers(0, len(nodes), _STRANGERS, dtype=np.int32)
    two = dice.integers(0, len(nodes), _STRANGERS, dtype=np.int32)
    alike = (nodes.rows[one, 0] == nodes.rows[two, 0]) & (one != two)
    return one[alike], two[alike]


class _Lesson:
    """What the customers found under one model teach."""

    def __init__(self, nodes: Nodes, found: Clustered, strangers: tuple[Ints, Ints]) -> None:
        self._nodes = nodes
        self._cluster = found.cluster
        self._hubs = found.hubs
        self._size = np.bincount(found.cluster, minlength=len(nodes))[found.cluster]
        self._bearers = count_bearers(nodes, 1.0 / self._size)
        apart = found.cluster[strangers[0]] != found.cluster[strangers[1]]
        self._strangers = strangers[0][apart]
        self._random = nodes.measure(self._strangers, strangers[1][apart], found.hubs)[0]
        self._left, self._right = _united((found.left, found.right), _inside(found.cluster))
        self._patterns = nodes.measure(self._left, self._right, found.hubs)[0]

    def meet(self, kind: int, base: KindModel) -> KindModel:
        """``base`` with how often strangers agree in these records."""
        mine = self._nodes.rows[:, 0] == kind
        random = self._random[mine[self._strangers]]
        nobody = _Seen(random[:0], np.zeros(random[:0].shape))
        levels = dict(base.levels)
        for at, field in enumerate(self._nodes.table.fields):
            shipped = base.chances(field.name)
            if shipped and field.name not in _FIXED:
                levels[field.name] = _chances(at, field, shipped, random, nobody, nobody, 0)
        return replace(base, levels=levels)

    def learn(self, kind: int, base: KindModel) -> KindModel:
        """The weights for kind 0 (persons) or 1 (organisations)."""
        nodes = self._nodes
        mine = nodes.rows[:, 0] == kind
        count = int(mine.sum())
        if count < 2:
            return base
        random = self._random[mine[self._strangers]]
        same, kin = self._classes(nodes.table.scorers[kind], mine)
        levels, frequencies = dict(base.levels), dict(base.frequencies)
        for at, column in enumerate(nodes.table.columns):
            field = column.field
            shipped = base.chances(field.name)
            filled = bool((nodes.rows[mine, 2 + at] > 0).any())
            if field.name in _FIXED or not shipped or not filled:
                continue
            chances = _chances(at, field, shipped, random, same, kin, count)
            for group in dict.fromkeys(field.group_of.values()):
                bearers = self._bearers[kind].get((field.name, group), {})
                chances, worth = _by_frequency(field, group, bearers, shipped, chances)
                frequencies[field.name, group] = worth
            levels[field.name] = chances
        frequencies[_FULL_NAME] = worth_of_namesakes(nodes, mine, random, self._hubs)
        partners = max(float((self._size[mine] - 1).mean()), _LEAST_PARTNERS)
        prior = min(float(np.log2(partners / (count - 1))), _MOST_PRIOR)
        kin_pairs = float(kin.weights.max(axis=1).sum())
        kin_partners = (_KIN_PARTNERS * _KIN_WEIGHT + 2 * kin_pairs) / (_KIN_WEIGHT + count)
        kin_partners = max(kin_partners, _LEAST_KIN)
        household = min(float(np.log2(kin_partners / (count - 1))), _MOST_PRIOR)
        return replace(base, prior=prior, household_prior=household, levels=levels, frequencies=frequencies)

    def _classes(self, scorer: PatternScorer, mine: npt.NDArray[np.bool_]) -> tuple[_Seen, _Seen]:
        """How likely each pair is one customer and how likely one household.

        Both are decided without the field in question: a pair that is one because of a field would say
        nothing about that field. Only what tells the people of a household apart always has its say: else
        couples would teach that the given names of one person differ.
        """
        here = mine[self._left]
        left, right, patterns = self._left[here], self._right[here], self._patterns[here]
        bits, household = _field_bits(scorer, patterns)
        weights = scorer.weights
        # Generic columns stand in the order they were first met, which may not matter to the last bit.
        order = sorted(range(len(scorer.fields)), key=lambda at: scorer.fields[at].name)
        match = weights.prior + bits[:, order].sum(axis=1, keepdims=True)
        kin = weights.household_prior + household[:, order].sum(axis=1, keepdims=True)
        related = _likely(np.logaddexp2(match - bits, kin - household))
        open_fields = np.array([field.name not in _TELL_APART for field in scorer.fields])
        one = _likely(match - kin - np.where(open_fields, bits - household, 0.0))
        joined = self._cluster[left] == self._cluster[right]
        size = np.maximum(self._size[left], self._size[right])
        same = related * one
        rest = match - bits - np.logaddexp2(0.0, kin - household)
        held = (joined & (size > 2))[:, None] & (rest >= _LOOSE)
        same = np.where(held, np.maximum(same, one), same)
        same /= np.maximum(size - 1.0, 1.0)[:, None]
        home = np.isin(_words(scorer.fields[_ADDRESS])[patterns[:, _ADDRESS]], _ONE_HOME) & ~joined
        near = related * (1.0 - one) * home[:, None]
        near[:, _ADDRESS] = 0.0
        return _Seen(patterns, same), _Seen(patterns, near)


def _likely(bits: Floats) -> Floats:
    """The probability of log odds in bits; what is unlikely counts as nothing."""
    found: Floats = 1.0 / (1.0 + np.exp2(np.clip(-bits, -60, 60)))
    found[found < _LEAST_LIKELY] = 0.0
    return found


def _united(*pairs: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    packed = np.unique(
        np.concatenate([(np.minimum(a, b).astype(np.int64) << 32) | np.maximum(a, b) for a, b in pairs])
    )
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)


def _inside(cluster: Longs) -> tuple[Ints, Ints]:
    """All pairs of nodes of one cluster."""
    order = np.argsort(cluster, kind="stable")
    _, sizes = np.unique(cluster[order], return_counts=True)
    many = sizes > 1
    members = order[np.repeat(many, sizes)]
    left, right, _ = all_pairs(sizes[many])
    return members[left].astype(np.int32), members[right].astype(np.int32)


def _field_bits(scorer: PatternScorer, patterns: Patterns) -> tuple[Floats, Floats]:
    """(bits, household bits) of each field of each pattern."""
    bits, household = np.zeros(patterns.shape), np.zeros(patterns.shape)
    for at in range(patterns.shape[1]):
        for number in np.unique(patterns[:, at]).tolist():
            if number:
                here = patterns[:, at] == number
                level = scorer.level(at, number)
                bits[here, at], household[here, at] = level.bits, level.household
    return bits, household


def _chances(
    at: int,
    field: EvidenceField,
    shipped: Mapping[str, Chances],
    random: Patterns,
    same: _Seen,
    kin: _Seen,
    count: int,
) -> dict[str, Chances]:
    """m, u and h of the levels of one field from what was seen."""
    word = _words(field)
    u_seen = np.bincount(word[random[:, at]], minlength=len(field.levels) + 1)[1:]
    m_seen = np.bincount(word[same.patterns[:, at]], same.weights[:, at], len(field.levels) + 1)[1:]
    h_seen = np.bincount(word[kin.patterns[:, at]], kin.weights[:, at], len(field.levels) + 1)[1:]
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
        found[level] = Chances(
            m=before.m if known in _M_KNOWN else _blend(before.m, weight, m_seen[number], m_seen.sum()),
            u=(u_seen[number] + _SEEN_EVENTS) / (u_seen.sum() + _SEEN_EVENTS / before.u),
            h=before.h,
        )
        found[level] = _kin(field.name, before, found[level], h_seen[number], h_seen.sum())
    return found


def _kin(field: str, before: Chances, now: Chances, seen: float, of: float) -> Chances:
    """Households agree by accident as strangers do, and beyond that as seen or as the shipped weights say."""
    h = now.u + before.h - before.u if before.h >= before.u else now.u * before.h / before.u
    most = max(h, _MOST_KIN.get(field, 1.0) * before.h)
    return now._replace(h=min(_blend(h, _H_WEIGHT, seen, of), most))


def _words(field: EvidenceField) -> Longs:
    """For each level number the position of its level (1 ..), 0 for nothing known."""
    found = np.zeros(256, dtype=np.int64)
    for number in range(1, field.numbers):
        level = field.read(number)[0]
        found[number] = field.levels.index(level) + 1 if level else 0
    return found


def _blend(before: float, weight: float, seen: float, of: float) -> float:
    return float((seen + weight * before) / (of + weight))


def _by_frequency(
    field: EvidenceField,
    group: str,
    bearers: Counts,
    shipped: Mapping[str, Chances],
    chances: dict[str, Chances],
) -> tuple[dict[str, Chances], Counts]:
    """The chances, with accidental agreement on whole values counted exactly, and what values are worth."""
    levels = [level for level, its in field.group_of.items() if its == group and level in chances]
    expected = sum(shipped[level].u for level in levels)
    if not expected:
        return chances, {}
    accident = chance_of_accident(bearers, expected)
    if group == _WHOLE:
        counted = {
            level: chances[level]._replace(u=accident * shipped[level].u / expected) for level in levels
        }
        chances = {**chances, **counted}
    return chances, worth_of_values((field.name, group), bearers, accident)


