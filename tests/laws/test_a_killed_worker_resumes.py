"""A worker killed at any moment leaves nothing lost and nothing done twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from regard.db.pool import open_pool
from regard.eventlog.check_keyring import open_keyring
from regard.events.envelope import Event, RecordKey
from regard.events.interaction_events import InteractionStated, PartyReference
from regard.identity.match_model import default_model
from regard.kit.clock import SystemClock
from regard.pipeline.resolve_identity import Resolver
from regard.pipeline.run_projector import Projector
from tests.laws.back_end import BackEnd
from tests.laws.companies import event, person
from tests.patience import until

CUSTOMERS = 150
KILLS = 6
_STANDSTILL = 120.0


class _Poll:
    """A bell that nobody rings."""

    async def wait(self, timeout_seconds: float) -> None:
        await asyncio.sleep(min(timeout_seconds, 0.02))


async def _work(database_url: str, key_file: str) -> None:
    pool = await open_pool(database_url, max_size=2)
    async with pool.acquire() as connection:
        keyring = await open_keyring(connection, Path(key_file))
    clock = SystemClock()
    projector = Projector(pool, keyring, clock, Resolver(default_model()), batch=40, lease_seconds=0.4)
    await projector.run(_Poll(), asyncio.Event())


def _orders(customer: int, start: int) -> list[Event]:
    orders = []
    for number in range(start, start + 10):
        external_id = f"{customer}-{number}"
        body = InteractionStated(
            "orders", external_id, "order", PartyReference("people", str(customer)), "paid", 100, "EUR"
        )
        key = RecordKey("shop", "people", str(customer))
        orders.append(event("shop", customer * 1_000 + number, number, key, body))
    return orders


async def test_a_worker_killed_again_and_again_leaves_nothing_lost_or_doubled(
    back_end: BackEnd, database_url: str, tmp_path: Path
) -> None:
    history = [person("shop", 900_000 + n, 0, str(n), full_name=f"Person {n}") for n in range(CUSTOMERS)]
    history += [order for n in range(CUSTOMERS) for order in _orders(n, 0)]
    await back_end.append(history)

    for attempt in range(KILLS + 1):
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, database_url, str(tmp_path / "root.key"),
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(Path(__file__).parents[2]), *sys.path))},
        )  # fmt: skip
        try:
            progress = 1 if attempt < KILLS else len(history)
            await _wait_for(back_end, min(await _position(back_end) + progress, len(history)))
        finally:
            worker.send_signal(signal.SIGKILL)
            await worker.wait()

    async def its_sessions_have_ended() -> bool:
        return not await back_end.pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()"
        )

    async def its_lease_has_run_out() -> bool:
        return not await back_end.pool.fetchval(
            "SELECT count(*) FROM eventlog.lease WHERE expires_at >= now()"
        )

    await until(its_sessions_have_ended, "the end of the killed worker's sessions")
    await until(its_lease_has_run_out, "the end of the killed worker's lease")
    assert await _position(back_end) == len(history)
    async with back_end.pool.acquire() as connection:
        totals = await connection.fetch(
            "SELECT figures #>> '{orders,count}' AS n,"
            " figures #>> '{orders,by_currency,EUR,ordered}' AS minor FROM indicators.figures"
        )
    assert [(row["n"], row["minor"]) for row in totals] == [("10", "1000")] * CUSTOMERS
    after_kills = await back_end.digests()
    await back_end.rebuild()
    assert await back_end.digests() == after_kills


async def _wait_for(back_end: BackEnd, position: int) -> None:
    """Wait as long as it moves: how fast depends on what else the machine does."""
    reached, moved = await _position(back_end), time.monotonic()
    while reached < position:
        assert time.monotonic() - moved < _STANDSTILL, f"stands still at {reached}"
        await asyncio.sleep(0.01)
        if (now := await _position(back_end)) > reached:
            reached, moved = now, time.monotonic()


async def _position(back_end: BackEnd) -> int:
    async with back_end.pool.acquire() as connection:
        return int(
            await connection.fetchval(
                "SELECT coalesce(sum(position), 0) FROM eventlog.checkpoint WHERE consumer = 'projector'"
            )
        )


if __name__ == "__main__":
    asyncio.run(_work(*sys.argv[1:]))
