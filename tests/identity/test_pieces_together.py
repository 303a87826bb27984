"""Pieces solved many at a time come out as one by one, ambiguous and forbidden pairs included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.identity.evidence_fields import EVIDENCE_FIELDS
from regard.identity.match_model import default_model
from regard.identity.score_patterns import PatternScorer
from regard.identity.solve_in_bulk import solve_many
from regard.identity.solve_piece import solve_said

_MODEL = default_model()
_SCORER = PatternScorer(_MODEL, "person", EVIDENCE_FIELDS)
_USED = [
    at
    for at, field in enumerate(EVIDENCE_FIELDS)
    if field.name in ("given_name", "family_name", "birth_date", "email", "address", "apart", "generation")
]


def _draw_patterns(dice: np.random.Generator, sizes: list[int], kinds: int) -> np.ndarray:
    """Random evidence; few different patterns make ties, many make contradictions."""
    shapes = np.zeros((kinds, len(EVIDENCE_FIELDS)), dtype=np.uint8)
    for at in _USED:
        rare = EVIDENCE_FIELDS[at].name in ("apart", "generation")
        levels = dice.integers(0, len(EVIDENCE_FIELDS[at].levels) + 1, kinds)
        shapes[:, at] = np.where(dice.random(kinds) < (0.95 if rare else 0.3), 0, levels)
    pairs = sum(size * (size - 1) // 2 for size in sizes)
    return shapes[dice.integers(0, kinds, pairs)]


@given(
    st.lists(st.integers(2, 14), min_size=1, max_size=12),
    st.integers(1, 30),
    st.integers(0, 2**32 - 1),
)
def test_pieces_solved_together_have_the_same_customers_as_one_by_one(
    sizes: list[int], kinds: int, seed: int
) -> None:
    patterns = _draw_patterns(np.random.default_rng(seed), sizes, kinds)
    found = solve_many(np.array(sizes), patterns, _SCORER, _MODEL.limits).tolist()
    told = [_SCORER.said(line.tobytes()) for line in patterns]
    for size in sizes:
        pairs = size * (size - 1) // 2
        heads = [0] * size
        for group in solve_said(size, told[:pairs], _SCORER, _MODEL.limits).groups:
            for member in group:
                heads[member] = group[0]
        assert found[:size] == heads
        found, told = found[size:], told[pairs:]


def test_there_may_be_nothing_to_solve() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    patterns = np.zeros((0, len(EVIDENCE_FIELDS)), dtype=np.uint8)
    assert not len(solve_many(nothing, patterns, _SCORER, _MODEL.limits))


@pytest.mark.parametrize("width", [2, 41, 120])
def test_a_piece_of_records_that_all_agree_is_one_customer_however_large(width: int) -> None:
    pattern = np.zeros((1, len(EVIDENCE_FIELDS)), dtype=np.uint8)
    for at in _USED[:4]:
        pattern[:, at] = EVIDENCE_FIELDS[at].number["exact"]
    patterns = np.repeat(pattern, width * (width - 1) // 2, axis=0)
    assert not solve_many(np.array([width]), patterns, _SCORER, _MODEL.limits).any()
