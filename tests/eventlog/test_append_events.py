"""What the log promises about single events: each once, sealed, and nothing lost to a repetition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from regard.db.pool import Pool
from regard.eventlog.append_events import Outcome, append_events, append_within, partition_of
from regard.eventlog.check_keyring import open_keyring
from regard.eventlog.read_events import read_batch
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event, RecordKey
from regard.events.interaction_events import InteractionStated
from regard.events.record_events import RecordUpserted

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECRET = "Wilhelmine-Quastenflosser"


def upsert(external_id: str, name: str, event_id: str | None = None) -> Event:
    key = RecordKey("crm", "contacts", external_id)
    body = RecordUpserted("contacts", external_id, "person", {"full_name": name})
    return Event("crm", event_id, key, NOON, None, NOON, body)


@pytest.fixture
async def keyring(pool: Pool, tmp_path: Path) -> Keyring:
    async with pool.acquire() as connection:
        return await open_keyring(connection, tmp_path / "root.key")


async def append(pool: Pool, keyring: Keyring, *events: Event) -> list[Outcome]:
    async with pool.acquire() as connection:
        return await append_events(connection, keyring, events)


async def names(pool: Pool, keyring: Keyring) -> list[object]:
    async with pool.acquire() as connection:
        batch = await read_batch(connection, keyring, dict.fromkeys(range(16), 0), 100_000)
    bodies = [line.event.body for line in batch if line.event]
    return [body.fields["full_name"] for body in bodies if isinstance(body, RecordUpserted)]


async def test_the_same_id_with_the_same_content_is_a_duplicate(pool: Pool, keyring: Keyring) -> None:
    assert await append(pool, keyring, upsert("1", "Ann", "e1")) == ["stored"]
    assert (
        await append(pool, keyring, upsert("1", "Ann", "e1"), upsert("1", "Ann", "e1")) == ["duplicate"] * 2
    )
    assert await names(pool, keyring) == ["Ann"]


async def test_the_same_id_with_other_content_is_a_conflict_and_the_first_stays(
    pool: Pool, keyring: Keyring
) -> None:
    await append(pool, keyring, upsert("1", "Ann", "e1"))
    assert await append(pool, keyring, upsert("1", "Eve", "e1")) == ["conflict"]
    assert await append(pool, keyring, upsert("2", "Bob", "e2"), upsert("2", "Eve", "e2")) == [
        "stored",
        "conflict",
    ]
    assert sorted(map(str, await names(pool, keyring))) == ["Ann", "Bob"]


async def test_a_b_a_without_ids_stays_three_events_and_a_repetition_changes_nothing(
    pool: Pool, keyring: Keyring
) -> None:
    a, b = upsert("1", "A"), upsert("1", "B")
    assert await append(pool, keyring, a, b, a, a) == ["stored", "stored", "stored", "unchanged"]
    assert await append(pool, keyring, a) == ["unchanged"]
    assert await append(pool, keyring, b) == ["stored"]
    assert await append(pool, keyring, a) == ["stored"]
    assert await names(pool, keyring) == ["A", "B", "A", "B", "A"]


async def test_an_interaction_that_moved_in_time_is_a_change(pool: Pool, keyring: Keyring) -> None:
    key = RecordKey("shop", "orders", "1")
    stated = InteractionStated("orders", "1", "order")
    order = Event("shop", None, key, NOON - timedelta(days=3), None, NOON, stated)
    assert await append(pool, keyring, order) == ["stored"]
    assert await append(pool, keyring, order) == ["unchanged"]
    assert await append(pool, keyring, replace(order, occurred_at=NOON - timedelta(days=2))) == ["stored"]


async def test_what_follows_from_a_conflicting_event_is_not_kept(pool: Pool, keyring: Keyring) -> None:
    await append(pool, keyring, upsert("1", "Ann", "e1"))
    follows: Sequence[int | None] = [None, 0, None, 2]
    events = [
        upsert("1", "Eve", "e1"),
        upsert("2", "X", "f1"),
        upsert("3", "Bob", "e3"),
        upsert("4", "Y", "f2"),
    ]
    async with pool.acquire() as connection, connection.transaction():
        appended = await append_within(connection, keyring, events, follows)
    assert appended.outcomes == ["conflict", "conflict", "stored", "stored"]
    assert sorted(map(str, await names(pool, keyring))) == ["Ann", "Bob", "Y"]


async def test_no_byte_of_the_event_table_shows_a_body(pool: Pool, keyring: Keyring) -> None:
    await append(pool, keyring, upsert("1", SECRET, "e1"), upsert("2", SECRET))
    for table in ("event", "event_key", "content_head", "subject_key"):
        rows = await pool.fetch(
            f"SELECT row_to_json(t)::text AS line, t::text AS raw FROM eventlog.{table} AS t"
        )
        dump = "\n".join(row["line"] + row["raw"] for row in rows)
        assert rows
        assert SECRET not in dump
        assert SECRET.encode().hex() not in dump
    bodies = await pool.fetch("SELECT body FROM eventlog.event")
    assert all(SECRET.encode() not in row["body"] for row in bodies)
    assert bodies[0]["body"][-20:] != bodies[1]["body"][-20:]


async def test_without_its_key_an_event_cannot_be_opened(pool: Pool, keyring: Keyring) -> None:
    await append(pool, keyring, upsert("1", SECRET, "e1"))
    await pool.execute("DELETE FROM eventlog.subject_key")
    async with pool.acquire() as connection:
        (line,) = await read_batch(connection, keyring, dict.fromkeys(range(16), 0), 10)
    assert line.event is None
    assert line.problem == "its key was destroyed"


async def test_numbers_within_a_partition_are_contiguous(pool: Pool, keyring: Keyring) -> None:
    events = [upsert(str(number), "N", f"e{number}") for number in range(200)]
    await append(pool, keyring, *events)
    rows = await pool.fetch(
        "SELECT part, array_agg(seq ORDER BY seq) AS seqs FROM eventlog.event GROUP BY part"
    )
    assert {row["part"] for row in rows} == {partition_of(event.subject.record_id) for event in events}
    assert all(row["seqs"] == list(range(1, len(row["seqs"]) + 1)) for row in rows)
