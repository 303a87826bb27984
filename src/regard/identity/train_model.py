"""Learns the weights of a match model from records alone, without labels.

Customers found with the weights so far tell how often fields agree inside a customer (m); pairs drawn at
random how often strangers agree (u); close pairs of different customers how often households do (h). A few
rounds suffice. The shipped weights count as so many pairs seen before: ten records do not overrule them.
"""


from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from regard.identity.class_pairs import PairClasses
from regard.identity.cluster_in_bulk import Edges, Nodes, Tell, find_inert, join_nodes
from regard.identity.count_frequencies import NO_COUNTS, BearerBook, worth_of_hubs
from regard.identity.count_namesakes import Namesakes
from regard.identity.estimate_chances import WHOLE, SeenPairs, chances_by_frequency, chances_of
from regard.identity.match_model import KindModel, MatchModel
from regard.identity.pair_in_bulk import all_pairs
from regard.identity.sample_nodes import Sample, draw_namesakes, draw_seeds, sample_nodes
from regard.identity.score_patterns import Patterns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_ROUNDS, _FEWEST = 4, 2
_STRANGERS = 40_000
_WEIGHT_GRID = 2.0**30
_FULL_NAME = "full_name", "exact"
_FIXED = frozenset({"apart", "full_name"})
_LEAST_PARTNERS, _MOST_PRIOR = 0.05, -3.0
_LEAST_KIN = 0.03
_KIN_PARTNERS, _KIN_WEIGHT = 0.7, 200.0
_NOTHING, _NOBODY = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)


def train_model(nodes: Nodes, base: MatchModel, tell: Tell) -> MatchModel:
    """A model for records like these, starting from ``base``; the same records give the same model.

    Of very many nodes a sample teaches, and all of them tell how common values are.
    """
    tell("train", 0, _ROUNDS)
    nodes.table.use(base)
    if len(nodes) < _FEWEST:
        return base
    drawn = draw_seeds(nodes)
    first = _strangers(nodes, drawn, frozenset())
    model = replace(
        base,
        person=_meet(nodes, first, 0, base.person),
        organisation=_meet(nodes, first, 1, base.organisation),
    )
    sample = sample_nodes(nodes, model, drawn)
    course = _Course(nodes, sample)
    for turn in range(_ROUNDS):
        tell("train", turn, _ROUNDS)
        lesson = _Lesson(course, model)
        model = replace(
            model, person=lesson.learn(0, base.person), organisation=lesson.learn(1, base.organisation)
        )
    return model


@dataclass(frozen=True, slots=True)
class _Strangers:
    """Pairs of nodes of one kind drawn evenly, and what they say: the levels, not how rare the values are."""

    left: Ints
    right: Ints
    patterns: Patterns


def _strangers(nodes: Nodes, drawn: Flags, hubs: frozenset[str]) -> _Strangers:
    """Pairs of the nodes drawn."""
    among = np.flatnonzero(drawn).astype(np.int32)
    dice = np.random.default_rng(len(among))
    one = among[dice.integers(0, len(among), _STRANGERS, dtype=np.int32)]
    two = among[dice.integers(0, len(among), _STRANGERS, dtype=np.int32)]
    alike = (nodes.rows[one, 0] == nodes.rows[two, 0]) & (one != two)
    left, right = one[alike], two[alike]
    return _Strangers(left, right, nodes.matrix.patterns(left, right, hubs))


def _meet(nodes: Nodes, strangers: _Strangers, kind: int, base: KindModel) -> KindModel:
    """``base`` with how often strangers agree in these records."""
    random = strangers.patterns[nodes.rows[strangers.left, 0] == kind]
    nobody = SeenPairs(random[:0], _NOTHING, np.zeros((0, 0)), _NOBODY, _NOBODY)
    levels = dict(base.levels)
    for at, field in enumerate(nodes.table.fields):
        shipped = base.chances(field.name)
        if shipped and field.name not in _FIXED:
            levels[field.name] = chances_of(at, field, shipped, random, nobody, nobody, 0)
    return replace(base, levels=levels)


class _Course:
    """What stays the same from lesson to lesson."""

    def __init__(self, nodes: Nodes, sample: Sample) -> None:
        self.sample = sample
        met = _strangers(nodes, sample.drawn, sample.hubs)
        left, right = (np.searchsorted(sample.place, side).astype(np.int32) for side in (met.left, met.right))
        self.strangers = _Strangers(left, right, met.patterns)
        self.bearers = BearerBook(nodes, sample.drawn, sample.hubs)
        self.count = [int((nodes.rows[:, 0] == kind).sum()) for kind in (0, 1)]
        self.filled = [_filled(nodes.rows, nodes.rows[:, 0] == kind) for kind in (0, 1)]
        named = draw_namesakes(nodes)
        self.namesakes = [
            Namesakes(nodes, named & (nodes.rows[:, 0] == kind), sample.hubs) for kind in (0, 1)
        ]
        self._bare = sum((column > 0).astype(np.uint8) for column in nodes.rows.T[2:]) == 1
        self._met = sample.nodes.matrix.agreements(sample.left, sample.right, sample.hubs)
        everybody = np.arange(len(sample.nodes), dtype=np.int32)
        self._selves = sample.nodes.matrix.agreements(everybody, everybody, sample.hubs)

    def compare(self, model: MatchModel) -> Patterns:
        """What the pairs of the sample say under ``model``, which is used from now on."""
        self.sample.nodes.table.use(model)
        return self._met.patterns()

    def cluster(self, model: MatchModel, patterns: Patterns) -> Longs:
        """The smallest node of the customer of each node of the sample, given what the pairs say."""
        sample, matrix = self.sample, self.sample.nodes.matrix
        inert = find_inert(sample.nodes, self._selves)
        edges = Edges(sample.left, sample.right, matrix.scores(sample.left, sample.right, patterns))
        return join_nodes(sample.nodes, edges, inert, sample.hubs, model, lambda *_: None)

    def weights(self, size: Longs) -> Floats:
        """One through the number of nodes of its customer, for every node; NaN where that is not known.

        A record that says one thing alone cannot tell whether its bearer is one more: it counts as nobody.
        """
        found = np.full(len(self._bare), np.nan)
        found[self.sample.place] = np.rint(_WEIGHT_GRID / size) / _WEIGHT_GRID
        found[self._bare] = 0.0
        return found


