"""Databases as their own applications see them, and what Regard keeps of a table that it polls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    Surroundings,
)
from regard.connectors.sql.sql_source import SqlSource, open_sql_source
from regard.kit.clock import SetClock

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Polled:
    """What Regard keeps of one stream, reading after reading."""

    def __init__(self, settings: dict[str, Any], zone: str = "UTC") -> None:
        self.clock = SetClock(NOON)
        self.settings = settings
        self.zone = zone
        self.cursor: Cursor | None = None
        self.records: dict[str, Any] = {}
        self.times: dict[str, datetime | None] = {}
        self.unseen: set[str] | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[SqlSource]:
        folders = (Path(self.settings["database"]).parent,) if self.settings["kind"] == "sqlite" else ()
        around = Surroundings("erp", self.clock, self.zone, folders=folders)
        client = open_sql_source(self.settings, around)
        try:
            yield client
        finally:
            await client.close()

    async def read(self, client: SqlSource | None = None, most: int = 1_000) -> list[str]:
        """One reading of the only stream; gives the ids handed on. At most `most` batches are committed."""
        if client is None:
            async with self.opened() as client:
                return await self.read(client, most)
        (spec,) = await client.streams()
        told: list[str] = []
        if spec.full_compare:
            self.unseen = set(self.records)
        async for batch in client.read(spec.name, None if spec.full_compare else self.cursor):
            if most == 0:
                return told
            most -= 1
            self._commit(batch, told)
        if spec.full_compare:
            self._end()
        return told

    def _commit(self, batch: Batch, told: list[str]) -> None:
        if batch.begins:
            self.unseen = set(self.records)
        for record in batch.records:
            told.append(record.external_id)
            self.records[record.external_id] = record.body
            self.times[record.external_id] = record.updated_at
            if self.unseen is not None:
                self.unseen.discard(record.external_id)
        if batch.ends:
            self._end()
        if batch.cursor is not None:
            self.cursor = batch.cursor

    def _end(self) -> None:
        for gone in self.unseen or ():
            del self.records[gone]
        self.unseen = None


class Engine:
    """A database as its own application sees it."""

    def __init__(self, url: sa.URL | str, settings: dict[str, Any]) -> None:
        self.settings = settings
        self._engine = sa.create_engine(url)

    def run(self, *statements: str) -> None:
        with self._engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def polled(self, zone: str = "UTC", **stream: Any) -> Polled:
        return Polled({**self.settings, "streams": [stream]}, zone)

    def close(self) -> None:
        self._engine.dispose()


def contacts(rows: int = 0) -> list[str]:
    """A table with a time of the last change that knows only seconds."""
    made = "CREATE TABLE contact (id integer PRIMARY KEY, name varchar(50), changed_at timestamp NULL)"
    values = ", ".join(f"({n}, 'name {n}', '2026-06-01 10:00:00')" for n in range(1, rows + 1))
    return [made, *([f"INSERT INTO contact VALUES {values}"] if rows else [])]
