"""Customers held against the truth."""

import csv
import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from benchmarks.identity.evaluate import Scores, differing, evaluate, main
from benchmarks.identity.read_set import TaggedPair
from benchmarks.identity.run_splink import join
from hypothesis import given
from hypothesis import strategies as st

TRUTH = {("a", "1"): "x", ("a", "2"): "x", ("b", "1"): "x", ("b", "2"): "y", ("b", "3"): "z"}

partitions = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=40
)


def split(rows: list[tuple[str, int, int]]) -> tuple[dict, dict]:
    """Records with a true owner and a found one."""
    truth = {(source, str(at)): f"e{entity}" for at, (source, entity, _) in enumerate(rows)}
    found = {(source, str(at)): f"c{customer}" for at, (source, _, customer) in enumerate(rows)}
    return found, truth


def counted(found: dict, truth: dict, *, across: bool) -> tuple[float, float]:
    """Precision and recall by looking at every pair."""
    counts: Counter[str] = Counter()
    for one, two in combinations(truth, 2):
        if across and one[0] == two[0]:
            continue
        joined, due = found[one] == found[two], truth[one] == truth[two]
        counts["joined"] += joined
        counts["due"] += due
        counts["hit"] += joined and due
    return (
        counts["hit"] / counts["joined"] if counts["joined"] else 1.0,
        counts["hit"] / counts["due"] if counts["due"] else 1.0,
    )


@given(partitions, st.booleans())
def test_pairwise_figures_are_what_counting_every_pair_gives(rows: list, across: bool) -> None:
    found, truth = split(rows)
    scores = evaluate(found, truth, across_sources=across)
    assert (scores.pair_precision, scores.pair_recall) == pytest.approx(counted(found, truth, across=across))


@given(partitions)
def test_b_cubed_is_the_average_over_records(rows: list) -> None:
    found, truth = split(rows)
    precision = recall = 0.0
    for one in truth:
        mine = {two for two in truth if found[two] == found[one]}
        right = {two for two in truth if truth[two] == truth[one]}
        precision += len(mine & right) / len(mine)
        recall += len(mine & right) / len(right)
    scores = evaluate(found, truth)
    assert scores.b3_precision == pytest.approx(precision / len(truth))
    assert scores.b3_recall == pytest.approx(recall / len(truth))


@given(partitions)
def test_the_truth_itself_is_perfect_under_any_names(rows: list) -> None:
    _, truth = split(rows)
    scores = evaluate({ref: f"renamed {entity}" for ref, entity in truth.items()}, truth)
    assert (scores.pair_f1, scores.b3_f1, scores.cluster_f1, scores.largest_wrong) == pytest.approx(
        (1, 1, 1, 0)
    )


def test_one_wrong_join_is_seen_in_every_figure() -> None:
    found = {**TRUTH, ("b", "2"): "x"}
    scores = evaluate(found, TRUTH)
    assert scores.pair_precision == pytest.approx(3 / 6)
    assert scores.pair_recall == 1
    assert (scores.customers, scores.entities) == (2, 3)
    assert (scores.largest, scores.largest_wrong) == (4, 4)
    assert scores.cluster_f1 == pytest.approx(2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3))


def test_a_record_that_was_not_resolved_is_alone() -> None:
    found = {ref: whose for ref, whose in TRUTH.items() if ref != ("a", "2")}
    scores = evaluate(found, TRUTH)
    assert scores.pair_recall == pytest.approx(1 / 3)
    assert scores.pair_precision == 1


def test_pairs_within_a_source_do_not_count_where_only_links_were_asked_for() -> None:
    found = {("a", "1"): "1", ("a", "2"): "1", ("b", "1"): "2", ("b", "2"): "3", ("b", "3"): "4"}
    assert evaluate(found, TRUTH).pair_recall == pytest.approx(1 / 3)
    assert evaluate(found, TRUTH, across_sources=True).pair_recall == 0


def test_hard_pairs_are_scored_apart() -> None:
    tags = [
        TaggedPair("twins", same=False, left=("b", "1"), right=("b", "2")),
        TaggedPair("twins", same=False, left=("b", "2"), right=("b", "3")),
        TaggedPair("moved", same=True, left=("a", "1"), right=("b", "1")),
    ]
    scores = evaluate({**TRUTH, ("b", "2"): "x"}, TRUTH, tags)
    assert scores.tags["twins (apart)"].rate == 0.5
    assert scores.tags["moved"].rate == 1


def test_an_empty_set_is_no_reason_to_fall_over() -> None:
    assert isinstance(evaluate({}, {}), Scores)


def test_names_of_customers_do_not_make_two_results_differ() -> None:
    one = {("a", "1"): "k", ("a", "2"): "k", ("b", "1"): "m"}
    assert differing(one, {("a", "1"): "q", ("a", "2"): "q", ("b", "1"): "r"}) == 0
    assert differing(one, {("a", "1"): "q", ("a", "2"): "r", ("b", "1"): "r"}) == 3


def test_a_lower_bar_joins_more_of_splinks_edges() -> None:
    a, b, c = ("s", "a"), ("s", "b"), ("s", "c")
    edges = [(9.0, a, b), (1.0, b, c)]
    strict, loose = join(edges, 5), join(edges, 0)
    assert strict[a] == strict[b]
    assert c not in strict
    assert loose[a] == loose[b] == loose[c]


def test_the_command_prints_the_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, head in (("out.csv", "customer"), ("truth.csv", "entity")):
        with (tmp_path / name).open("w", newline="") as file:
            csv.writer(file).writerows([("source", "record", head), *((*ref, e) for ref, e in TRUTH.items())])
    assert main([str(tmp_path / "out.csv"), str(tmp_path / "truth.csv")]) == 0
    assert json.loads(capsys.readouterr().out)["pair_f1"] == 1
    assert main([str(tmp_path / "absent.csv"), str(tmp_path / "truth.csv")]) == 2
    assert "absent.csv" in capsys.readouterr().err
