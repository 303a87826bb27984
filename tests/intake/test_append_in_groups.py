"""Pushes that come together are written together, and each hears its own outcome, only after the commit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from asyncpg.transaction import Transaction

from regard.db.pool import Connection, Pool
from regard.eventlog.check_keyring import open_keyring
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event, RecordKey
from regard.events.record_events import RecordPatched, RecordUpserted
from regard.intake.append_in_groups import BusyError, EventAppender, LogUnavailableError
from regard.intake.pushed_item import PushedItem
from regard.kit.clock import SetClock
from regard.sources.manage_sources import Source, create_source
from tests.intake.read_whole_log import read_log

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def upsert(event_id: str, name: str = "Ann", external_id: str = "1") -> Event:
    key = RecordKey("crm", "contacts", external_id)
    body = RecordUpserted("contacts", external_id, "person", {"full_name": name})
    return Event("crm", event_id, key, NOON, None, NOON, body)


@pytest.fixture
async def keyring(pool: Pool, clock: SetClock, tmp_path: Path) -> Keyring:
    async with pool.acquire() as connection:
        await create_source(connection, Source("crm", "CRM", "records_api"), clock.now())
        return await open_keyring(connection, tmp_path / "root.key")


@pytest.fixture
async def appender(pool: Pool, keyring: Keyring, clock: SetClock) -> AsyncIterator[EventAppender]:
    appender = EventAppender(pool, keyring, clock)
    yield appender
    await appender.close()


async def test_pushes_that_wait_together_share_a_transaction(
    pool: Pool, appender: EventAppender, keyring: Keyring
) -> None:
    pushes = [appender.append([upsert(f"{push}-{n}") for n in range(5)]) for push in range(40)]
    results = await asyncio.gather(*pushes)
    assert [[one.verdict for one in result] for result in results] == [["accepted"] * 5] * 40
    assert len(await read_log(pool, keyring)) == 200
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM eventlog.event") < 20


async def test_an_answer_comes_only_after_the_commit(pool: Pool, appender: EventAppender) -> None:
    async with pool.acquire() as holder, holder.transaction():
        await holder.execute("SELECT 1 FROM eventlog.partition_head FOR UPDATE")
        push = asyncio.create_task(appender.append([upsert("e1")]))
        await asyncio.sleep(0.2)
        assert not push.done()
    assert [one.verdict for one in await push] == ["accepted"]
    assert await pool.fetchval("SELECT count(*) FROM eventlog.event") == 1


async def test_a_conflict_goes_into_quarantine_sealed_and_with_a_remedy(
    pool: Pool, appender: EventAppender
) -> None:
    await appender.append([upsert("e1")])
    accepted, duplicate, conflict = await appender.append(
        [upsert("e2"), upsert("e1"), upsert("e1", "Wilhelmine")]
    )
    assert (accepted.verdict, duplicate.verdict, conflict.verdict) == ("accepted", "duplicate", "rejected")
    assert conflict.code == "event_id_conflict"
    row = await pool.fetchrow("SELECT * FROM intake.quarantine")
    assert row is not None
    assert row["id"] == conflict.quarantine_id
    assert "under an id of its own" in row["reason"]
    assert b"Wilhelmine" not in row["body"]
    assert "Wilhelmine" not in str(dict(row))
    counts = await pool.fetchrow("SELECT accepted, duplicate, rejected FROM sources.traffic")
    assert counts is not None
    assert tuple(counts) == (2, 1, 1)


async def test_what_the_database_cannot_hold_spoils_nothing_beside_it(
    pool: Pool, appender: EventAppender, keyring: Keyring
) -> None:
    poison = upsert("e-poison", "Ann\0")
    broken = Event("crm", "e\0", poison.subject, NOON, None, NOON, poison.body)
    results = await asyncio.gather(
        appender.append([upsert("e1")]),
        appender.append([upsert("e2"), broken]),
        appender.append([upsert("e3")]),
    )
    verdicts = [[(one.verdict, one.code) for one in result] for result in results]
    assert verdicts == [
        [("accepted", "")], [("accepted", ""), ("rejected", "not_storable")], [("accepted", "")]
    ]  # fmt: skip
    assert len(await read_log(pool, keyring)) == 3


async def test_what_runs_along_lives_and_dies_with_the_events(
    pool: Pool, appender: EventAppender, keyring: Keyring
) -> None:
    async def also(connection: Connection) -> None:
        await connection.execute(
            "INSERT INTO sources.source VALUES ('new', 'New', 'file', null, null, '{}', now())"
        )

    async def fail(connection: Connection) -> None:
        raise ZeroDivisionError

    await appender.append([upsert("e1")], also=also)
    with pytest.raises(ZeroDivisionError):
        await appender.append([upsert("e2", external_id="2")], also=fail)
    assert [event.event_id for event in await read_log(pool, keyring)] == ["e1"]
    assert await pool.fetchval("SELECT count(*) FROM sources.source WHERE slug = 'new'") == 1
    # The key made for the undone event must not be believed: sealing under it would lose what follows.
    assert (await appender.append([upsert("e2", external_id="2")]))[0].verdict == "accepted"
    keyring.forget()
    assert sorted(str(event.event_id) for event in await read_log(pool, keyring)) == ["e1", "e2"]


async def test_a_full_queue_tells_the_sender_to_come_back(
    pool: Pool, keyring: Keyring, clock: SetClock
) -> None:
    appender = EventAppender(pool, keyring, clock, most_waiting=10)
    async with pool.acquire() as holder, holder.transaction():
        await holder.execute("SELECT 1 FROM eventlog.partition_head FOR UPDATE")
        first = asyncio.create_task(appender.append([upsert(f"e{n}") for n in range(10)]))
        await asyncio.sleep(0.1)
        with pytest.raises(BusyError) as busy:
            await appender.append([upsert("late")])
        assert (busy.value.status, busy.value.retry_after) == (503, 2)
    assert len(await first) == 10
    assert (await appender.append([upsert("late")]))[0].verdict == "accepted"
    await appender.close()


async def test_connections_cut_in_the_middle_lose_and_double_nothing(
    pool: Pool, appender: EventAppender, keyring: Keyring
) -> None:
    async def cut() -> None:
        for _ in range(12):
            await asyncio.sleep(0.03)
            await pool.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
            )

    told = unsure = 0

    async def send(number: int) -> None:
        nonlocal told, unsure
        while True:
            try:
                (result,) = await appender.append([upsert(f"e{number}", external_id=str(number % 7))])
            except LogUnavailableError:
                unsure += 1
                continue
            told += 1
            assert result.verdict in ("accepted", "duplicate")
            return

    cutting = asyncio.create_task(cut())
    for start in range(0, 80, 20):
        await asyncio.gather(*(send(number) for number in range(start, start + 20)))
    with contextlib.suppress(
        asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError
    ):
        await cutting
    # What reads from here on is no retrying product: it must not be handed a connection that was cut.
    await pool.expire_connections()
    kept = [event.event_id for event in await read_log(pool, keyring)]
    assert sorted(map(str, kept)) == sorted(f"e{number}" for number in range(80))
    accepted, duplicate, rejected = await read_counts(pool)
    assert (accepted, rejected) == (80, 0)
    # Only of what was answered with “send it again” nobody knows whether it was counted.
    assert told <= accepted + duplicate + rejected <= told + unsure


@pytest.mark.parametrize(
    "problem",
    [
        asyncpg.ConnectionDoesNotExistError("the connection was closed during the commit"),
        asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
    ],
)
async def test_a_commit_whose_answer_is_lost_is_told_and_counted_once(
    pool: Pool, appender: EventAppender, keyring: Keyring, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    await appender.append([upsert("e0")])
    ran: list[int] = []

    async def also(_: Connection) -> None:
        ran.append(1)

    lost = lose_next_answer(monkeypatch, problem)
    new, known, conflict = await appender.append(
        [upsert("e1", external_id="2"), upsert("e0"), upsert("e0", "Wilhelmine")], also
    )
    assert (new.verdict, known.verdict, conflict.verdict) == ("accepted", "duplicate", "rejected")
    assert lost == ran == [1]
    assert await read_counts(pool) == (2, 1, 1)
    assert await pool.fetchval("SELECT count(*) FROM intake.quarantine") == 1
    assert len(await read_log(pool, keyring)) == 2


def lose_next_answer(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> list[int]:
    """The connection breaks after the server has committed and before it could say so, once.

    Gives a list that grows when that has happened.
    """
    leave = Transaction.__aexit__
    lost: list[int] = []

    async def leave_and_break(transaction: Any, kind: Any, value: Any, trace: Any) -> None:
        await leave(transaction, kind, value, trace)
        outermost = not transaction._connection.is_in_transaction()
        if kind is None and outermost and not lost:
            lost.append(1)
            raise problem

    monkeypatch.setattr(Transaction, "__aexit__", leave_and_break)
    return lost


async def read_counts(pool: Pool) -> tuple[int, int, int]:
    row = await pool.fetchrow("SELECT accepted, duplicate, rejected FROM sources.traffic")
    assert row is not None
    return row["accepted"], row["duplicate"], row["rejected"]


async def test_what_is_known_to_follow_is_offered_once(pool: Pool, appender: EventAppender) -> None:
    body = RecordPatched("visitors", "v", "person", {"anonymous_id": ["v"]})
    link = Event("crm", "~link:v", RecordKey("crm", "visitors", "v"), NOON, None, NOON, body)
    for number in range(3):
        item = upsert(f"e{number}")
        await appender.submit([_item(item, link)])
    assert await pool.fetchval("SELECT count(*) FROM eventlog.event WHERE event_id = '~link:v'") == 1


def _item(*events: Event) -> PushedItem:
    return PushedItem("crm", NOON, "records", {}, list(events))
