"""What people undid stays undone when a source comes back, and a removal holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from regard.eventlog import read_events, withdraw_events
from regard.intake import walk_source_log
from regard.intake.keep_lease import while_leased
from regard.intake.keep_removals import preview_removal
from regard.intake.remove_source import RemovalLedger
from regard.intake.restore_statements import RemovalTakenOverError
from regard.sources.manage_sources import Source, create_source
from tests.intake.raw_desk import Desk
from tests.patience import until
from tests.sources.test_removing_sources import ANNA, BASE, fill, told, work

WITHDRAWER = "regard.intake.withdraw_statements"
LOCKED_OUT = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def remove_and_bring_back(desk: Desk) -> None:
    client = await desk.door.world.as_role("administrator")
    desk.door.world.back_end.clock.advance(timedelta(seconds=1))
    await client.post(f"{BASE}/shop/removal")
    await work(desk.door)
    await client.post(f"{BASE}/shop/removal/undo")
    await work(desk.door)


async def customers_of_parties(desk: Desk) -> set[UUID]:
    rows = await desk.door.pool.fetch(
        "SELECT m.customer_id FROM identity.membership AS m JOIN records.source_record AS r USING (record_id)"
        " WHERE r.stream = 'parties'"
    )
    assert len(rows) == 2
    return {row["customer_id"] for row in rows}


async def steward(desk: Desk, call: Any) -> None:
    """What a steward does while the projector goes on."""
    asked = asyncio.create_task(call)
    while not asked.done():
        await desk.door.world.back_end.projector.catch_up()
        await asyncio.sleep(0.02)
    assert (await asked).status_code == 200, asked.result().text


@pytest.fixture
async def filled(desk: Desk) -> Desk:
    await fill(desk)
    assert len(await customers_of_parties(desk)) == 1
    return desk


async def test_a_merge_of_the_source_that_a_steward_undid_stays_undone(filled: Desk) -> None:
    client = await filled.door.world.as_role("data_steward")
    link = await filled.door.pool.fetchval("SELECT judgement_id FROM identity.judgement")
    await steward(filled, client.delete(f"/api/v1/judgements/{link}"))
    assert len(await customers_of_parties(filled)) == 2
    for _ in range(2):
        await remove_and_bring_back(filled)
        assert len(await customers_of_parties(filled)) == 2


async def test_a_steward_who_parts_what_the_source_merged_is_followed_then_and_later(filled: Desk) -> None:
    client = await filled.door.world.as_role("data_steward")
    (customer,) = await customers_of_parties(filled)
    record = await filled.door.pool.fetchval(
        "SELECT record_id FROM records.source_record WHERE stream = 'parties' AND external_id = '2'"
    )
    body = {"records": [str(record)], "reason": "they told us"}
    await steward(filled, client.post(f"/api/v1/customers/{customer}/split", json=body))
    assert len(await customers_of_parties(filled)) == 2
    await remove_and_bring_back(filled)
    assert len(await customers_of_parties(filled)) == 2


async def test_under_the_lock_only_what_is_new_is_read(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    locked: list[dict[int, int]] = []
    read: list[tuple[int, int, int]] = []
    lock, statements = withdraw_events.lock_log, read_events.read_statements

    async def lock_log(connection: Any) -> dict[int, int]:
        locked.append(await lock(connection))
        return locked[-1]

    async def read_statements(connection: Any, keyring: Any, source: str, stretch: tuple[int, int, int],
                              subjects: Collection[UUID] | None, limit: int) -> list[Any]:  # fmt: skip
        if locked:
            read.append(stretch)
        return await statements(connection, keyring, source, stretch, subjects, limit)

    monkeypatch.setattr(f"{WITHDRAWER}.lock_log", lock_log)
    monkeypatch.setattr(f"{WITHDRAWER}.read_statements", read_statements)
    client = await filled.door.world.as_role("administrator")
    await client.post(f"{BASE}/shop/removal")
    await work(filled.door)
    assert (len(locked), read) == (1, [])


async def test_the_log_is_read_in_stretches_from_where_the_source_began(
    filled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk_source_log, "STRETCH", 2)
    pool = filled.door.pool
    said = await pool.fetch(
        "SELECT part, seq FROM eventlog.event WHERE source = 'shop' AND type ~ '^(record|interaction)'"
        " ORDER BY part, seq"
    )
    ledger = RemovalLedger(UUID(int=1), "shop", "me")
    found: list[tuple[int, int]] = []
    async with pool.acquire() as connection:
        while places := await ledger.left(connection, 3):
            assert len(places) <= 3
            found += places
        assert found == [(row["part"], row["seq"]) for row in said] != []
        await create_source(connection, Source("late", "Late", "api"), datetime(2026, 1, 1, tzinfo=UTC))
        assert await walk_source_log.list_stretches(connection, "late") == []


async def test_rows_that_refer_to_a_source_are_written_while_its_removal_begins(filled: Desk) -> None:
    from_removals = "SELECT removed_at FROM sources.source WHERE slug = 'shop' FOR KEY SHARE NOWAIT"
    client = await filled.door.world.as_role("administrator")
    async with filled.door.pool.acquire() as held, held.transaction():
        # The removal has locked the source and waits for the row that an intake holds.
        await held.execute("INSERT INTO intake.connection (source, changed_at, changed_by)"
                           " VALUES ('shop', now(), 'ann') ON CONFLICT DO NOTHING")  # fmt: skip
        await held.execute("SELECT FROM intake.connection WHERE source = 'shop' FOR UPDATE")
        asked = asyncio.create_task(client.post(f"{BASE}/shop/removal"))

        async def it_waits() -> bool:
            return await filled.door.pool.fetchrow(LOCKED_OUT) is not None

        await until(it_waits)
        await held.execute(from_removals)
    assert (await asked).status_code == 202


async def begin(desk: Desk) -> None:
    client = await desk.door.world.as_role("administrator")
    await desk.door.push("records", ANNA)
    await client.post(f"{BASE}/shop/removal")


async def test_what_a_late_reading_said_of_the_removal_is_gone_once_the_source_is_back(filled: Desk) -> None:
    client = await filled.door.world.as_role("administrator")
    await client.post(f"{BASE}/shop/removal")
    await work(filled.door)
    trouble = "SET error = 'Removed.', error_code = 'source_removed', error_at = now(), retry_at = now()"
    for table in ("stream", "connection"):
        await filled.door.pool.execute(f"UPDATE intake.{table} {trouble} WHERE source = 'shop'")
    await client.post(f"{BASE}/shop/removal/undo")
    await work(filled.door)
    states = (await client.get(f"{BASE}/shop/streams")).json()["streams"]
    assert {one["error"] for one in states} == {None}
    assert (await client.get(f"{BASE}/shop/connection")).json()["error"] is None


async def test_what_no_waiting_mends_ends_a_removal_with_a_sentence(desk: Desk) -> None:
    await begin(desk)

    async def refuse(source: str) -> Sequence[str]:
        raise asyncpg.CheckViolationError

    async def stumble(source: str) -> Sequence[str]:
        raise asyncpg.DeadlockDetectedError

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await work(desk.door, stumble)
    client = await desk.door.world.as_role("administrator")
    assert (await told(client, "/sources/shop/removal"))["status"] == "removing"
    await desk.door.pool.execute("UPDATE intake.removal SET expires_at = now() - interval '1 second'")
    await work(desk.door, refuse)
    done = await told(client, "/sources/shop/removal")
    assert (done["status"], "a fault in Regard" in done["error"]) == ("failed", True)


async def test_a_removal_that_another_process_took_over_forgets_no_secrets(desk: Desk) -> None:
    await begin(desk)
    await desk.door.pool.execute("UPDATE intake.connection SET secrets = 'sealed'")

    async def lose(source: str) -> Sequence[str]:
        await desk.door.pool.execute("UPDATE intake.removal SET owner = 'another'")
        return []

    with pytest.raises(RemovalTakenOverError):
        await work(desk.door, lose)
    assert await desk.door.pool.fetchval("SELECT secrets FROM intake.connection") is not None


async def test_what_could_not_be_read_is_kept_and_told_and_said_the_next_time(desk: Desk) -> None:
    client = await desk.door.world.as_role("administrator")
    people = [{**ANNA, "id": str(number)} for number in range(3)]
    await desk.door.push("records", people)
    await client.post(f"{BASE}/shop/removal")
    await work(desk.door)
    gone, broken = await desk.door.pool.fetch(
        "SELECT part, seq, subject, body FROM eventlog.event WHERE type = 'record.upserted' LIMIT 2"
    )
    await desk.door.pool.execute("DELETE FROM eventlog.subject_key WHERE subject = $1", gone["subject"])
    change = "UPDATE eventlog.event SET body = $3 WHERE part = $1 AND seq = $2"
    await desk.door.pool.execute(change, broken["part"], broken["seq"], b"unreadable")
    await client.post(f"{BASE}/shop/removal/undo")
    await work(desk.door)
    notes = (await told(client, "/sources/shop/removal"))["notes"]
    assert "not said again: 1." in notes[1]
    kept = await desk.door.pool.fetch("SELECT part, seq FROM intake.removed_statement")
    assert [tuple(row) for row in kept] == [(broken["part"], broken["seq"])]
    await desk.door.pool.execute(change, broken["part"], broken["seq"], broken["body"])
    await remove_and_bring_back(desk)
    assert len(await desk.door.world.back_end.digests()) == 2
    assert await desk.door.pool.fetchval("SELECT count(*) FROM intake.removed_statement") == 0


async def test_counting_what_would_go_ends_somewhere(filled: Desk) -> None:
    async with filled.door.pool.acquire() as connection:
        looked = await preview_removal(connection, "shop", most=1)
    assert (looked.records, looked.interactions) == (2, 2)


async def test_a_lease_is_kept_while_the_work_goes_on_and_ends_it_when_lost() -> None:
    renewed = asyncio.Event()
    ended: list[str] = []

    async def renew() -> None:
        if renewed.is_set():
            raise RemovalTakenOverError("another process")
        renewed.set()
        raise asyncpg.InterfaceError("the database was away for a moment")

    async def long_work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("work")

    with pytest.raises(RemovalTakenOverError):
        await while_leased(long_work(), renew, timedelta(milliseconds=1))
    assert ended == ["work"]
