"""Of very many nodes a part to learn from: some, and all who may be of their customers and households."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regard.identity.cluster_in_bulk import Meetings, Nodes, NodeSet
from regard.identity.match_model import MatchModel

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MOST_WHOLE = 60_000
"""Nodes up to which all of them are learnt from."""
SEEDS = 15_000
_FAR = -10.0
"""Bits below which two nodes have nothing to do with each other under any weights that may be learnt."""


@dataclass(frozen=True, slots=True)
class Sample:
    """``nodes`` to learn from and their pairs; those where ``seeds`` says so were drawn evenly.

    The others are there because they meet a seed, so what is counted per node is counted of seeds. Node k of
    the sample is node ``place[k]`` of the whole, where ``drawn`` are the seeds. Hubs are those of the whole.
    """

    nodes: NodeSet
    met: Meetings
    seeds: Flags
    place: Longs
    drawn: Flags


def draw_seeds(nodes: Nodes) -> Flags:
    """Nodes drawn by lot, the same in any order of the records; all of them when they are few."""
    return nodes.draw(SEEDS if len(nodes) > MOST_WHOLE else len(nodes))


def draw_namesakes(nodes: Nodes) -> Flags:
    """More nodes drawn by lot, among whom namesakes are counted: few of a small part share a name."""
    return nodes.draw(MOST_WHOLE)


def sample_nodes(nodes: Nodes, model: MatchModel, drawn: Flags) -> Sample:
    """The nodes ``drawn`` and who is close to them under ``model``."""
    met = nodes.meetings(model.limits)
    if drawn.all():
        return Sample(nodes, met, drawn, np.arange(len(nodes)), drawn)
    nodes.table.use(model)
    near = np.flatnonzero(drawn[met.left] | drawn[met.right])
    bits = nodes.measure(met.left[near], met.right[near], met.hubs)[1]
    near = near[bits >= _FAR]
    place = np.unique(np.concatenate((np.flatnonzero(drawn), met.left[near], met.right[near])))
    number = np.full(len(nodes), -1, dtype=np.int32)
    number[place] = np.arange(len(place))
    left, right = number[met.left], number[met.right]
    inside = (left >= 0) & (right >= 0)
    pairs = Meetings(left[inside], right[inside], met.hubs, met.crowded)
    return Sample(NodeSet(nodes.table, nodes.rows[place]), pairs, drawn[place], place, drawn)
