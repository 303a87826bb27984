"""Runs `regard resolve` on a set: all together, one after the other, backwards and in drawn orders."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.identity.evaluate import differing
from benchmarks.identity.measure_process import Cost, run_measured
from benchmarks.identity.read_set import read_partition, record_files
from benchmarks.identity.write_set import Ref

Partition = dict[Ref, str]
MOST_SECONDS = 3_600.0
ORDERS = ("stream", "reversed", "shuffled 1", "shuffled 2", "shuffled 3")


@dataclass(frozen=True, slots=True)
class RegardRun:
    """One run: its customers and what it cost."""

    customers: Partition
    cost: Cost


def run_batch(folder: Path, place: Path) -> RegardRun:
    """All records together. ``place``: a folder for what the run writes."""
    return _resolve(record_files(folder), folder, place, ["--mode", "batch"])


def run_order(folder: Path, place: Path, order: str) -> RegardRun:
    """One record after the other, in one of ORDERS."""
    options = ["--mode", "stream"]
    if order == "reversed":
        with _backwards(folder, place) as files:
            return _resolve(files, folder, place, options)
    if order.startswith("shuffled"):
        options += ["--shuffle", order.rpartition(" ")[2]]
    return _resolve(record_files(folder), folder, place, options)


def compare_orders(folder: Path, place: Path, batch: RegardRun) -> dict[str, tuple[RegardRun, int]]:
    """Each order's run, and how many of its records end with other companions than in the batch."""
    found = {}
    for order in ORDERS:
        run = run_order(folder, place, order)
        found[order] = (run, differing(batch.customers, run.customers))
    return found


def _resolve(files: list[Path], folder: Path, place: Path, options: list[str]) -> RegardRun:
    out = place / "customers.csv"
    out.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "regard.processes.choose_program", "resolve", *map(str, files),
        "--fields", str(folder / "MAP.toml"), "--out", str(out), *options,
    ]  # fmt: skip
    cost = run_measured(command, limit=MOST_SECONDS)
    return RegardRun(read_partition(out), cost)


@contextmanager
def _backwards(folder: Path, place: Path) -> Iterator[list[Path]]:
    """The files of a set from the last line to the first, the last file first."""
    turned = place / "backwards"
    turned.mkdir(exist_ok=True)
    made = []
    for path in reversed(record_files(folder)):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        copy = turned / path.name
        with copy.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *reversed(rows)])
        made.append(copy)
    try:
        yield made
    finally:
        for path in made:
            path.unlink()
        turned.rmdir()
