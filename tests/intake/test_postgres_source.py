"""A shop's PostgreSQL becomes customers in Regard, and Regard may be killed at any moment."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from regard.connectors.connector_catalogue import find_connector
from regard.connectors.mapping.propose_stream_mapping import propose_stream_mapping
from regard.db.pool import Pool
from regard.events.raw_events import RawReceived
from regard.intake.keep_connections import Connected, save_connection
from regard.intake.keep_stream_mappings import save_mapping
from regard.intake.read_raw_bodies import read_raw_bodies
from regard.kit.clock import SetClock
from regard.sources.manage_sources import Source, create_source
from tests.intake.read_whole_log import read_log
from tests.laws.back_end import BackEnd, open_back_end
from tests.patience import until
from tests.source_postgres import SourceDatabase

SHOP = """
    CREATE TABLE customer (
        id bigint PRIMARY KEY, first_name text, last_name text, email text, phone text,
        created_at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE address (
        id bigint PRIMARY KEY, customer_id bigint, street text, postcode text, city text, country text);
    CREATE TABLE "order" (
        id bigint PRIMARY KEY, customer_id bigint, status text, currency text, total numeric(12, 2),
        placed_at timestamptz NOT NULL);
    CREATE TABLE order_line (
        order_id bigint, line int, sku text, quantity int, unit_price numeric(12, 2),
        PRIMARY KEY (order_id, line));
    INSERT INTO customer
        SELECT n, 'Ann' || n, 'Weber' || n, 'ann' || n || '@example.org', '+4420794600' || n % 90
        FROM generate_series(1, {count}) n;
    INSERT INTO address SELECT n, n, n || ' High Street', 'N1 ' || n % 9 || 'AA', 'London', 'GB'
        FROM generate_series(1, {count}, 50) n;
    INSERT INTO "order" SELECT n, n, 'paid', 'EUR', n + 0.5, '2026-05-01 10:00:00+00'
        FROM generate_series(1, {count}, 50) n;
    INSERT INTO order_line SELECT n, 1, 'sku-' || n, 2, 10.25 FROM generate_series(1, {count}, 50) n;
"""

BUSY = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend' AND state <> 'idle'
"""
HOLD_UP = """
    SELECT pg_advisory_lock(1);
    CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM intake.raw_head) >= {count} THEN PERFORM pg_advisory_xact_lock(1); END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER hold_up BEFORE INSERT ON intake.raw_head FOR EACH STATEMENT EXECUTE FUNCTION hold_up();
"""


class Intake:
    """`regard intake` in a process of its own, reading the shop into a database."""

    def __init__(self, back_end: BackEnd, url: str, home: Path, shop: SourceDatabase) -> None:
        self.back_end = back_end
        self.shop = shop
        self._environment = os.environ | {
            "REGARD_DATABASE_URL": url, "REGARD_HOME": str(home), "REGARD_LOG_LEVEL": "warning",
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pool(self) -> Pool:
        return self.back_end.pool

    def start(self) -> None:
        command = [sys.executable, "-m", "regard.processes.command_line", "intake"]
        self._process = subprocess.Popen(command, env=self._environment, start_new_session=True)

    def kill(self) -> None:
        """End it without any notice."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    async def die(self) -> None:
        """Killed; its claim on the source, which outlives it for half a minute, is taken away.

        Not before its sessions have ended, for one may still be in the middle of its last commit.
        """
        self.kill()

        async def its_sessions_have_ended() -> bool:
            return not await self.pool.fetchval(BUSY)

        await until(its_sessions_have_ended, "the end of the killed intake's sessions")
        await self.pool.execute("UPDATE intake.connection SET owner = NULL, expires_at = NULL")

    async def until(self, done: Callable[[], Awaitable[bool]]) -> None:
        async def done_by_one_that_runs() -> bool:
            assert self._process is None or self._process.poll() is None, "the intake ended by itself"
            return await done()

        await until(done_by_one_that_runs)

    @asynccontextmanager
    async def held_up_after(self, count: int) -> AsyncIterator[None]:
        """So many records may be written; the next batch then waits inside its transaction."""
        async with self.pool.acquire() as holder:
            await holder.execute(HOLD_UP.format(count=count))
            try:
                yield
            finally:
                await holder.execute("SELECT pg_advisory_unlock_all(); DROP FUNCTION hold_up CASCADE")

    async def waits(self) -> bool:
        """Whether a transaction is held up."""
        return bool(await self.pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event = 'advisory'"
        ))  # fmt: skip

    async def count(self, stream: str = "customer") -> int:
        number: int = await self.pool.fetchval(
            "SELECT count(*) FROM intake.raw_head WHERE stream = $1 AND NOT deleted", stream
        )
        return number

    async def kept(self, stream: str, only: str | None = None) -> dict[str, Any]:
        """The present raw bodies of a stream, or of one record, as they stand in the log."""
        async with self.pool.acquire() as connection:
            heads = await connection.fetch(
                "SELECT * FROM intake.raw_head WHERE stream = $1 AND NOT deleted"
                " AND ($2::text IS NULL OR external_id = $2)",
                stream,
                only,
            )
            found = await read_raw_bodies(connection, self.back_end.keyring, "shop", stream, heads)
        return {one.external_id: _in_one_spelling(one.body) for one in found.values()}

    def there(self, stream: str) -> dict[str, Any]:
        """A full comparison: the rows as the source itself writes them."""
        key = "order_id || '|' || line" if stream == "order_line" else "id::text"
        rows = self.shop.run(f'SELECT {key}, to_json(t)::text FROM "{stream}" t')
        return {one: _as_kept(json.loads(text)) for one, text in rows}

    async def caught_up(self) -> bool:
        ((marker,),) = self.shop.run("SELECT first_name FROM customer WHERE id = 0")
        kept = await self.kept("customer", "0")
        return bool(kept) and kept["0"]["first_name"] == marker

    async def wait_for_marker(self) -> None:
        """Until a change made now has come; the log has an order, so all before it has too."""
        self.shop.run("INSERT INTO customer (id, first_name) VALUES (0, %s) ON CONFLICT (id) DO UPDATE"
                      " SET first_name = excluded.first_name", [f"marker {random.random()}"])  # fmt: skip
        await self.until(self.caught_up)


def _as_kept(row: dict[str, Any]) -> dict[str, Any]:
    """Numbers with a fixed point are kept as text, times with the sign of UTC."""
    for name in ("total", "unit_price"):
        if name in row:
            row[name] = f"{row[name]:.2f}"
    return _in_one_spelling(row)


def _in_one_spelling(row: Any) -> dict[str, Any]:
    """The same moment may end in zeros or not."""
    return {
        name: datetime.fromisoformat(value).astimezone(UTC).isoformat() if name.endswith("_at") else value
        for name, value in row.items()
    }


@pytest.fixture
async def intake(
    pool: Pool, database_url: str, tmp_path: Path, source_database: SourceDatabase
) -> AsyncIterator[Intake]:
    """A source “shop” that captures the changes of the shop's database; nothing runs yet."""
    now = datetime.now(UTC)
    back_end = await open_back_end(pool, SetClock(now), tmp_path)
    connector = find_connector("postgres_changes")
    assert connector is not None
    async with pool.acquire() as connection, connection.transaction():
        await create_source(connection, Source("shop", "Shop", "postgres_changes", currency="EUR"), now)
        wanted = Connected(
            "shop", source_database.settings(), enabled=True, time_zone="UTC", freshness_seconds=None,
            changed_at=now, changed_by="ann",
        )  # fmt: skip
        await save_connection(connection, back_end.keyring, connector, wanted, {})
    intake = Intake(back_end, database_url, tmp_path, source_database)
    yield intake
    intake.kill()


async def test_killed_in_the_middle_of_reading_and_of_following_nothing_is_lost_or_doubled(
    intake: Intake,
) -> None:
    chance = random.Random(7)
    shop = intake.shop
    shop.run(SHOP.format(count=2_400))

    async with intake.held_up_after(400):
        intake.start()
        await intake.until(intake.waits)
        intake.kill()
    assert 400 <= await intake.count() < 2_400
    await intake.die()
    shop.run("UPDATE customer SET email = 'changed@example.org' WHERE id IN (3, 2100)")
    shop.run("DELETE FROM customer WHERE id IN (4, 2200); UPDATE customer SET id = 9000 WHERE id = 5")
    intake.start()
    await intake.wait_for_marker()
    for number in range(100):
        shop.run("UPDATE customer SET phone = %s WHERE id = %s", [f"+44{number:07}", chance.randint(10, 300)])
        shop.run('UPDATE "order" SET status = %s WHERE id = %s', [f"s{number}", 51 + 50 * (number % 5)])
        await asyncio.sleep(0.002)
    await intake.die()
    intake.start()
    await intake.wait_for_marker()
    for stream in ("customer", "address", "order", "order_line"):
        assert await intake.kept(stream) == intake.there(stream)
    raws = [
        (event.body.stream, event.body.external_id, event.body.raw, event.stated_at)
        for event in await read_log(intake.pool, intake.back_end.keyring)
        if isinstance(event.body, RawReceived)
    ]
    assert len(raws) == len(set(raws))
    times = Counter(external_id for stream, external_id, _, _ in raws if stream == "customer")
    assert {times[str(key)] for key in range(400, 2_000)} == {1}


async def test_tables_become_customers_by_the_mapping_that_is_proposed(intake: Intake) -> None:
    """Rows come before anybody has said what they mean; the proposal is taken and read over all of them."""
    shop = intake.shop
    shop.run(SHOP.format(count=120))
    intake.start()
    await intake.wait_for_marker()
    known: list[str] = []
    async with intake.pool.acquire() as connection:
        for stream in ("customer", "order"):
            bodies = [*intake.there(stream).values()]
            proposal = propose_stream_mapping(stream, bodies, known, "EUR")
            known.append(stream)
            await save_mapping(connection, "shop", proposal.mapping, "ann", intake.back_end.clock.now())
    shop.run("UPDATE customer SET email = 'new@example.org' WHERE id = 1; DELETE FROM customer WHERE id = 2")

    async def count_orders() -> int:
        entries = "SELECT count(*) FROM timeline.entry WHERE type = 'order'"
        return int(await intake.pool.fetchval(entries))

    async def read_anew() -> bool:
        await intake.back_end.projector.catch_up()
        fields = await _fields(intake.pool)
        return (
            fields.get("1", {}).get("email") == ["new@example.org"]
            and fields.get("120") is not None
            and "2" not in fields
            and await count_orders() == 3
        )

    await intake.until(read_anew)
    fields = await _fields(intake.pool)
    assert fields["1"]["family_name"] == "Weber1"
    assert fields["120"]["given_name"] == "Ann120"
    assert await count_orders() == 3


async def _fields(pool: Pool) -> dict[str, Any]:
    rows = await pool.fetch(
        "SELECT external_id, fields::text AS fields FROM records.source_record"
        " WHERE stream = 'customer' AND NOT deleted"
    )
    return {row["external_id"]: json.loads(row["fields"]) for row in rows}
