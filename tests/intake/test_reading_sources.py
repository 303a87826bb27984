"""Sources are read batch by batch with their cursor; trouble at one never hurts another and loses nothing."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from regard.connectors.connector_contract import (
    Batch,
    Connector,
    Cursor,
    RawRecord,
    SourceMisbehavesError,
    SourceRefusesError,
    SourceUnavailableError,
    StreamSpec,
)
from regard.events.raw_events import RawReceived
from regard.intake.commit_raw_records import SourceTakenOverError
from regard.intake.judge_trouble import pause_after, tell_trouble
from regard.intake.keep_connections import QUERIES, Connected, save_connection
from regard.intake.keep_marks import read_marks
from regard.intake.read_stream import StreamReader
from regard.intake.receive_raw_records import RawIntake
from regard.intake.run_connectors import ConnectorRunner
from regard.sources.manage_sources import Source, SourceRemovedError, read_source
from tests.intake.conftest import Door
from tests.patience import until

Reading = Callable[[Cursor | None], AsyncIterator[Batch]]
PLAIN = Connector("event_api", "A source of a test")


class FakeClient:
    """A source whose stream `things` is read by a function of the test."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    async def check(self) -> None:
        return None

    async def streams(self) -> Sequence[StreamSpec]:
        return [StreamSpec("things", "Things", 60.0)]

    def read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Batch]:
        return self.reading(cursor)

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        return []

    async def close(self) -> None:
        return None


def thing(number: int, **more: Any) -> RawRecord:
    return RawRecord("things", str(number), {"id": number, **more})


class Place:
    """A connected source and its reader."""

    def __init__(self, door: Door, source: Source, changed_at: Any) -> None:
        self.door = door
        self.source = source
        self.changed_at = changed_at

    def reader(self, reading: Reading, *, full: bool = False, owner: str = "me") -> StreamReader:
        clock = self.door.world.back_end.clock
        intake = RawIntake(self.door.pool, self.door.keyring, clock)
        spec = StreamSpec("things", "Things", 60.0, full_compare=full)
        return StreamReader(
            self.door.pool, intake, clock, self.source, FakeClient(reading), spec, owner, self.changed_at
        )

    async def cursor(self) -> str | None:
        query = "SELECT cursor::text FROM intake.stream WHERE source = 'web' AND stream = 'things'"
        found: str | None = await self.door.pool.fetchval(query)
        return found

    async def there(self) -> list[str]:
        rows = await self.door.pool.fetch(
            "SELECT external_id FROM intake.raw_head WHERE NOT deleted ORDER BY external_id"
        )
        return [row["external_id"] for row in rows]

    async def raws(self) -> list[str]:
        return [e.body.external_id for e in await self.door.log() if isinstance(e.body, RawReceived)]


@pytest.fixture
async def place(door: Door) -> Place:
    now = door.world.back_end.clock.now()
    async with door.pool.acquire() as connection, connection.transaction():
        wanted = Connected("web", {}, enabled=True, time_zone="UTC", freshness_seconds=None, changed_at=now,
                           changed_by="ann")  # fmt: skip
        await save_connection(connection, door.keyring, PLAIN, wanted, {})
        await connection.execute("UPDATE intake.connection SET owner = 'me', expires_at = now() + '1 hour'")
        await connection.execute("INSERT INTO intake.stream (source, stream) VALUES ('web', 'things')")
        source = await read_source(connection, "web")
    return Place(door, source, now)


def pages(*batches: Batch) -> Reading:
    async def read(cursor: Cursor | None) -> AsyncIterator[Batch]:
        start = cursor["page"] if cursor else 0
        for batch in batches[start:]:
            yield batch

    return read


