"""Reads a set back: its records, its truth and its tags."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.identity.write_set import Ref

NOT_RECORDS = frozenset({"truth.csv", "tags.csv"})


@dataclass(frozen=True, slots=True)
class TaggedPair:
    """Two records that are hard to judge; ``same``: whether they are one customer."""

    tag: str
    same: bool
    left: Ref
    right: Ref


def record_files(folder: Path) -> list[Path]:
    """The CSV files that hold records."""
    return sorted(path for path in folder.glob("*.csv") if path.name not in NOT_RECORDS)


def read_map(folder: Path) -> dict[str, Any]:
    """MAP.toml."""
    return tomllib.loads((folder / "MAP.toml").read_text(encoding="utf-8"))


def read_partition(path: Path) -> dict[Ref, str]:
    """Record -> entity or customer, from a CSV of three columns: source, record, and whose it is."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        return {(source, record): whose for source, record, whose in rows}


def read_tags(folder: Path) -> list[TaggedPair]:
    """The tagged pairs; none when the set has no tags."""
    path = folder / "tags.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        return [
            TaggedPair(tag, verdict == "same", (one_source, one), (two_source, two))
            for tag, verdict, one_source, one, two_source, two in rows
        ]


def read_records(folder: Path) -> Iterator[dict[str, str]]:
    """All records of all files, file after file; a column of the file is a key."""
    for path in record_files(folder):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
