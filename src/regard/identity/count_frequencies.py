"""How many customers bear each value, and what agreeing on it is worth because of that."""

import math
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from regard.identity.cluster_in_bulk import NodeSet
from regard.identity.evidence_fields import STEP
from regard.identity.hold_values import ValueColumn

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RAREST: Mapping[tuple[str, str], float] = {
    ("given_name", "exact"): 1e-4,
    ("family_name", "exact"): 1e-5,
    ("family_name", "part"): 1e-5,
    ("birth_date", "exact"): 2e-5,
    ("email", "host"): 1e-2,
    ("address", "exact"): 1e-6,
    ("address", "street"): 1e-5,
    ("address", "postcode"): 1e-5,
    ("address", "city"): 1e-3,
    ("organisation", "exact"): 1e-5,
    ("name", "exact"): 1e-6,
}
"""The rarest a value is believed to be, where the data do not tell: nobody is proven by a typing error."""
_RAREST_GENERIC, _RAREST_IDENTIFIER = 1e-3, 1e-8
_TOLD_APART = 16
_SEEN_EVENTS = 2.0
"""The weight of the shipped chance of agreement by accident, in times it was seen to happen."""

@dataclass(frozen=True, slots=True)
class Counts:
    """How many customers bear each of some values; ``times``: how many such values each stands for.

    In a sample a value stands for others that no node drawn bears; 0: it is stood for. ``value`` tells which
    one is at a position.
    """

    value: Callable[[int], Hashable]
    counts: Floats
    times: Floats

    def sum(self, of: Floats) -> float:
        """The sum over all values of something known of each."""
        return total((of * self.times).tolist())


NO_COUNTS = Counts(lambda _: None, np.zeros(0), np.zeros(0))
Crowds = dict[Hashable, int]
"""Hub -> how many nodes carry it."""
Bearers = Mapping[tuple[str, str], Counts]
"""(field, frequency group) -> how many customers bear its values."""


@dataclass(frozen=True, slots=True)
class _Bearing:
    """Which codes of a ``column``, at position ``at``, bear which of the values of a frequency ``group``:
    ``codes`` from ``ends[k]`` to ``ends[k + 1]`` bear value k, whose hash is ``hashes[k]``."""

    column: ValueColumn
    at: int
    group: str
    codes: Longs
    ends: Longs
    hashes: Longs
    times: Floats

    def value(self, number: int) -> Hashable:
        """Value ``number``, looked up in the first code that bears it."""
        borne = self.column.field.bearers(self.column.values[self.codes[self.ends[number]]])
        return next(
            value for group, value in borne if group == self.group and hash(value) == self.hashes[number]
        )

    def sum(self, per_code: npt.NDArray[Any]) -> Floats:
        """For each value the sum over its codes."""
        found: Floats = np.add.reduceat(per_code[self.codes], self.ends[:-1]).astype(np.float64)
        return found


@dataclass(frozen=True, slots=True)
class _Drawn:
    """How many nodes bear each code, how many of those drawn, and the share of nodes that was drawn."""

    bearers: Longs
    seen: Longs
    share: float

    def times(self, codes: Longs, ends: Longs) -> Floats:
        """One through the chance that any bearer of a value was drawn, for those of which one was."""
        found = np.ones(len(ends) - 1)
        if self.share < 1.0 and len(found):
            bearers = np.add.reduceat(self.bearers[codes], ends[:-1])
            found = 1.0 / (1.0 - (1.0 - self.share) ** bearers)
            found[np.add.reduceat(self.seen[codes], ends[:-1]) == 0] = 0.0
        return found


class BearerBook:
    """Which values the nodes bear; made once, counted again whenever their customers are others.

    ``drawn``: these nodes tell how many customers bear rare values; all in a small set. ``hubs``:
    identifiers that are no evidence, and say nothing of how common the others are.
    """

    def __init__(self, nodes: NodeSet, drawn: npt.NDArray[np.bool_], hubs: Collection[str]) -> None:
        self._rows = nodes.rows
        self._drawn = drawn
        self._bearings: tuple[dict[tuple[str, str], _Bearing], ...] = {}, {}
        self.crowds: tuple[dict[str, Crowds], ...] = {}, {}
        """By kind and field how many nodes carry each hub."""
        for at, column in enumerate(nodes.table.columns[: nodes.rows.shape[1] - 2]):
            if column.field.frequent:
                bearers = np.bincount(nodes.rows[:, 2 + at])
                seen = np.bincount(nodes.rows[drawn, 2 + at], minlength=len(bearers))
                share = _Drawn(bearers, seen, float(drawn.mean()))
                for kind, crowds in enumerate(_crowds(column, bearers, hubs)):
                    self.crowds[kind][column.field.name] = crowds
                for (kind, group), borne in _borne(column, np.flatnonzero(bearers), hubs).items():
                    bearing = _bearing(column, at, group, borne, share)
                    self._bearings[kind][column.field.name, group] = bearing

    def count(self, weight: Floats) -> tuple[Bearers, ...]:
        """How many persons bear each value, and how many organisations.

        ``weight`` of a node is one through the number of nodes of its customer, on a grid (so that sums are
        exact), NaN where that is not known: it counts as much as those drawn that bear a value as common.
        """
        unknown = np.isnan(weight)
        known, drawn = np.where(unknown, 0.0, weight), np.where(self._drawn, weight, 0.0)

        def counted(bearing: _Bearing) -> Counts:
            column = self._rows[:, 2 + bearing.at]
            counts = bearing.sum(np.bincount(column, known))
            if unknown.any():
                usual = _usual(
                    bearing.sum(np.bincount(column)),
                    bearing.sum(np.bincount(column, drawn)),
                    bearing.sum(np.bincount(column, self._drawn)),
                )
                counts += usual * bearing.sum(np.bincount(column, unknown))
            return Counts(bearing.value, counts, bearing.times)

        return tuple({key: counted(bearing) for key, bearing in kind.items()} for kind in self._bearings)


