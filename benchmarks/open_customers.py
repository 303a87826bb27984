"""Benchmark `open`: the view of random customers over HTTP, beside its statement under bare pgbench."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from benchmarks.drive_client import fresh_salt, send
from benchmarks.run_installation import Installation, InstallationError
from benchmarks.run_pgbench import PgbenchResult, run_pgbench, write_script
from benchmarks.send_requests import LoadPlan, LoadResult
from benchmarks.show_table import Spread, Table, middle, tell
from benchmarks.watch_processes import cpu_seconds
from regard.access.load_roles import shipped_roles
from regard.db.named_queries import NamedQueries
from regard.db.pool import connect
from regard.views.compose_timeline import PAGE
from regard.views.plan_desktop import plan_desktop

CONCURRENCIES = (1, 8, 32)
RATE = 500.0
_SAMPLE = 20_000
_QUERIES = NamedQueries(__package__, "benchmarks.sql")
_SAMPLE_ONE = "(SELECT id FROM benchmark.sample WHERE at = :at)"


@dataclass(slots=True)
class Side:
    """What one side cost, round by round: views a second, and CPU milliseconds a view."""

    rates: list[float] = field(default_factory=list)
    spreads: list[Spread] = field(default_factory=list)
    own_cpu: list[float] = field(default_factory=list)
    database_cpu: list[float] = field(default_factory=list)
    body_bytes: float = 0.0

    def add(self, rate: float, spread: Spread, own_cpu: float, database_cpu: float) -> None:
        """One round."""
        self.rates.append(rate)
        self.spreads.append(spread)
        self.own_cpu.append(1000 * own_cpu / spread.count)
        self.database_cpu.append(1000 * database_cpu / spread.count)

    @property
    def spread(self) -> Spread:
        """The percentiles of the round with the middle p95."""
        return sorted(self.spreads, key=lambda one: one.p95)[len(self.spreads) // 2]

    @property
    def cpu(self) -> list[float]:
        """Both parts together."""
        return [own + database for own, database in zip(self.own_cpu, self.database_cpu, strict=True)]


class ViewBench:
    """Opens customers of one installation in one role."""

    def __init__(self, place: Installation, role: str, seconds: float) -> None:
        self._place = place
        self._role = role
        self._seconds = seconds
        self._paths: list[str] = []
        self._sample = 0
        self._headers: dict[str, str] = {}

    def prepare(self) -> None:
        """Choose the customers, sign in, warm up."""
        ids = asyncio.run(self._choose())
        if not ids:
            raise InstallationError("there are no customers to open")
        self._sample = len(ids)
        self._paths = [f"/api/v1/customers/{one}" for one in ids]
        self._headers = self._place.sign_in(self._role)
        send(self._plan(8, min(3.0, self._seconds)))

    def close(self) -> None:
        """Remove what pgbench needed."""
        asyncio.run(self._drop())

    def over_http(self, concurrency: int, rate: float | None = None) -> tuple[LoadResult, float, float]:
        """Result, CPU of the web server, CPU of PostgreSQL."""
        web, database = cpu_seconds(self._place.pid("api")), cpu_seconds(self._place.pid("postgres"))
        result = send(self._plan(concurrency, self._seconds, rate))
        return (
            result,
            cpu_seconds(self._place.pid("api")) - web,
            cpu_seconds(self._place.pid("postgres")) - database,
        )

    def under_pgbench(self, clients: int) -> tuple[PgbenchResult, float]:
        """Result, CPU of PostgreSQL."""
        plan = plan_desktop(shipped_roles()[self._role])
        assert plan is not None
        since = datetime.now(UTC) - timedelta(days=30)
        variables = {
            "v2": _array(plan.types), "v3": _array(plan.filter_types), "v4": str(plan.entries_per_type),
            "v5": str(PAGE), "v6": str("changes" in plan.needs).lower(),
            "v7": str("accesses" in plan.needs).lower(), "v8": since.isoformat(),
        }  # fmt: skip
        statement = NamedQueries("regard.views", "views.sql")["open_customer"]
        script = f"\\set at random(1, {self._sample})\n" + write_script(statement, _SAMPLE_ONE)
        database = cpu_seconds(self._place.pid("postgres"))
        result = run_pgbench(self._place.database, script, variables, clients, self._seconds)
        return result, cpu_seconds(self._place.pid("postgres")) - database

    def _plan(self, concurrency: int, seconds: float, rate: float | None = None) -> LoadPlan:
        return LoadPlan(
            self._place.port, self._headers, self._paths, concurrency, seconds, rate=rate, salt=fresh_salt()
        )

    async def _choose(self) -> Sequence[UUID]:
        connection = await connect(self._place.url)
        try:
            await connection.execute(_QUERIES["drop_sample"])
            await connection.execute(_QUERIES["make_sample"])
            await connection.execute(_QUERIES["fill_sample"], _SAMPLE)
            await connection.execute("ANALYZE benchmark.sample")
            return [row["id"] for row in await connection.fetch(_QUERIES["read_sample"])]
        finally:
            await connection.close()

    async def _drop(self) -> None:
        connection = await connect(self._place.url)
        try:
            await connection.execute(_QUERIES["drop_sample"])
        finally:
            await connection.close()


def open_customers(place: Installation, table: Table, *, role: str, seconds: float, rounds: int) -> Spread:
    """All concurrencies, each beside pgbench in turn, then a steady rate; gives the latter's percentiles."""
    table.section(f"open a customer as {role}: policy and audit on, {rounds} rounds of {seconds:g} s")
    bench = ViewBench(place, role, seconds)
    bench.prepare()
    try:
        for concurrency in CONCURRENCIES:
            _compare(bench, table, concurrency, rounds)
        return _steady(bench, table)
    finally:
        bench.close()


