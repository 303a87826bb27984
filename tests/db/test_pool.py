"""A process gets connections in UTC, or a sentence that says which database cannot be used and what to do."""

from __future__ import annotations

import pytest

from regard.db.pool import (
    DatabaseUnreachableError,
    DatabaseUnsuitableError,
    Pool,
    connect,
    describe_address,
    open_pool,
)


async def test_times_come_back_aware_in_utc_and_json_as_text(pool: Pool) -> None:
    row = await pool.fetchrow("""SELECT timestamptz '2026-06-01 12:00+02' AS at, '{"a": 1}'::jsonb AS body""")
    assert row["at"].isoformat() == "2026-06-01T10:00:00+00:00"
    assert row["body"] == '{"a": 1}'
    assert await pool.fetchval("SHOW timezone") == "UTC"


@pytest.mark.parametrize("opener", [open_pool, connect])
async def test_a_server_that_does_not_answer_is_named_without_its_password(opener: object) -> None:
    with pytest.raises(DatabaseUnreachableError, match=r"regard@127\.0\.0\.1:1/crm cannot be used") as caught:
        await opener("postgresql://regard:s3cret@127.0.0.1:1/crm")
    assert "s3cret" not in str(caught.value)
    assert "REGARD_DATABASE_URL" in str(caught.value)


async def test_a_database_that_does_not_exist_is_named(database_url: str) -> None:
    wrong = database_url.replace("test_", "absent_")
    with pytest.raises(DatabaseUnreachableError, match=r"absent_.*does not exist"):
        await open_pool(wrong)


async def test_an_address_that_is_no_address_is_refused_with_a_sentence() -> None:
    with pytest.raises(DatabaseUnreachableError, match="REGARD_DATABASE_URL"):
        await open_pool("not an address")


async def test_a_database_that_is_not_unicode_is_refused(empty_database_url: str) -> None:
    connection = await connect(empty_database_url)
    name = "latin_" + empty_database_url.split("@/")[1].split("?", maxsplit=1)[0]
    await connection.execute(
        f"CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'"
    )
    head, _, tail = empty_database_url.partition("@/")
    try:
        with pytest.raises(DatabaseUnsuitableError, match="encoded in LATIN1; Regard needs UTF8"):
            await open_pool(f"{head}@/{name}?{tail.split('?')[1]}")
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u:p@db.example:6432/crm", "u@db.example:6432/crm"),
        ("postgresql://regard@/regard?host=/run/pg&port=5432", "regard@/run/pg/regard"),
        ("postgresql://[broken", "address (not a valid postgresql:// URL)"),
    ],
)
def test_an_address_is_described_without_secrets(url: str, said: str) -> None:
    assert describe_address(url) == said
