"""Benchmark `repaint`: from an accepted event to the open screen that shows it, quiet and under load."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.drive_client import fresh_salt, in_background
from benchmarks.fill_installation import set_up
from benchmarks.follow_customer import Delays, follow_customer
from benchmarks.make_events import Known, interaction_bodies, known_records
from benchmarks.paint_in_browser import Paints, find_chromium, open_page, watch_paints
from benchmarks.run_installation import Installation
from benchmarks.send_requests import LoadPlan
from benchmarks.show_table import Spread, Table, tell
from benchmarks.watch_screens import WatchPlan

_LOADS = ((0.0, 0), (50.0, 50), (200.0, 200))
_LONGEST = 600.0
_GOAL_P50, _GOAL_P95 = 75.0, 300.0


def repaint_screens(place: Installation, table: Table, events: int, role: str) -> None:
    """Without a browser, then in Chromium where there is one."""
    table.section(f"repaint: {events} events one by one, derived values included")
    key = set_up(place)["shop"]
    who, *others = known_records(place, "shop", ["customers"], 1_001)
    session = place.sign_in(role)
    for rate, screens in _LOADS:
        name = f"{rate:g} events/s and {screens} open screens beside" if rate else "quiet"
        with _busy(place, key, session, others, rate, screens):
            tell(f"following a customer, {name}")
            delays = asyncio.run(follow_customer(place.port, session, key, who, events, fresh_salt()))
            _put_server_side(table, name, delays)
            if find_chromium() is not None:
                tell(f"watching Chromium, {name}")
                with open_page(place.port, session, str(who.customer_id)) as page:
                    paints = watch_paints(page, place.port, key, who, events, fresh_salt())
                _put_painted(table, name, paints)
    if find_chromium() is None:
        table.say("Chromium", "is not on this machine: nothing was painted")


@contextmanager
def _busy(
    place: Installation, key: str, session: dict[str, str], others: list[Known], rate: float, screens: int
) -> Iterator[None]:
    """Other customers' events at a steady rate, and screens open on some of them, while the block lasts."""
    if not rate:
        yield
        return
    plan = LoadPlan(
        place.port, {"Authorization": f"Bearer {key}"}, ["/api/v1/sources/shop/interactions"], 16, _LONGEST,
        method="POST", bodies=interaction_bodies(others, 1, 1_000), rate=rate, salt=fresh_salt(),
    )  # fmt: skip
    watched = [str(one.customer_id) for one in others[:screens]]
    with ExitStack() as stack:
        stack.enter_context(
            in_background("benchmarks.watch_screens", WatchPlan(place.port, session, watched))
        )
        stack.enter_context(in_background("benchmarks.send_requests", plan))
        time.sleep(3.0)
        yield


def _put_server_side(table: Table, name: str, delays: Delays) -> None:
    table.say(f"{name}: sent to accepted", Spread.of_seconds(delays.accepting).words())
    table.say(f"{name}: accepted to told", Spread.of_seconds(delays.told).words())
    table.say(f"{name}: accepted to in the view", Spread.of_seconds(delays.viewed).words())


def _put_painted(table: Table, name: str, paints: Paints) -> None:
    painted = Spread.of_seconds(paints.painted)
    table.say(f"{name}: accepted to row in the page", Spread.of_seconds(paints.changed).words())
    table.put(f"{name}: accepted to painted, p50", painted.p50, "ms", beside=_GOAL_P50, named="goal ≤")
    table.put(f"{name}: accepted to painted, p95", painted.p95, "ms", beside=_GOAL_P95, named="goal ≤")
