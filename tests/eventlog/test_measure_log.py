"""The lag tells the truth, before any worker has run as well."""

from __future__ import annotations

from pathlib import Path

from regard.db.pool import Pool
from regard.eventlog.measure_log import count_events, measure_lag
from regard.kit.clock import SetClock
from tests.laws.back_end import open_back_end
from tests.laws.companies import person


async def test_events_wait_until_a_worker_has_applied_them(
    pool: Pool, clock: SetClock, tmp_path: Path
) -> None:
    back_end = await open_back_end(pool, clock, tmp_path)
    await back_end.append([person("crm", n, n, str(n), full_name=f"Person {n}") for n in range(5)])
    async with pool.acquire() as connection:
        assert await count_events(connection) == 5
        waiting, seconds = await measure_lag(connection, "projector")
        assert waiting == 5
        assert seconds > 0
    await back_end.projector.catch_up()
    async with pool.acquire() as connection:
        assert await measure_lag(connection, "projector") == (0, 0.0)
