"""A database is brought up to date once, in order, by one program at a time, or refused with a reason."""

from __future__ import annotations

import asyncio

import pytest
from tests.patience import PATIENCE, until

from regard.db.migrate import (
    Migration,
    MigrationBlockedError,
    MigrationError,
    migrate,
    order_migrations,
    read_migrations,
)
from regard.db.pool import connect, open_pool

FIRST = Migration(1, "0001_pre_one.sql", "CREATE TABLE one (a int);\nINSERT INTO one VALUES (1);")
SECOND = Migration(2, "0002_pre_two.sql", "INSERT INTO one VALUES (2);")
BUILDING = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND state = 'active' AND query LIKE '%INDEX CONCURRENTLY%'"
)


async def test_every_file_is_applied_once_and_in_order(empty_database_url: str) -> None:
    pool = await open_pool(empty_database_url)
    assert await migrate(pool, [FIRST]) == [FIRST.name]
    assert await migrate(pool, [FIRST, SECOND]) == [SECOND.name]
    assert await migrate(pool, [FIRST, SECOND]) == []
    assert await pool.fetchval("SELECT array_agg(a ORDER BY a) FROM one") == [1, 2]
    await pool.close()


async def test_programs_that_migrate_at_the_same_time_apply_each_file_once(empty_database_url: str) -> None:
    pools = [await open_pool(empty_database_url) for _ in range(4)]
    applied = await asyncio.gather(*(migrate(pool, [FIRST, SECOND]) for pool in pools))
    assert sorted(name for names in applied for name in names) == [FIRST.name, SECOND.name]
    assert await pools[0].fetchval("SELECT count(*) FROM one") == 2
    for pool in pools:
        await pool.close()


async def test_an_index_of_a_large_table_is_built_while_others_write_and_wait_for_their_turn(
    empty_database_url: str,
) -> None:
    pools = [await open_pool(empty_database_url, max_size=2) for _ in range(3)]
    other = await open_pool(empty_database_url, max_size=2)
    index = Migration(2, "0002_pre_index.sql", "-- Why.\nCREATE INDEX CONCURRENTLY by_a ON public.one (a);\n")
    third = Migration(3, "0003_pre_three.sql", "INSERT INTO one VALUES (3);")
    await migrate(pools[0], [FIRST])
    # A try that broke off left half an index under the same name.
    await pools[0].execute("CREATE INDEX by_a ON one ((a + 1))")
    async with other.acquire() as writer, writer.transaction():
        await writer.execute("INSERT INTO one VALUES (7)")
        tasks = [asyncio.create_task(migrate(pool, [FIRST, index, third])) for pool in pools]

        async def it_is_being_built() -> bool:
            return bool(await other.fetch(BUILDING))

        await until(it_is_being_built)
        await asyncio.wait_for(other.execute("INSERT INTO one VALUES (8)"), PATIENCE)
    applied = await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    assert sorted(name for names in applied for name in names) == [index.name, third.name]
    made = await pools[0].fetchval(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indisvalid AND indexrelid = 'by_a'::regclass"
    )
    assert made.endswith("(a)")
    for pool in (*pools, other):
        await pool.close()


async def test_a_file_changed_after_it_was_applied_is_refused(empty_database_url: str) -> None:
    pool = await open_pool(empty_database_url)
    await migrate(pool, [FIRST])
    changed = Migration(1, FIRST.name, FIRST.sql + "\n-- changed")
    with pytest.raises(MigrationError, match=r"0001_pre_one\.sql is not the text that was applied"):
        await migrate(pool, [changed, SECOND])
    assert await pool.fetchval("SELECT count(*) FROM one") == 1
    await pool.close()


async def test_a_database_of_a_newer_version_is_left_alone(empty_database_url: str) -> None:
    pool = await open_pool(empty_database_url)
    await migrate(pool, [FIRST, SECOND])
    with pytest.raises(
        MigrationError, match=r"0002_pre_two\.sql, which this version of Regard does not know"
    ):
        await migrate(pool, [FIRST])
    await pool.close()


async def test_a_failing_file_is_named_with_its_line_and_leaves_nothing_behind(
    empty_database_url: str,
) -> None:
    pool = await open_pool(empty_database_url)
    broken = Migration(1, "0001_pre_broken.sql", "CREATE TABLE half (a int);\nSELECT nonsense;")
    with pytest.raises(MigrationError, match=r"0001_pre_broken\.sql, line 2, failed: .*nonsense"):
        await migrate(pool, [broken])
    assert await pool.fetchval("SELECT to_regclass('half')") is None
    assert await migrate(pool, [FIRST]) == [FIRST.name]
    await pool.close()


async def test_a_table_locked_by_another_program_is_waited_for_and_then_reported(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regard.db.migrate._TRIES_FOR_LOCK", 1)
    pool = await open_pool(empty_database_url)
    await migrate(pool, [FIRST])
    other = await connect(empty_database_url)
    blocked = Migration(2, "0002_pre_blocked.sql", "SET LOCAL lock_timeout = 50; ALTER TABLE one ADD b int;")
    async with other.transaction():
        await other.execute("LOCK TABLE one")
        with pytest.raises(
            MigrationBlockedError, match=r"0002_pre_blocked\.sql could not get its table locks"
        ):
            await migrate(pool, [FIRST, blocked])
    assert await migrate(pool, [FIRST, blocked]) == [blocked.name]
    await other.close()
    await pool.close()


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["1_pre_a.sql"], "call it NNNN_pre_what"),
        (["0001_a.sql"], "call it NNNN_pre_what"),
        (["0001_pre_a.sql", "0001_post_b.sql"], "same number"),
    ],
)
def test_badly_named_files_are_refused(names: list[str], complaint: str) -> None:
    with pytest.raises(MigrationError, match=complaint):
        order_migrations([(name, "SELECT 1") for name in names])


def test_line_endings_of_a_checkout_do_not_count_as_a_change() -> None:
    assert (
        Migration(1, "0001_pre_a.sql", "a\r\nb").checksum == Migration(1, "0001_pre_a.sql", "a\nb").checksum
    )


def test_our_own_files_are_numbered_without_gaps() -> None:
    assert [migration.number for migration in read_migrations()] == list(range(1, len(read_migrations()) + 1))


async def test_our_own_files_apply_to_an_empty_database(empty_database_url: str) -> None:
    pool = await open_pool(empty_database_url)
    assert await migrate(pool) == [migration.name for migration in read_migrations()]
    assert await migrate(pool) == []
    await pool.close()
