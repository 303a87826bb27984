"""The table of the identity benchmark, and the hard pairs by tag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.identity.evaluate import Scores
from benchmarks.identity.measure_set import Measured

HEAD = (
    "set", "engine", "pair F1", "P", "R", "B3 F1", "cl. F1", "largest", "wrong", "CPU s", "x", "MB", "x",
)  # fmt: skip
SPEED_HEAD = ("set", "records", "differ", "stream rec/s", "1 new us", "p99 us", "Splink 1 new ms", "x faster")
TAG_HEAD = ("set", "hard pairs", "want", "pairs", "Regard", "Splink", "Splink best")


def accuracy_table(sets: Iterable[Measured]) -> str:
    """Accuracy and cost of both engines; x: ours as a share of Splink's."""
    rows: list[Sequence[str]] = []
    for one in sets:
        splink = one.splink
        if one.regard and one.cost:
            beside = splink.cost if splink else None
            cost = [
                f"{one.cost.cpu:.1f}",
                f"{one.cost.cpu / beside.cpu:.2f}" if beside else "",
                f"{one.cost.peak / 2**20:.0f}",
                f"{one.cost.peak / beside.peak:.2f}" if beside else "",
            ]
            rows.append([one.name, "Regard", *_scores(one.regard), *cost])
        if splink:
            cost = [f"{splink.cost.cpu:.1f}", "", f"{splink.cost.peak / 2**20:.0f}", ""]
            rows.append(["", "Splink", *_scores(splink.default), *cost])
            rows.append(["", f"  best {splink.best_weight:+g} bits", *_scores(splink.best), "", "", "", ""])
    return _table(HEAD, rows)


def speed_table(sets: Iterable[Measured]) -> str:
    """Records that differ between orders, the rate of the stream, and one new record."""
    rows: list[Sequence[str]] = []
    for one in sets:
        stream = one.stream
        arrival = one.splink.arrival if one.splink else None
        rows.append(
            [
                one.name,
                f"{one.records:,}",
                str(sum(one.differing.values())) if one.differing else "",
                f"{stream['rate']:,.0f}" if stream else "",
                f"{1e6 * stream['single']:.0f}" if stream else "",
                f"{1e6 * stream['single p99']:.0f}" if stream else "",
                f"{1e3 * arrival['cpu']:.0f}" if arrival else "",
                f"{arrival['cpu'] / stream['single']:,.0f}" if arrival and stream else "",
            ]
        )
    return _table(SPEED_HEAD, rows)


def tag_table(sets: Iterable[Measured]) -> str:
    """The share of each tag's pairs in one customer: 1 is right where `one` is wanted, 0 where `two` is."""
    rows: list[Sequence[str]] = []
    for one in sets:
        if not one.regard:
            continue
        for tag, score in one.regard.tags.items():
            splink = one.splink
            rows.append(
                [
                    one.name,
                    tag.removesuffix(" (apart)"),
                    "one" if score.same else "two",
                    f"{score.pairs:,}",
                    f"{score.rate:.3f}",
                    f"{splink.default.tags[tag].rate:.3f}" if splink else "",
                    f"{splink.best.tags[tag].rate:.3f}" if splink else "",
                ]
            )
    return _table(TAG_HEAD, rows) if rows else ""


def _scores(scores: Scores) -> list[str]:
    shares = (scores.pair_f1, scores.pair_precision, scores.pair_recall, scores.b3_f1, scores.cluster_f1)
    return [*(f"{share:.4f}" for share in shares), str(scores.largest), str(scores.largest_wrong)]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    lines = [_line(head, widths), "  ".join("-" * width for width in widths)]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        f"{cell:<{width}}" if at < 2 else f"{cell:>{width}}"
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
