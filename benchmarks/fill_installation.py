"""Benchmark `fill`: the demo company through translation, log and projector, each measured apart."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from demo.call_api import ApiClient
from demo.import_tables import TABLES
from demo.load_company import set_up_sources

from benchmarks.append_company import AppendPlan, AppendResult
from benchmarks.run_installation import COMMAND, HOST, Installation, InstallationError
from benchmarks.show_table import Table, tell
from benchmarks.watch_processes import MEBIBYTE, cpu_seconds, folder_bytes, peak_bytes, resident_bytes
from regard.access.create_users import DEMO_PASSWORD
from regard.db.named_queries import NamedQueries
from regard.db.pool import connect

_QUERIES = NamedQueries(__package__, "benchmarks.sql")
FILLED = "benchmark-filled.json"
KEYS = "benchmark-keys.json"
_SHOW_EVERY = 10.0


def fill_installation(place: Installation, table: Table, customers: int, events_per_customer: float) -> None:
    """Fill an empty installation; afterwards its statistics are fresh and its worker and API run."""
    table.section(f"fill: {customers:,} customers, about {events_per_customer:g} events each")
    company = place.home / "company"
    tell("making up the company")
    begun = time.perf_counter()
    _generate(company, customers, events_per_customer)
    table.put("company made up", time.perf_counter() - begun, "s")
    place.start("api")
    set_up(place)
    place.begin_following()
    _import_tables(place, company, table)
    _append(place, company, table)
    project(place, table)
    _settle(place, table)
    (place.home / FILLED).write_text(
        json.dumps({"customers": customers, "events_per_customer": events_per_customer}), encoding="utf-8"
    )


def is_filled(home: Path) -> dict[str, Any] | None:
    """What a folder was filled with, if it was."""
    path = home / FILLED
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def set_up(place: Installation) -> dict[str, str]:
    """The demo company's sources; gives the ingest key of each."""
    administrator = ApiClient(HOST, place.port)
    administrator.sign_in("administrator", DEMO_PASSWORD)
    try:
        return set_up_sources(administrator, place.home / KEYS)
    finally:
        administrator.close()


