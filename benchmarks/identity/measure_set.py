"""Everything that is measured of one set: ours in every order, Splink's, and what both cost."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.identity.evaluate import Scores, evaluate
from benchmarks.identity.list_sets import make_set
from benchmarks.identity.measure_process import Cost, ProgramFailedError, run_measured
from benchmarks.identity.read_public_sets import SetMissingError
from benchmarks.identity.read_set import read_map, read_partition, read_tags
from benchmarks.identity.run_regard import MOST_SECONDS, compare_orders, run_batch
from benchmarks.identity.run_splink import SplinkRun, run_splink
from benchmarks.show_table import tell

ARRIVALS_FROM = 50_000
"""Sets of so many records are large enough to say what one new record costs."""
ARRIVALS = 9


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure."""

    orders: bool = True
    stream: bool = True
    splink: bool = True


@dataclass(slots=True)
class Measured:
    """The figures of one set; what was not measured stays None or empty."""

    name: str
    records: int = 0
    regard: Scores | None = None
    cost: Cost | None = None
    differing: dict[str, int] = field(default_factory=dict)
    stream: dict[str, float] = field(default_factory=dict)
    splink: SplinkRun | None = None
    missing: str = ""
    """Why there are no figures of Splink."""

    def as_json(self) -> dict[str, Any]:
        """All figures, to be kept."""
        return asdict(self)


def measure_set(name: str, wanted: Wanted, kept: Path | None = None) -> Measured:
    """Make the set (or take it from ``kept``/name when it lies there) and measure it."""
    with tempfile.TemporaryDirectory(prefix="regard-identity-") as temporary:
        place = Path(temporary)
        folder = kept / name if kept and (kept / name / "truth.csv").exists() else place / "set"
        if folder.parent == place:
            tell(f"{name}: making the records")
            make_set(name, folder)
        return _measure(name, folder, place, wanted)


def _measure(name: str, folder: Path, place: Path, wanted: Wanted) -> Measured:
    truth, tags = read_partition(folder / "truth.csv"), read_tags(folder)
    across = bool(read_map(folder).get("link_only"))
    result = Measured(name, records=len(truth))
    tell(f"{name}: regard resolve, {len(truth):,} records")
    run = run_batch(folder, place)
    result.regard = evaluate(run.customers, truth, tags, across_sources=across)
    result.cost = run.cost
    scores = result.regard
    tell(f"  pair F1 {scores.pair_f1:.4f}, B3 F1 {scores.b3_f1:.4f}, {run.cost.cpu:.1f} CPU s")
    if wanted.orders:
        tell(f"{name}: regard resolve record by record, in five orders")
        result.differing = {order: n for order, (_, n) in compare_orders(folder, place, run).items()}
        tell(f"  {sum(result.differing.values())} records differ")
    if wanted.stream:
        tell(f"{name}: the stream in one process")
        result.stream = _measure_stream(folder, place)
    if wanted.splink:
        tell(f"{name}: Splink")
        arrivals = ARRIVALS if len(truth) >= ARRIVALS_FROM else 0
        try:
            result.splink = run_splink(name, folder, place, truth, arrivals)
        except (SetMissingError, ProgramFailedError) as problem:
            result.missing = str(problem)
            tell(f"  no figures of Splink: {problem}")
        else:
            tell(f"  pair F1 {result.splink.default.pair_f1:.4f}, best {result.splink.best.pair_f1:.4f}")
    return result


def _measure_stream(folder: Path, place: Path) -> dict[str, float]:
    report = place / "stream.json"
    run_measured(
        [sys.executable, "-m", "benchmarks.identity.stream_worker", str(folder), str(report)],
        limit=MOST_SECONDS,
    )
    found: dict[str, float] = json.loads(report.read_text(encoding="utf-8"))
    return found