def _compare(bench: ViewBench, table: Table, concurrency: int, rounds: int) -> None:
    ours, bare = Side(), Side()
    for turn in range(rounds):
        tell(f"opening customers, {concurrency} at once, round {turn + 1}")
        plain, plain_database = bench.under_pgbench(concurrency)
        bare.add(plain.rate, plain.latency, plain.cpu_seconds, plain_database)
        result, web, database = bench.over_http(concurrency)
        ours.add(result.answered / result.seconds, Spread.of_seconds(result.latencies), web, database)
        ours.body_bytes = result.body_bytes / result.answered
    name = f"{concurrency} at once"
    table.say(f"{name}: latency", ours.spread.words(), f"pgbench {bare.spread.words()}")
    table.put(
        f"{name}: views", middle(ours.rates), "views/s", beside=middle(bare.rates), named="same SQL, pgbench"
    )
    table.put(f"{name}: CPU of PostgreSQL", middle(ours.database_cpu), "ms/view",
              beside=middle(bare.database_cpu), named="pgbench")  # fmt: skip
    table.put(f"{name}: CPU of regard api", middle(ours.own_cpu), "ms/view",
              beside=middle(bare.own_cpu), named="pgbench itself")  # fmt: skip
    table.put(f"{name}: CPU altogether (goal ratio ≤ 2)", middle(ours.cpu), "ms/view",
              beside=middle(bare.cpu), named="pgbench")  # fmt: skip
    if concurrency == CONCURRENCIES[-1]:
        table.put("views (goal ≥ 1,500)", max(middle(ours.rates), 0), "views/s", beside=1_500, named="goal")
        table.put("size of a view", ours.body_bytes / 1024, "kB")


def _steady(bench: ViewBench, table: Table) -> Spread:
    tell(f"opening customers, {RATE:g} a second")
    result, _, _ = bench.over_http(64, RATE)
    spread = Spread.of_seconds(result.latencies)
    name = f"{RATE:g} a second"
    table.put(f"{name}: answered", result.answered / result.seconds, "views/s", beside=RATE, named="due")
    table.put(f"{name}: p50", spread.p50, "ms")
    table.put(f"{name}: p95", spread.p95, "ms", beside=10, named="goal ≤")
    table.put(f"{name}: p99", spread.p99, "ms", beside=30, named="goal ≤")
    return spread


def _array(items: Sequence[str]) -> str:
    return "{" + ",".join(items) + "}"
