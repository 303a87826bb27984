"""Benchmark `memory`: what the programs hold after all that was measured, and after a fresh start."""

from __future__ import annotations

from benchmarks.run_installation import Installation
from benchmarks.show_table import Table
from benchmarks.watch_processes import MEBIBYTE, family, proportional_bytes, resident_bytes


def weigh_programs(place: Installation, table: Table) -> None:
    """RSS of our programs; of PostgreSQL with shared pages divided among its processes."""
    health = place.health() or {}
    customers, events = int(health.get("customers", 0)), int(health.get("events", 0))
    table.section(f"memory: {customers:,} customers, {events:,} events")
    _weigh(place, table, "after all that was measured")
    for name in ("api", "worker"):
        place.stop(name)
        place.start(name)
    seconds = place.wait_until_following()
    table.put("regard worker: from its start until it follows", seconds, "s")
    _weigh(place, table, "started afresh")


def _weigh(place: Installation, table: Table, when: str) -> None:
    total = 0.0
    for name in ("api", "worker"):
        bytes_ = resident_bytes(family(place.pid(name)))
        total += bytes_
        table.put(f"{when}: regard {name}", bytes_ / MEBIBYTE, "MiB")
    bytes_ = proportional_bytes(family(place.pid("postgres")))
    table.put(f"{when}: PostgreSQL", bytes_ / MEBIBYTE, "MiB")
    table.put(f"{when}: altogether", (total + bytes_) / MEBIBYTE, "MiB")
