"""Benchmark `accept`: events pushed over HTTP in batches, until they are durable, and until they are seen."""

from __future__ import annotations

import time

from benchmarks.drive_client import fresh_salt, send
from benchmarks.fill_installation import set_up
from benchmarks.make_events import PER_REQUEST, batch_bodies, interaction_bodies, known_records
from benchmarks.run_installation import Installation, InstallationError
from benchmarks.send_requests import LoadPlan
from benchmarks.show_table import Spread, Table, tell
from benchmarks.watch_processes import cpu_seconds

_CONCURRENCY = 8
_PARTIES = 20_000


def accept_events(place: Installation, table: Table, seconds: float) -> None:
    """Each door with the worker stopped, then with it at work until nothing waits any more."""
    table.section(
        f"accept: batches of {PER_REQUEST} over HTTP, {_CONCURRENCY} connections, {seconds:g} s each"
    )
    keys = set_up(place)
    customers = known_records(place, "shop", ["customers"], _PARTIES)
    visitors = known_records(place, "web", ["users", "visitors"], _PARTIES)
    doors = {
        "/v1/batch": ("web", batch_bodies(visitors)),
        "/api/v1/sources/shop/interactions": ("shop", interaction_bodies(customers)),
    }
    for path, (source, bodies) in doors.items():
        plan = LoadPlan(
            place.port, {"Authorization": f"Bearer {keys[source]}"}, [path], _CONCURRENCY, seconds,
            method="POST", bodies=bodies,
        )  # fmt: skip
        place.stop("worker")
        _push(place, table, plan, durable_only=True)
        place.start("worker")
        for _ in place.follow_lag():
            pass
        _push(place, table, plan, durable_only=False)


def _push(place: Installation, table: Table, plan: LoadPlan, *, durable_only: bool) -> None:
    path = plan.paths[0]
    name = f"{path}, {'worker stopped' if durable_only else 'worker at work'}"
    tell(f"pushing to {name}")
    before = _count(place)
    web, database = cpu_seconds(place.pid("api")), cpu_seconds(place.pid("postgres"))
    worker = cpu_seconds(place.pid("worker"))
    plan.salt = fresh_salt()
    begun = time.perf_counter()
    result = send(plan)
    events = result.answered * PER_REQUEST
    table.put(f"{name}: accepted, durable", events / result.seconds, "events/s", beside=20_000, named="goal")
    if not durable_only:
        for _ in place.follow_lag(0.1):
            pass
        seconds = time.perf_counter() - begun
        table.put(
            f"{path}: all the way to the view", events / seconds, "events/s", beside=5_000, named="goal"
        )
        table.put(
            f"{path}: CPU of the worker",
            _micro(cpu_seconds(place.pid("worker")) - worker, events),
            "µs/event",
        )
    table.say(f"{path}: latency of a request", Spread.of_seconds(result.latencies).words())
    table.put(f"{path}: CPU of regard api", _micro(cpu_seconds(place.pid("api")) - web, events), "µs/event")
    table.put(
        f"{path}: CPU of PostgreSQL",
        _micro(cpu_seconds(place.pid("postgres")) - database, events),
        "µs/event",
    )
    kept = _count(place) - before
    table.put(f"{path}: in the log, of those accepted", kept, "events", beside=events, named="accepted")
    if kept < events:
        raise InstallationError(f"{events - kept:,} events were acknowledged and are not in the log")


def _count(place: Installation) -> int:
    """Events in the log; the server counts at most once a second."""
    time.sleep(1.1)
    health = place.health()
    if health is None:
        raise InstallationError(f"regard api does not answer; see {place.home / 'api.log'}")
    return int(health["events"])


def _micro(seconds: float, events: int) -> float:
    return 1e6 * seconds / max(1, events)
