"""What Regard keeps of a source in tests of change capture: records and cursor, committed together."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from regard.connectors.connector_contract import Batch, Cursor, SourceUnavailableError, Surroundings
from regard.connectors.postgres.postgres_settings import read_postgres_settings
from regard.connectors.postgres.postgres_source import CHANGES, PostgresSource
from regard.kit.clock import SystemClock
from tests.patience import PATIENCE
from tests.source_postgres import SourceDatabase

CUSTOMERS = """
    CREATE TABLE customer (id bigint PRIMARY KEY, name text NOT NULL, vip boolean NOT NULL DEFAULT false);
    INSERT INTO customer SELECT n, 'name ' || n FROM generate_series(1, {count}) n;
"""


def rows_of(database: SourceDatabase, table: str, key: str = "id") -> dict[str, Any]:
    """A full comparison: the rows as the source itself writes them in JSON."""
    rows = database.run(f"SELECT {key}::text, to_json(t)::text FROM {table} t")
    return {one: json.loads(text) for one, text in rows}


def has_passed(shop: SourceDatabase, lsn: str) -> bool:
    slot = shop.slot()
    assert slot is not None
    return bool(shop.run("SELECT %s::pg_lsn >= %s::pg_lsn", [slot[0], lsn])[0][0])


class CaptureStore:
    """Reads a source, batch by batch, and keeps what came. `die` leaves a batch that was not committed."""

    def __init__(self, database: SourceDatabase, **settings: Any) -> None:
        self.database = database
        self.settings = database.settings(**settings)
        self.cursor: Cursor | None = None
        self.records: dict[tuple[str, str], Any] = {}
        self.stamps: dict[tuple[str, str], datetime] = {}
        self.unseen: dict[str, set[str]] = {}
        self.batches: list[Batch] = []

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """An opened source that goes on where the cursor stands."""
        surroundings = Surroundings("shop", SystemClock())
        client = PostgresSource(read_postgres_settings(self.settings), surroundings, look_seconds=0.2)
        try:
            yield Reader(self, client)
        finally:
            await client.close()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[Reader]:
        """An opened source whose tables were read whole: what comes next are changes."""
        async with self.reading() as reader:
            await reader.read_all()
            yield reader

    async def read_whole(self) -> None:
        """A run that ends when every table was read."""
        async with self.following():
            return

    def table(self, stream: str) -> dict[str, Any]:
        """The bodies of a stream by external id."""
        return {key: body for (one, key), body in self.records.items() if one == stream}

    def commit(self, batch: Batch) -> None:
        """Take records and cursor in one step; times must grow, or a later state would lose."""
        self.batches.append(batch)
        for stream in batch.begins:
            self.unseen[stream] = set(self.table(stream))
        for record in batch.records:
            at = (record.stream, record.external_id)
            assert record.updated_at is not None
            assert at not in self.stamps or record.updated_at > self.stamps[at]
            self.stamps[at] = record.updated_at
            self.unseen.get(record.stream, set()).discard(record.external_id)
            if record.body is None:
                self.records.pop(at, None)
            else:
                self.records[at] = dict(record.body)
        for stream in batch.ends:
            for external_id in self.unseen.pop(stream):
                assert batch.as_of is not None
                assert batch.as_of >= self.stamps[stream, external_id]
                del self.records[stream, external_id]
        if batch.cursor is not None:
            self.cursor = batch.cursor


class Reader:
    """One run of an opened source."""

    def __init__(self, store: CaptureStore, client: PostgresSource) -> None:
        self.store = store
        self.client = client
        self._batches = client.read(CHANGES, store.cursor)

    async def next_batch(self) -> Batch:
        """The next batch, not committed; asking for it says that the one before is."""
        return await asyncio.wait_for(anext(self._batches), PATIENCE)

    async def take(self) -> Batch:
        """The next batch, committed."""
        batch = await self.next_batch()
        self.store.commit(batch)
        return batch

    async def die_after(self, batches: int) -> None:
        """Commit at most so many batches; die with the next one in hand, should there be one."""
        with suppress(TimeoutError):
            for _ in range(batches):
                self.store.commit(await asyncio.wait_for(anext(self._batches), 0.5))
            await asyncio.wait_for(anext(self._batches), 0.5)

    async def until(self, done: Callable[[CaptureStore], bool]) -> None:
        """Take batches until this is so."""
        while not done(self.store):
            await self.take()

    async def read_all(self) -> None:
        """Until every table was read whole: nothing is being read and the last batch ended a table."""
        await self.until(lambda store: bool(store.batches) and bool(store.batches[-1].ends))


async def catch_up(store: CaptureStore, done: Callable[[CaptureStore], bool]) -> None:
    """Read in a run of its own until this is so; a broken stream is begun again as the runner does."""
    while not done(store):
        async with store.reading() as reader:
            try:
                await reader.until(done)
            except SourceUnavailableError:
                await asyncio.sleep(0.05)
