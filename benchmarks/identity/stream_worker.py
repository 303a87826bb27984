"""The engine in one process: `python -m benchmarks.identity.stream_worker FOLDER REPORT.json`.

A model is learnt from all records, then they arrive anew in micro-batches, normalising included; then single
copies of records arrive one by one. CPU seconds; reading the files and learning are not counted.
"""

from __future__ import annotations

import contextlib
import gc
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from benchmarks.identity.read_set import record_files
from benchmarks.show_table import at_share
from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord
from regard.identity.resolve_records import RecordResolver
from regard.processes.resolve.gather_records import RecordGatherer
from regard.processes.resolve.open_rows import InputFile, open_rows
from regard.processes.resolve.read_field_map import read_field_map

MICRO_BATCH = 128
SINGLES = 1_000
_NEW = 1 << 100


def gather(folder: Path) -> list[IdentityRecord]:
    """The records of a set, as `regard resolve` reads them."""
    field_map = read_field_map(folder / "MAP.toml")
    with contextlib.ExitStack() as stack:
        files = []
        for path in record_files(folder):
            rows = open_rows(path)
            stack.callback(rows.close)
            files.append(InputFile(path, rows, field_map.source_of(path), path.stat().st_size))
        return list(RecordGatherer(field_map, lambda done, total: None).records(files))


def batches(records: list[IdentityRecord]) -> Iterator[list[IdentityRecord]]:
    """Micro-batches in the order of arrival."""
    for at in range(0, len(records), MICRO_BATCH):
        yield records[at : at + MICRO_BATCH]


def measure(records: list[IdentityRecord]) -> dict[str, float]:
    """Rate of the stream in records a CPU second, and CPU seconds of single arrivals (median, 99 %)."""
    resolver = RecordResolver("batch")
    for record in records:
        resolver.add(record)
    model = resolver.resolve().model
    del resolver
    gc.collect()
    index = IdentityIndex(model)
    begun = time.process_time()
    for some in batches(records):
        index.apply(some, (), (), ())
    spent = time.process_time() - begun
    singles = []
    for position, record in enumerate(records[:: max(1, len(records) // SINGLES)]):
        new = replace(record, record_id=UUID(int=_NEW + position), external_id=f"new {position}")
        before = time.process_time()
        index.apply([new], (), (), ())
        singles.append(time.process_time() - before)
    singles.sort()
    return {
        "rate": len(records) / max(spent, 1e-9),
        "single": at_share(singles, 0.5),
        "single p99": at_share(singles, 0.99),
        "single mean": sum(singles) / max(1, len(singles)),
    }


def main() -> int:
    """Measure the set in the folder and write the report."""
    folder, report = map(Path, sys.argv[1:3])
    report.write_text(json.dumps(measure(gather(folder))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