async def test_a_reading_that_broke_off_goes_on_behind_the_last_page_that_was_taken(place: Place) -> None:
    async def broken(cursor: Cursor | None) -> AsyncIterator[Batch]:
        assert cursor is None
        yield Batch([thing(1)], {"page": 1})
        raise SourceUnavailableError("It answers 500.")

    with pytest.raises(SourceUnavailableError):
        await place.reader(broken).read_once()
    assert await place.cursor() == '{"page": 1}'
    rest = pages(Batch([thing(1)], {"page": 1}), Batch([thing(2)], {"page": 2}))
    assert await place.reader(rest).read_once() == 1
    assert await place.raws() == ["1", "2"]


async def test_a_reading_begins_behind_a_commit_that_is_still_under_way(place: Place) -> None:
    """Whoever made it may have been killed in the middle of it."""
    seen: list[Cursor | None] = []

    async def read(cursor: Cursor | None) -> AsyncIterator[Batch]:
        seen.append(cursor)
        yield Batch(())

    async with place.door.pool.acquire() as killed:
        async with killed.transaction():
            await killed.execute("SELECT 1 FROM intake.connection WHERE source = 'web' FOR UPDATE")
            await killed.execute("UPDATE intake.stream SET cursor = '{\"page\": 1}'")
            reading = asyncio.create_task(place.reader(read).read_once())
            waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            await _until(place, waits + " AND wait_event_type = 'Lock'")
            assert not seen
        await reading
    assert seen == [{"page": 1}]


async def test_a_reader_whose_source_was_taken_over_writes_nothing_more(place: Place) -> None:
    reader = place.reader(pages(Batch([thing(1)], {"page": 1})), owner="somebody else")
    with pytest.raises(SourceTakenOverError):
        await reader.read_once()
    assert await place.raws() == []
    assert await place.cursor() is None


async def test_a_reading_that_meets_the_removal_of_its_source_ends_and_is_no_trouble(place: Place) -> None:
    await place.door.pool.execute("UPDATE intake.connection SET removed = true WHERE source = 'web'")
    with pytest.raises(SourceRemovedError):
        await asyncio.wait_for(place.reader(pages(Batch([thing(1)]))).run(), 30)
    assert await place.door.pool.fetchval("SELECT error FROM intake.stream") is None


async def test_what_a_source_notes_by_name_is_kept_with_its_cursor_or_not_at_all(place: Place) -> None:
    first = Batch([thing(1)], {"page": 1}, marks={"a.csv": "done", "b.csv": "done"})
    await place.reader(pages(first, Batch([], {"page": 2}, marks={"a.csv": None, "c": "x"}))).read_once()
    late = place.reader(pages(Batch([], {"page": 9}, marks={"b.csv": None})), owner="somebody else")
    with suppress(SourceTakenOverError):
        await late.read_once()
    async with place.door.pool.acquire() as connection:
        assert await read_marks(connection, "web", "things") == {"b.csv": "done", "c": "x"}


async def test_a_source_that_cannot_tell_changes_is_compared_as_a_whole(place: Place) -> None:
    clock = place.door.world.back_end.clock
    await place.reader(pages(Batch([thing(1), thing(2)])), full=True).read_once()
    clock.advance(timedelta(minutes=1))
    await place.reader(pages(Batch([thing(2, name="b"), thing(3)])), full=True).read_once()
    assert await place.there() == ["2", "3"]
    clock.advance(timedelta(minutes=1))
    await place.reader(pages(Batch([thing(2, name="b"), thing(3)])), full=True).read_once()
    counted = await place.door.pool.fetchrow("SELECT sum(accepted), sum(duplicate) FROM sources.traffic")
    assert tuple(counted) == (5, 0), "what is compared and found unchanged was not sent twice"


async def test_a_whole_comparison_that_broke_off_removes_nothing(place: Place) -> None:
    clock = place.door.world.back_end.clock
    await place.reader(pages(Batch([thing(1), thing(2)])), full=True).read_once()
    clock.advance(timedelta(minutes=1))

    async def broken(cursor: Cursor | None) -> AsyncIterator[Batch]:
        yield Batch([thing(1)])
        raise SourceUnavailableError("It answers 500.")

    with pytest.raises(SourceUnavailableError):
        await place.reader(broken, full=True).read_once()
    assert await place.there() == ["1", "2"]