def project(place: Installation, table: Table) -> None:
    """Start the worker on what waits in the log and follow it to the end."""
    waiting = next(lag for _, lag in place.follow_lag())
    if waiting == 0:
        return
    tell(f"projecting {waiting:,} events")
    cpu_before = cpu_seconds(place.pid("postgres"))
    begun = time.perf_counter()
    place.start("worker")
    samples: list[tuple[float, int]] = []
    peak, shown = 0, begun
    for at, lag in place.follow_lag(0.25 if waiting < 100_000 else 1.0):
        samples.append((at, waiting - lag))
        peak = max(peak, peak_bytes(place.pid("worker") or 0))
        if time.perf_counter() - shown > _SHOW_EVERY:
            shown = time.perf_counter()
            tell(f"  {waiting - lag:,} of {waiting:,} events, {_rate(samples[-11:]):,.0f}/s")
    seconds = time.perf_counter() - begun
    worker = cpu_seconds(place.pid("worker"))
    table.put("projected", waiting / seconds, "events/s", beside=5_000, named="goal")
    tenth = max(2, len(samples) // 10)
    table.put(
        "rate in the last tenth of the time", _rate(samples[-tenth:]), "events/s",
        beside=_rate(samples[:tenth]) or None, named="first tenth",
    )  # fmt: skip
    table.put("CPU of the worker, an event", 1e6 * worker / waiting, "µs")
    table.put(
        "CPU of PostgreSQL, an event", 1e6 * (cpu_seconds(place.pid("postgres")) - cpu_before) / waiting, "µs"
    )
    table.put("worker's memory, peak", peak / MEBIBYTE, "MiB")
    table.put("worker's memory, after", resident_bytes([place.pid("worker") or 0]) / MEBIBYTE, "MiB")
    table.put("time to project", seconds, "s")


def _rate(samples: Sequence[tuple[float, int]]) -> float:
    if len(samples) < 2 or samples[-1][0] <= samples[0][0]:
        return 0.0
    return (samples[-1][1] - samples[0][1]) / (samples[-1][0] - samples[0][0])


def _generate(company: Path, customers: int, events_per_customer: float) -> None:
    """In a process of its own, which takes its memory with it."""
    options = ["--customers", str(customers), "--events-per-customer", str(events_per_customer)]
    done = subprocess.run(
        [sys.executable, "-m", "demo.generate", *options, "--out", str(company)],
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise InstallationError("the demo company could not be made up; the message is above")


def _import_tables(place: Installation, company: Path, table: Table) -> None:
    rows = 0
    begun = time.perf_counter()
    for name, mapping in TABLES:
        path = company / "crm" / name
        file = company / f"{name}.mapping.json"
        file.write_text(
            json.dumps({key: value for key, value in mapping.items() if key != "stream"}), encoding="utf-8"
        )
        options = ["--source", "crm", "--stream", mapping["stream"], "--mapping", str(file), "--yes"]
        log = place.home / "import.log"
        with log.open("ab") as out:
            # The code 1 says that some rows went into quarantine, as some of this company's do.
            done = subprocess.run(
                [*COMMAND, "import", str(path), *options],
                env=place.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False,
            )  # fmt: skip
        if done.returncode not in (0, 1):
            raise InstallationError(f"{name} could not be imported; see {log}")
        with path.open("rb") as lines:
            rows += sum(1 for _ in lines) - 1
    table.put("CRM tables, through `regard import`", rows / (time.perf_counter() - begun), "rows/s")


def _append(place: Installation, company: Path, table: Table) -> None:
    tell("appending to the log")
    cpu_before = cpu_seconds(place.pid("postgres"))
    plan = AppendPlan(place.url, str(place.home / "root.key"), str(company))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.append_company"],
        input=msgspec.json.encode(plan),
        stdout=subprocess.PIPE,
        env=place.environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    if done.returncode != 0:
        raise InstallationError("the company could not be appended; the message is above")
    result = msgspec.json.decode(done.stdout, type=AppendResult)
    database = cpu_seconds(place.pid("postgres")) - cpu_before
    table.put("translated, on one processor", result.items / result.translating, "items/s")
    table.put("translated and appended, durable, no HTTP", result.items / result.seconds, "items/s")
    table.put("CPU of the sender, an item", 1e6 * result.cpu_seconds / result.items, "µs")
    table.put("CPU of PostgreSQL, an item", 1e6 * database / result.items, "µs")
    table.put("memory of the sender, peak", result.peak_bytes / MEBIBYTE, "MiB")
    table.say(
        "sent = accepted + duplicate + rejected",
        f"{result.items:,} = {result.accepted:,} + {result.items - result.accepted - result.rejected:,}"
        f" + {result.rejected:,}",
    )


def _settle(place: Installation, table: Table) -> None:
    """What autovacuum would do in the hours after such a filling, done now."""
    tell("vacuuming")

    async def work() -> int:
        connection = await connect(place.url)
        try:
            await connection.execute("VACUUM (ANALYZE)")
            await connection.execute("CHECKPOINT")
            return int(await connection.fetchval(_QUERIES["read_size"]))
        finally:
            await connection.close()

    begun = time.perf_counter()
    size = asyncio.run(work())
    health = place.health() or {}
    table.put("VACUUM (ANALYZE)", time.perf_counter() - begun, "s")
    events = int(health.get("events", 0))
    table.say("in it now", f"{health.get('customers', 0):,} customers, {events:,} events")
    table.put("database", size / MEBIBYTE, "MiB")
    table.put("database, an event", size / max(1, events), "bytes")
    wal = folder_bytes(place.home.joinpath("postgres").resolve() / "data" / "pg_wal")
    table.put("write-ahead log beside it", wal / MEBIBYTE, "MiB")
