"""Pieces found one by one and all at once are the same, whatever the bars are."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.identity.find_pieces import PieceFinder, bars
from regard.identity.match_model import default_model
from regard.identity.pair_in_bulk import cut_pieces

_NODES = 9


@st.composite
def _edges(draw: st.DrawFn) -> tuple[float, float, dict[tuple[int, int], float]]:
    """(lowest bar, step, edges), many edges exactly as high as a bar."""
    loose = draw(st.sampled_from((0.0, -1.0, 0.3)))
    step = draw(st.sampled_from((0.1, 0.3, 0.7, 1.0, 2.5)))
    pair = st.tuples(st.integers(0, _NODES - 1), st.integers(0, _NODES - 1)).filter(
        lambda two: two[0] < two[1]
    )
    bits = st.one_of(st.sampled_from(bars(loose, step)), st.floats(loose, 130.0))
    return loose, step, draw(st.dictionaries(pair, bits, max_size=20))


@settings(max_examples=80, deadline=None)
@given(_edges(), st.integers(1, 5))
def test_one_by_one_and_all_at_once_give_the_same_pieces(
    drawn: tuple[float, float, dict[tuple[int, int], float]], cap: int
) -> None:
    loose, step, edges = drawn
    finder = PieceFinder(loose, step, cap)
    for node in range(_NODES):
        mine = {sum(pair) - node: bits for pair, bits in edges.items() if node in pair}
        finder.set_edges(node, mine)
    expected = {node: min(piece) for piece in finder.refresh(range(_NODES), ()) for node in piece}
    limits = dataclasses.replace(default_model().limits, loose=loose, bar_step=step, piece_records=cap)
    pairs = np.array(list(edges), dtype=np.int32).reshape(-1, 2)
    found = cut_pieces(
        _NODES, pairs[:, 0], pairs[:, 1], np.array(list(edges.values()), dtype=np.float64), limits
    )
    assert dict(enumerate(found.tolist())) == expected