def _filled(rows: Ints, mine: Flags) -> list[bool]:
    """Which columns say something of the rows that are ``mine``."""
    return [bool((column[mine] > 0).any()) for column in rows.T]


class _Lesson:
    """What the customers found under one model teach."""

    def __init__(self, course: _Course, model: MatchModel) -> None:
        self._course = course
        self._nodes = nodes = course.sample.nodes
        patterns = course.compare(model)
        self._cluster = cluster = course.cluster(model, patterns)
        self._size = np.bincount(cluster, minlength=len(nodes))[cluster]
        self._bearers = course.bearers.count(course.weights(self._size))
        strangers = course.strangers
        apart = cluster[strangers.left] != cluster[strangers.right]
        self._strangers = strangers.left[apart]
        self._random = strangers.patterns[apart]
        self._pairs = PairClasses(*_all_pairs(course.sample, cluster, patterns), cluster, self._size)

    def learn(self, kind: int, base: KindModel) -> KindModel:
        """The weights for kind 0 (persons) or 1 (organisations)."""
        nodes, course, seeds = self._nodes, self._course, self._course.sample.seeds
        mine = nodes.rows[:, 0] == kind
        count = int(mine[seeds].sum())
        if count < 2:
            return base
        random = self._random[mine[self._strangers]]
        same, kin = self._pairs.classes(nodes.table.scorers[kind], mine)
        levels, frequencies = dict(base.levels), dict(base.frequencies)
        for at, column in enumerate(nodes.table.columns):
            field = column.field
            shipped = base.chances(field.name)
            if field.name in _FIXED or not shipped or not course.filled[kind][2 + at]:
                continue
            chances = chances_of(at, field, shipped, random, same, kin, int(mine.sum()))
            for group in dict.fromkeys(field.group_of.values()):
                bearers = self._bearers[kind].get((field.name, group), NO_COUNTS)
                chances, worth = chances_by_frequency(field, group, bearers, shipped, chances)
                frequencies[field.name, group] = worth
            if field.by_hubs and (crowds := course.bearers.crowds[kind].get(field.name)):
                usual = sum(chances[level].u for level, its in field.group_of.items() if its == WHOLE)
                crowded = worth_of_hubs(crowds, course.count[kind], usual)
                frequencies[field.name, WHOLE] = {**frequencies[field.name, WHOLE], **crowded}
            levels[field.name] = chances
        frequencies[_FULL_NAME] = course.namesakes[kind].worth(random)
        others = course.count[kind] - 1
        partners = max(float((self._size[seeds & mine] - 1).mean()), _LEAST_PARTNERS)
        prior = min(float(np.log2(partners / others)), _MOST_PRIOR)
        met_seeds = seeds[kin.left].astype(np.int64) + seeds[kin.right]
        kin_seeds = float((kin.weights.max(axis=1) * met_seeds).sum())
        kin_partners = (_KIN_PARTNERS * _KIN_WEIGHT + kin_seeds) / (_KIN_WEIGHT + count)
        kin_partners = max(kin_partners, _LEAST_KIN)
        household = min(float(np.log2(kin_partners / others)), _MOST_PRIOR)
        return replace(base, prior=prior, household_prior=household, levels=levels, frequencies=frequencies)


def _all_pairs(sample: Sample, cluster: Longs, said: Patterns) -> tuple[Ints, Ints, Patterns]:
    """The pairs that met and those of one cluster, in a fixed order, with what they say."""
    known = _packed(sample.left, sample.right)
    inside = np.sort(_packed(*_inside(cluster)))
    at = np.minimum(np.searchsorted(known, inside), max(0, len(known) - 1))
    fresh = inside[known[at] != inside] if len(known) else inside
    left, right = (fresh >> 32).astype(np.int32), (fresh & 0xFFFFFFFF).astype(np.int32)
    patterns = sample.nodes.matrix.patterns(left, right, sample.hubs)
    return (
        np.concatenate((sample.left, left)),
        np.concatenate((sample.right, right)),
        np.concatenate((said, patterns)),
    )


def _packed(one: Ints, two: Ints) -> Longs:
    found: Longs = (np.minimum(one, two).astype(np.int64) << 32) | np.maximum(one, two)
    return found


def _inside(cluster: Longs) -> tuple[Ints, Ints]:
    """All pairs of nodes of one cluster."""
    order = np.argsort(cluster, kind="stable")
    _, sizes = np.unique(cluster[order], return_counts=True)
    many = sizes > 1
    members = order[np.repeat(many, sizes)]
    left, right = all_pairs(sizes[many])
    return members[left].astype(np.int32), members[right].astype(np.int32)
