"""A bell wakes who waits; when nobody rings, or the line is cut, work goes on all the same."""

from __future__ import annotations

import asyncio

from regard.db.notify import Bell, ring
from regard.db.pool import Pool

LONG = 60.0


async def test_a_ring_wakes_at_its_commit_and_many_rings_count_as_one(database_url: str, pool: Pool) -> None:
    async with Bell(database_url, "log", poll_seconds=LONG) as bell:
        await bell.wait_until_listening()
        assert await bell.wait()  # a new line always says: look once
        waiting = asyncio.create_task(bell.wait())
        async with pool.acquire() as connection, connection.transaction():
            await ring(connection, "log")
            await ring(connection, "log")
            assert not waiting.done()
        assert await waiting


async def test_without_a_ring_it_is_time_for_a_look_after_the_poll_interval(database_url: str) -> None:
    async with Bell(database_url, "log", poll_seconds=0.01) as bell:
        await bell.wait_until_listening()
        assert await bell.wait()
        assert not await bell.wait()


async def test_a_cut_line_is_opened_again_and_rings_by_itself(database_url: str, pool: Pool) -> None:
    async with Bell(database_url, "log", poll_seconds=LONG) as bell:
        await bell.wait_until_listening()
        assert await bell.wait()
        cut = await pool.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = 'regard bell log' AND datname = current_database()"
        )
        assert cut == 1
        assert await bell.wait()
        await bell.wait_until_listening()
        await ring(pool, "log")
        assert await bell.wait()


async def test_a_bell_without_a_database_still_lets_work_go_on() -> None:
    async with Bell("postgresql://regard@127.0.0.1:1/nowhere", "log", poll_seconds=0.01) as bell:
        assert not await bell.wait()
