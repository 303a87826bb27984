"""Runs Splink on a set in a process of its own, and finds the threshold that the truth likes best."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.identity.evaluate import Scores, evaluate
from benchmarks.identity.measure_process import CHECKOUT, Cost, run_measured
from benchmarks.identity.prepare_peer import prepare
from benchmarks.identity.read_public_sets import SetMissingError
from benchmarks.identity.read_set import read_map, read_tags
from benchmarks.identity.write_set import Ref

PYTHON = "SPLINK_PYTHON"
"""Names the interpreter that has splink, when it is not the one that runs this."""
WEIGHTS = (-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 23, 26, 30)
"""Match weights (bits) among which the best threshold is sought."""
MOST_SECONDS = 7_200.0


@dataclass(frozen=True, slots=True)
class SplinkRun:
    """Splink on a set: at its configuration's threshold, and at the best of WEIGHTS chosen with the truth."""

    default: Scores
    best: Scores
    best_weight: float
    cost: Cost
    stages: dict[str, float]
    arrival: dict[str, float] | None


def has_splink() -> bool:
    """Whether there is an interpreter with splink."""
    return bool(os.environ.get(PYTHON)) or importlib.util.find_spec("splink") is not None


def settings_of(name: str) -> dict[str, Any]:
    """The settings for a set by its name."""
    tables = tomllib.loads(Path(__file__).with_name("splink_settings.toml").read_text(encoding="utf-8"))
    base = re.sub(r"(_\d+[km])?(_s\d+)?$", "", name)
    for wanted in (name, base, base.partition("_")[0], {"hubs": "customers"}.get(base, "")):
        if wanted in tables:
            found: dict[str, Any] = tables[wanted]
            return found
    message = f"splink_settings.toml has no table for {name}; add one, or leave Splink out."
    raise SetMissingError(message)


def run_splink(
    name: str, folder: Path, place: Path, truth: Mapping[Ref, str], arrivals: int = 0
) -> SplinkRun:
    """Resolve the set. ``place``: a folder for what the run writes; ``arrivals``: singles to measure."""
    if not has_splink():
        message = "The package splink is not installed; run `uv sync --group benchmarks`"
        raise SetMissingError(f"{message}, or name an interpreter that has it in {PYTHON}.")
    settings = settings_of(name)
    link_only = bool(read_map(folder).get("link_only"))
    prepare(folder, place / "records.csv")
    plan = {
        "settings": settings,
        "file": str(place / "records.csv"),
        "link_only": link_only,
        "clusters": str(place / "clusters.csv"),
        "edges": str(place / "edges.csv"),
        "report": str(place / "splink.json"),
        "arrivals": 0,
    }
    cost, report = _run(plan, place)
    tags = read_tags(folder)
    refs = {f"{source}/{record}": (source, record) for source, record in truth}
    with (place / "clusters.csv").open(encoding="utf-8", newline="") as file:
        default = {refs[record]: cluster for record, cluster in csv.reader(file)}
    edges = _read_edges(place / "edges.csv", refs)
    tried = {
        weight: evaluate(join(edges, weight), truth, tags, across_sources=link_only) for weight in WEIGHTS
    }
    best = max(WEIGHTS, key=lambda weight: tried[weight].pair_f1)
    # A run of its own: single arrivals must not count into the cost of the whole.
    arrival = _run({**plan, "arrivals": arrivals}, place)[1].get("arrival") if arrivals else None
    return SplinkRun(
        default=evaluate(default, truth, tags, across_sources=link_only),
        best=tried[best],
        best_weight=best,
        cost=cost,
        stages=report["stages"],
        arrival=arrival,
    )


def _run(plan: Mapping[str, Any], place: Path) -> tuple[Cost, dict[str, Any]]:
    path = place / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    python = os.environ.get(PYTHON) or sys.executable
    cost = run_measured(
        [python, "-m", "benchmarks.identity.splink_worker", str(path)],
        limit=MOST_SECONDS,
        environment={"PYTHONPATH": str(CHECKOUT)},
    )
    report: dict[str, Any] = json.loads(Path(plan["report"]).read_text(encoding="utf-8"))
    return cost, report


def _read_edges(path: Path, refs: Mapping[str, Ref]) -> list[tuple[float, Ref, Ref]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(float(weight), refs[one], refs[two]) for one, two, weight in csv.reader(file)]


def join(edges: list[tuple[float, Ref, Ref]], least: float) -> dict[Ref, str]:
    """The connected components over edges of at least ``least`` bits, as Splink clusters."""
    parent: dict[Ref, Ref] = {}

    def root(ref: Ref) -> Ref:
        while (above := parent.setdefault(ref, ref)) != ref:
            parent[ref] = parent[above]
            ref = above
        return ref

    for weight, one, two in edges:
        if weight >= least:
            parent[root(one)] = root(two)
    return {ref: "/".join(root(ref)) for ref in list(parent)}