def _usual(bearers: Floats, weight: Floats, drawn: Floats) -> Floats:
    """For each value the mean weight of the drawn bearers of values that are about as common."""
    common = np.where(bearers <= _TOLD_APART, bearers, _TOLD_APART + np.log2(bearers)).astype(np.int64)
    count = np.bincount(common, drawn)
    mean = np.bincount(common, weight) / np.maximum(count, 1.0)
    mean[count == 0] = weight.sum() / max(1.0, float(drawn.sum()))
    found: Floats = mean[common]
    return found


class _Borne:
    """Codes and the hashes of the values they bear."""

    def __init__(self) -> None:
        self.codes = array("q")
        self.hashes = array("q")

    def put(self, code: int, value: Hashable) -> None:
        self.codes.append(code)
        self.hashes.append(hash(value))


def _borne(column: ValueColumn, codes: Longs, hubs: Collection[str]) -> dict[tuple[int, str], _Borne]:
    """By kind and frequency group what some codes of a column bear, those hubs left out."""
    found: dict[tuple[int, str], _Borne] = defaultdict(_Borne)
    bearers, kinds = column.field.bearers, column.kinds
    values = column.values
    spared: Collection[str] = hubs if column.field.by_hubs else ()
    for code in codes.tolist():
        if code:
            for group, value in bearers(values[code]):
                if value not in spared:
                    found[kinds[code], group].put(code, value)
    return found


def _crowds(column: ValueColumn, bearers: Longs, hubs: Collection[str]) -> tuple[Crowds, Crowds]:
    found: tuple[Crowds, Crowds] = {}, {}
    if hubs and column.field.by_hubs:
        values, kinds = column.values, column.kinds
        for code in np.flatnonzero(bearers).tolist():
            for _, value in column.field.bearers(values[code]) if code else ():
                if value in hubs:
                    crowd = found[kinds[code]]
                    crowd[value] = crowd.get(value, 0) + int(bearers[code])
    return found


def _bearing(column: ValueColumn, at: int, group: str, borne: _Borne, drawn: _Drawn) -> _Bearing:
    """Values are told apart by their hashes: of 64 bits and another in every run, so that none collide."""
    hashes, value = np.unique(np.frombuffer(borne.hashes, dtype=np.int64), return_inverse=True)
    codes = np.frombuffer(borne.codes, dtype=np.int64)[np.argsort(value, kind="stable")]
    ends = np.concatenate(([0], np.cumsum(np.bincount(value))))
    return _Bearing(column, at, group, codes, ends, hashes, drawn.times(codes, ends))


def total(parts: Iterable[float]) -> float:
    """Their sum, the same to the last bit in any order: codes are in the order values were first met."""
    return math.fsum(parts)


def chance_of_accident(counts: Counts, shipped: float) -> float:
    """The chance that two strangers who both have a value agree on it (u of the exact level)."""
    of = counts.counts
    bearers = counts.sum(of)
    agreeing = counts.sum(of * np.maximum(of - 1.0, 0.0)) / 2
    pairs = bearers * (bearers - 1) / 2
    return (agreeing + _SEEN_EVENTS) / (max(pairs, 0.0) + _SEEN_EVENTS / shipped)


def worth_of_values(
    key: tuple[str, str], counts: Counts, average: float
) -> dict[Hashable, float]:
    """Bits that agreeing on a value is worth more (rare) or less (common) than the ``average`` chance.

    Values as rare as those seen once are not listed; None stands for them.
    """
    of = counts.counts
    bearers = counts.sum(of)
    if bearers < 2:
        return {}
    once = counts.sum((of < 1.5).astype(float))
    twice = counts.sum(((of >= 1.5) & (of < 2.5)).astype(float))
    # Good and Turing: how often a value seen once is expected to be met again.
    again = min(1.0, 2.0 * twice / once) if once else 1.0
    rarest = RAREST.get(key, _RAREST_GENERIC if ":" in key[0] else _RAREST_IDENTIFIER)
    rare = _worth(max(again / bearers, rarest), average)
    found: dict[Hashable, float] = {None: rare}
    for at in np.flatnonzero((of - 1.0) / bearers > max(again / bearers, rarest)).tolist():
        worth = _worth((float(of[at]) - 1.0) / bearers, average)
        if rare - worth >= STEP / 2:
            found[counts.value(at)] = worth
    return found


def worth_of_hubs(crowds: Mapping[Hashable, int], of: int, average: float) -> dict[Hashable, float]:
    """Bits that agreeing on a hub is worth less than the ``average`` chance: whoever meets it in a smaller
    file, where few carry it, must know how many of the ``of`` nodes here did."""
    return {value: min(0.0, _worth(count / of, average)) for value, count in crowds.items()}


def _worth(chance: float, average: float) -> float:
    return math.log2(average / chance)
