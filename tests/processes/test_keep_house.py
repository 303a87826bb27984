"""What is of no use any more goes away by itself; what is still needed stays."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.patience import PATIENCE, until

from regard.db.pool import Pool
from regard.kit.clock import SetClock
from regard.processes.keep_house import Housekeeper


async def sweep(pool: Pool, clock: SetClock) -> None:
    await Housekeeper(pool, clock, batch=7, kept_changes=20).sweep(asyncio.Event())


async def test_only_the_newest_part_of_the_change_feed_is_kept(pool: Pool, clock: SetClock) -> None:
    await pool.execute(
        "INSERT INTO pipeline.change_feed"
        " SELECT n, gen_random_uuid(), ARRAY['record'], now() FROM generate_series(1, 100) AS n"
    )
    await pool.execute("UPDATE pipeline.feed_head SET position = 100")
    await sweep(pool, clock)
    rows = await pool.fetch("SELECT position FROM pipeline.change_feed ORDER BY position")
    assert [row["position"] for row in rows] == list(range(81, 101))


async def test_groups_are_forgotten_after_a_day(pool: Pool, clock: SetClock) -> None:
    now = clock.now()
    times = [now - timedelta(hours=25)] * 15 + [now - timedelta(hours=23)] * 2
    await pool.execute(
        "INSERT INTO intake.written_group SELECT gen_random_uuid(), at FROM unnest($1::timestamptz[]) AS at",
        times,
    )
    await sweep(pool, clock)
    assert await pool.fetchval("SELECT count(*) FROM intake.written_group") == 2


async def test_records_that_an_older_version_wrote_are_counted_at_once_and_again_an_hour_later(
    pool: Pool, clock: SetClock
) -> None:
    await pool.execute(
        "INSERT INTO sources.source (slug, title, connector, created_at) VALUES ('crm', 'CRM', 'x', now())"
    )
    await pool.execute("INSERT INTO intake.stream (source, stream) VALUES ('crm', 'people')")

    async def write(count: int) -> None:
        await pool.execute(
            "INSERT INTO intake.raw_head"
            " (object_id, source, stream, external_id, digest, received_at, revision, mapping, seen_at)"
            " SELECT gen_random_uuid(), 'crm', 'people', '', '', now(), 1, 1, now()"
            " FROM generate_series(1, $1)",
            count,
        )

    told = []
    for minutes in (0, 10, 60, 60):
        await write(3)
        clock.advance(timedelta(minutes=minutes))
        await sweep(pool, clock)
        told.append(await pool.fetchval("SELECT there FROM intake.stream"))
    assert told == [3, 3, 9, 9]  # from then on whoever writes a record keeps the number


async def test_the_housekeeper_sweeps_at_its_start_and_ends_when_told(pool: Pool, clock: SetClock) -> None:
    old = clock.now() - timedelta(days=2)
    await pool.execute("INSERT INTO intake.written_group VALUES (gen_random_uuid(), $1)", old)
    stop = asyncio.Event()
    task = asyncio.create_task(Housekeeper(pool, clock).run(stop))

    async def all_is_swept() -> bool:
        return not await pool.fetchval("SELECT count(*) FROM intake.written_group")

    await until(all_is_swept)
    stop.set()
    await asyncio.wait_for(task, PATIENCE)
