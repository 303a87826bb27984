"""How many customers bear each value, and what agreeing on it is worth because of that."""

import math
from collections.abc import Hashable, Iterable, Mapping

import numpy as np
import numpy.typing as npt

from regard.identity.cluster_in_bulk import Nodes
from regard.identity.evidence_fields import STEP

RAREST: Mapping[tuple[str, str], float] = {
    ("given_name", "exact"): 1e-4,
    ("family_name", "exact"): 1e-5,
    ("birth_date", "exact"): 2e-5,
    ("email", "domain"): 1e-4,
    ("address", "exact"): 1e-6,
    ("address", "postcode"): 1e-5,
    ("address", "city"): 1e-3,
    ("organisation", "exact"): 1e-5,
    ("name", "exact"): 1e-6,
}
"""The rarest a value is believed to be, where the data do not tell: nobody is proven by a typing error."""
_RAREST_GENERIC, _RAREST_IDENTIFIER = 1e-3, 1e-8
_SEEN_EVENTS = 2.0
"""The weight of the shipped chance of agreement by accident, in times it was seen to happen."""

Counts = Mapping[Hashable, float]


Bearers = Mapping[tuple[str, str], Counts]
"""(field, frequency group) -> value -> how many customers bear it."""


def count_bearers(nodes: Nodes, weight: npt.NDArray[np.float64]) -> tuple[Bearers, Bearers]:
    """How many persons bear each value, and how many organisations.

    ``weight`` of a node is one through the number of nodes of its customer.
    """
    found: tuple[dict[tuple[str, str], dict[Hashable, list[float]]], ...] = {}, {}
    for at, column in enumerate(nodes.table.columns):
        if not column.field.frequent:
            continue
        per_code = np.bincount(nodes.rows[:, 2 + at], weights=weight, minlength=len(column.values))
        for code in np.flatnonzero(per_code[1:]).tolist():
            kind = column.kinds[code + 1]
            for group, value in column.field.bearers(column.values[code + 1]):
                counts = found[kind].setdefault((column.field.name, group), {})
                counts.setdefault(value, []).append(float(per_code[code + 1]))
    persons, organisations = (
        {key: {value: total(parts) for value, parts in values.items()} for key, values in each.items()}
        for each in found
    )
    return persons, organisations


def total(parts: Iterable[float]) -> float:
    """Their sum, the same to the last bit in any order: codes are in the order values were first met."""
    return math.fsum(parts)


def chance_of_accident(counts: Counts, shipped: float) -> float:
    """The chance that two strangers who both have a value agree on it (u of the exact level)."""
    bearers = total(counts.values())
    agreeing = total(count * max(count - 1.0, 0.0) for count in counts.values()) / 2
    pairs = bearers * (bearers - 1) / 2
    return (agreeing + _SEEN_EVENTS) / (max(pairs, 0.0) + _SEEN_EVENTS / shipped)


def worth_of_values(
    key: tuple[str, str], counts: Counts, average: float
) -> dict[Hashable, float]:
    """Bits that agreeing on a value is worth more (rare) or less (common) than the ``average`` chance.

    Values as rare as those seen once are not listed; None stands for them.
    """
    bearers = total(counts.values())
    if bearers < 2:
        return {}
    once = sum(1 for count in counts.values() if count < 1.5)
    twice = sum(1 for count in counts.values() if 1.5 <= count < 2.5)
    # Good and Turing: how often a value seen once is expected to be met again.
    again = min(1.0, 2.0 * twice / once) if once else 1.0
    rarest = RAREST.get(key, _RAREST_GENERIC if ":" in key[0] else _RAREST_IDENTIFIER)
    rare = _worth(max(again / bearers, rarest), average)
    found: dict[Hashable, float] = {None: rare}
    for value, count in counts.items():
        worth = _worth(max((count - 1.0) / bearers, again / bearers, rarest), average)
        if rare - worth >= STEP / 2:
            found[value] = worth
    return found


def _worth(chance: float, average: float) -> float:
    return math.log2(average / chance)
