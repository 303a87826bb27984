"""Of very many nodes a part to learn from: some, and all who may be of their customers and households."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from regard.identity.cluster_in_bulk import Nodes, NodeSet
from regard.identity.collect_records import choose_rows
from regard.identity.match_model import MatchModel
from regard.identity.pair_in_bulk import Runs

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MOST_WHOLE = 60_000
"""Nodes up to which all of them are learnt from."""
SEEDS = 15_000
_FAR = -10.0
"""Bits below which two nodes have nothing to do with each other under any weights that may be learnt."""


@dataclass(frozen=True, slots=True)
class Sample:
    """``nodes`` to learn from, and their pairs; those where ``seeds`` says so were drawn evenly.

    The others are there because they meet a seed, so what is counted per node is counted of seeds. Node k of
    the sample is node ``place[k]`` of the whole, where ``drawn`` are the seeds. Hubs are those of the whole.
    """

    nodes: NodeSet
    left: Ints
    right: Ints
    hubs: frozenset[str]
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
        return Sample(nodes, *_all(met.runs), met.hubs, drawn, np.arange(len(nodes)), drawn)
    nodes.table.use(model)
    close = drawn.copy()
    for left, right in met.runs.with_any(drawn).slices():
        near = np.flatnonzero(drawn[left] | drawn[right])
        near = near[nodes.score(left[near], right[near], met.hubs) >= _FAR]
        close[left[near]] = close[right[near]] = True
    place = np.flatnonzero(close)
    number = np.cumsum(close, dtype=np.int32) - 1
    left, right = (number[side] for side in _all(met.runs.among(close)))
    part = NodeSet(nodes.table, choose_rows(nodes.rows, place))
    return Sample(part, left, right, met.hubs, drawn[place], place, drawn)


def _all(runs: Runs) -> tuple[Ints, Ints]:
    """All pairs at once."""
    slices = list(runs.slices()) or [(np.zeros(0, dtype=np.int32),) * 2]
    left, right = (np.concatenate(sides) for sides in zip(*slices, strict=True))
    return left, right