async def test_a_source_that_gives_the_same_page_for_ever_is_stopped(place: Place) -> None:
    async def endless(cursor: Cursor | None) -> AsyncIterator[Batch]:
        while True:
            yield Batch([thing(1), thing(2)], {"page": 1})

    with pytest.raises(SourceMisbehavesError, match="same page"):
        await place.reader(endless).read_once()
    assert await place.raws() == ["1", "2"]


async def test_trouble_is_noted_with_a_sentence_and_the_time_of_the_next_try(place: Place) -> None:
    async def revoked(cursor: Cursor | None) -> AsyncIterator[Batch]:
        raise SourceRefusesError("The key was revoked; make a new one and fill it in.")
        yield Batch([])

    task = asyncio.create_task(place.reader(revoked).run())
    try:
        row = await _until(place, "SELECT * FROM intake.stream WHERE error IS NOT NULL")
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert row["error_code"] == "source_refuses"
    assert "make a new one" in row["error"]
    assert row["retry_at"] > row["error_at"]


def test_pauses_grow_and_a_source_that_names_its_time_gets_it() -> None:
    passing = tell_trouble(SourceUnavailableError("It answers 503."))
    assert pause_after(passing, 1) < pause_after(passing, 4) < pause_after(passing, 30) <= 720
    named = tell_trouble(SourceUnavailableError("It answers 429.", retry_after=17))
    assert pause_after(named, 9) == 17
    assert pause_after(tell_trouble(SourceRefusesError("No.")), 1) >= 48


def test_a_fault_of_our_own_is_told_without_what_it_held() -> None:
    trouble = tell_trouble(KeyError("ann@example.com"))
    assert "ann@example.com" not in trouble.sentence
    assert "KeyError" not in trouble.sentence
    assert trouble.terminal


@asynccontextmanager
async def running(door: Door, owner: str) -> AsyncIterator[None]:
    stop = asyncio.Event()
    back_end = door.world.back_end
    runner = ConnectorRunner(back_end.pool, back_end.keyring, back_end.clock, owner)
    task = asyncio.create_task(runner.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def test_a_source_is_read_by_one_runner_at_a_time(place: Place) -> None:
    await place.door.pool.execute("UPDATE intake.connection SET owner = NULL, expires_at = NULL")
    async with running(place.door, "first"), running(place.door, "second"):
        row = await _until(place, "SELECT owner FROM intake.connection WHERE owner IS NOT NULL")
        owner = row["owner"]
        await asyncio.sleep(1.2)
        assert await place.door.pool.fetchval("SELECT owner FROM intake.connection") == owner
    assert await place.door.pool.fetchval("SELECT owner FROM intake.connection") is None


async def test_a_source_stays_with_its_reader_while_that_takes_records(place: Place) -> None:
    """Even when its lease ran out over a long batch; nobody else takes it in the middle of one."""
    later = place.door.world.back_end.clock.now() + timedelta(days=9999)
    async with place.door.pool.acquire() as taking, taking.transaction():
        await taking.execute("SELECT 1 FROM intake.connection WHERE source = 'web' FOR UPDATE")
        for owner, kept in (("me", ["web"]), ("another", [])):
            rows = await place.door.pool.fetch(
                QUERIES["claim_connections"], owner, later, timedelta(seconds=30)
            )
            assert [row["source"] for row in rows] == kept


async def test_what_a_killed_process_of_this_machine_held_is_read_at_once(place: Place) -> None:
    ended = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await ended.wait()
    dead = f"{socket.gethostname()} {ended.pid}"
    await place.door.pool.execute(
        "UPDATE intake.connection SET owner = $1, expires_at = now() + '1 day'", dead
    )
    async with running(place.door, "after it"):
        await _until(place, "SELECT 1 FROM intake.connection WHERE owner = 'after it'")


async def _until(place: Place, query: str) -> Any:
    return await until(lambda: place.door.pool.fetchrow(query), query)
