"""The report of a resolution: as JSON with everything in it, and as a few lines for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import msgspec
import numpy as np

from regard.identity.match_model import MatchModel, default_model
from regard.identity.resolve_records import Resolution
from regard.processes.resolve.gather_records import RowsAccount
from regard.processes.resolve.measure_stages import StageSeconds
from regard.processes.show_safely import shown

REPORT_VERSION = 1
_MEGABYTE = 1_000_000
_FEW = 5


@dataclass(slots=True)
class ResolutionReport:
    """Everything there is to say about one run."""

    mode: str
    shuffle: int | None
    files: Sequence[str]
    account: RowsAccount
    notes: Sequence[str]
    seconds: Mapping[str, StageSeconds] = field(default_factory=dict)
    peak_memory: int = 0
    equal_rows: int = 0
    joined_ids: int = 0
    sizes: Mapping[int, int] = field(default_factory=dict)
    resolution: Resolution | None = None
    model_given: bool = False

    @property
    def rows_written(self) -> int:
        """Rows that have a customer."""
        return sum(size * customers for size, customers in self.sizes.items())

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return sum(self.sizes.values())


def report_as_json(report: ResolutionReport) -> bytes:
    """The report, indented, with a newline at its end. No value of any row is in it."""
    account, resolution = report.account, report.resolution
    body: dict[str, Any] = {
        "report": REPORT_VERSION,
        "mode": report.mode,
        "shuffle": report.shuffle,
        "files": report.files,
        "seconds": {
            stage: {"cpu": round(spent.cpu, 3), "wall": round(spent.wall, 3)}
            for stage, spent in {**report.seconds, "total": _total(report)}.items()
        },
        "engine_cpu_seconds": resolution.stages if resolution else {},
        "peak_memory_bytes": report.peak_memory,
        "counts": _counts(report),
        "cluster_sizes": {str(size): customers for size, customers in report.sizes.items()},
        "model": describe_model(resolution.model, given=report.model_given) if resolution else None,
        "left_out": {
            "by_reason": dict(account.reasons),
            "first": [
                {"file": file, "row": number, "reason": code, "problem": _without_values(problem)}
                for file, number, code, problem in account.left_out
            ],
        },
        "warnings": [*warnings_of(report), *report.notes],
    }
    return msgspec.json.format(msgspec.json.encode(body, enc_hook=_plain), indent=2) + b"\n"


def describe_model(model: MatchModel, *, given: bool = False) -> dict[str, Any]:
    """A model with all its weights, and where it is from: given, shipped, or learnt here."""
    how = "on these records"
    if given:
        how = "before"
    elif model == default_model():
        how = "shipped"
    return {"version": model.version, "trained": how, "weights": _plain(_without_frequencies(model))}


def _without_frequencies(model: MatchModel) -> MatchModel:
    """The model without its tables of common values: the report holds no value of any row."""
    return replace(
        model,
        person=replace(model.person, frequencies={}),
        organisation=replace(model.organisation, frequencies={}),
    )


def warnings_of(report: ResolutionReport) -> list[str]:
    """What a person should know before trusting the result."""
    account = report.account
    told = []
    if report.equal_rows:
        told.append(
            f"{report.equal_rows:,} rows repeat another row, id and all; they have its customer."
        )
    if report.joined_ids:
        told.append(f"{report.joined_ids:,} ids stand on rows that differ; they were joined as the map says.")
    if account.without_values:
        told.append(
            f"{account.without_values:,} rows have no value in any column of the map;"
            " each is a customer of its own."
        )
    if account.without_source:
        told.append(f"{account.without_source:,} rows have no source; the file's name is taken.")
    told += [
        f"{file}: the column “{column}” is empty in every row." for file, column in account.empty_columns
    ]
    told += [f"{file} has a header and no rows." for file in account.files_without_rows]
    told += [
        f"{file}: {found}; correct its type in the map, or `ignore` it."
        for file, found in account.unlike_columns
    ]
    told += [
        f"{file}: {found}; that is little evidence that two rows are one, or none."
        for file, found in account.shared_values
    ]
    hubs = report.resolution.counts.get("hubs", 0) if report.resolution else 0
    if hubs:
        told.append(f"{hubs:,} values or keys are shared by too many rows to be evidence that two are one.")
    return told


def summary_lines(report: ResolutionReport) -> list[str]:
    """The report for a person at the terminal."""
    account, total = report.account, _total(report)
    in_groups = sum(size * customers for size, customers in report.sizes.items() if size > 1)
    memory = report.peak_memory / _MEGABYTE
    rows, are = _counted(report.rows_written, "row"), "is" if report.rows_written == 1 else "are"
    first = f"{rows} {are} {_counted(report.customers, 'customer')};"
    if in_groups:
        first += f" {in_groups:,} rows belong to customers of several,"
        first += f" the largest has {max(report.sizes, default=0):,}."
    else:
        first += " no customer has several."
    lines = [first, f"{total.wall:,.1f} s, {total.cpu:,.1f} s of CPU, {memory:,.0f} MB of memory."]
    if report.resolution and report.resolution.held_back:
        lines.append(f"{report.resolution.held_back:,} were left apart because it was not clear.")
    if account.reasons:
        reasons = ", ".join(f"{count:,} × {code}" for code, count in account.reasons.most_common(_FEW))
        out = account.reasons.total()
        were = "was" if out == 1 else "were"
        lines.append(f"{_counted(out, 'row')} {were} left out: {reasons}. The first of them:")
        lines += [
            f"  {file}, row {number}: {problem}" for file, number, _, problem in account.left_out[:_FEW]
        ]
    lines += [f"Note: {note}" for note in (*warnings_of(report), *report.notes)]
    return [shown(line) for line in lines]


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _counts(report: ResolutionReport) -> dict[str, int]:
    resolution = report.resolution
    return {
        **(resolution.counts if resolution else {}),
        "rows": report.account.rows,
        "rows_left_out": report.account.reasons.total(),
        "rows_written": report.rows_written,
        "rows_without_values": report.account.without_values,
        "equal_rows": report.equal_rows,
        "joined_ids": report.joined_ids,
        "customers": report.customers,
        "merged": report.rows_written - report.customers,
        "held_back": resolution.held_back if resolution else 0,
    }


def _total(report: ResolutionReport) -> StageSeconds:
    parts = report.seconds.values()
    return StageSeconds(sum(part.cpu for part in parts), sum(part.wall for part in parts))


def _without_values(problem: str) -> str:
    """A problem without what it quotes from the row."""
    before, quoted, rest = problem.partition("“")
    return f"{before}“…”{rest.partition('”')[2]}" if quoted else problem


def _plain(value: object) -> object:
    """Dataclasses, named tuples, mappings and sets as what JSON knows, all the way down."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
