"""Benchmark `import`: a generated CSV through `regard import`, dry and real, and again."""

from __future__ import annotations

import csv
import random
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from demo.pools.describe_locale import read_locale

from benchmarks.run_installation import COMMAND, Installation, InstallationError
from benchmarks.show_table import Table, tell
from benchmarks.watch_processes import MEBIBYTE, cpu_seconds, peak_bytes

_HEADER = (
    "Customer ID", "Given name", "Family name", "E-Mail", "Phone", "Street", "Postal code", "City", "Country",
    "Last modified",
)  # fmt: skip
_LONGEST = 3_600.0


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the program took."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def import_rows(place: Installation, table: Table, rows: int) -> None:
    """Into an empty installation, so that the figures do not depend on what was measured before."""
    path = place.home / "customers.csv"
    write_customers(path, rows)
    size = path.stat().st_size
    table.section(f"import: {rows:,} rows of {len(_HEADER)} columns, {size / MEBIBYTE:.0f} MiB")
    place.begin_following()
    one = place.home / "one.csv"
    write_customers(one, 1)
    table.put("start of the program, with one row", _import(place, one, ["--dry-run"]).seconds, "s")
    dry = _import(place, path, ["--dry-run"])
    _put(table, "dry run", dry, rows)
    real = _import(place, path, ["--yes"])
    _put(table, "stored, durable", real, rows)
    again = _import(place, path, ["--yes"])
    _put(table, "the same file again, unchanged", again, rows)
    table.put("stored beside dry", rows / real.seconds, "rows/s", beside=rows / dry.seconds, named="dry run")
    place.start("api")
    place.start("worker")
    tell("projecting the imported rows")
    begun = time.perf_counter()
    for _ in place.follow_lag(0.25):
        pass
    seconds = time.perf_counter() - begun
    table.put(
        "projected afterwards, the worker's start included",
        rows / seconds,
        "rows/s",
        beside=5_000,
        named="goal",
    )
    table.put("read, stored and seen", rows / (real.seconds + seconds), "rows/s")


def write_customers(path: Path, rows: int) -> None:
    """A CSV of made-up persons, about one in ten of whom is there twice under another id."""
    dice = random.Random(rows)
    locale = read_locale("DE")
    person: list[str] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for number in range(rows):
            if not person or dice.random() >= 0.1:
                given = dice.choice((*locale.given_female, *locale.given_male))
                family = dice.choice(locale.families)
                person = [
                    given, family, f"{given}.{family}.{number}@example.com".lower().replace(" ", ""),
                    f"+49 30 {dice.randrange(10**7, 10**8)}", f"Lindenstraße {dice.randrange(1, 200)}",
                    f"{dice.randrange(10_000, 99_999)}", dice.choice(("Berlin", "Köln", "Ulm")), "DE",
                ]  # fmt: skip
            writer.writerow(
                (f"K{number:07d}", *person, f"2026-0{dice.randrange(1, 10)}-1{dice.randrange(10)}")
            )


def _import(place: Installation, path: Path, options: list[str]) -> Run:
    tell(f"regard import {' '.join(options)}")
    command = [*COMMAND, "import", str(path), "--source", "files", "--stream", "customers"]
    log = place.home / "import.log"
    with log.open("ab") as out:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--create-source", "Files", *options],
            env=place.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
        peak, cpu = 0, 0.0
        try:
            while process.poll() is None:
                peak, cpu = max(peak, peak_bytes(process.pid)), max(cpu, cpu_seconds(process.pid))
                if time.perf_counter() - begun > _LONGEST:
                    raise InstallationError(f"the import takes more than {_LONGEST:g} s; see {log}")
                time.sleep(0.02)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode != 0:
        raise InstallationError(f"the import ended with {process.returncode}; see {log}")
    return Run(time.perf_counter() - begun, cpu, peak)


def _put(table: Table, name: str, run: Run, rows: int) -> None:
    table.put(f"{name}", rows / run.seconds, "rows/s")
    table.put(f"{name}: CPU of the program", 1e6 * run.cpu_seconds / rows, "µs/row")
    table.put(f"{name}: memory, peak", run.peak_bytes / MEBIBYTE, "MiB")
