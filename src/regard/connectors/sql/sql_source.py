"""SQL databases as a source: tables and queries, each a stream, polled by SQLAlchemy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from regard.connectors.connector_contract import (
    Batch,
    Connector,
    Cursor,
    Discovery,
    RawRecord,
    Settings,
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
    StreamSpec,
    Surroundings,
)
from regard.connectors.sql.find_tables import SAMPLE_STREAM, find_tables
from regard.connectors.sql.open_engine import explain_sql, open_engine
from regard.connectors.sql.page_sql_rows import PAGE, latest_change, rows_with_keys
from regard.connectors.sql.poll_sql_stream import Row, SqlPoller, record_of
from regard.connectors.sql.reflect_sql_stream import SqlStream, reflect_sql_stream, tell_change
from regard.connectors.sql.sql_settings import (
    SETTINGS_SCHEMA,
    SqlSettings,
    StreamSettings,
    settle_sql_settings,
)

_T = TypeVar("_T")
_LOOK_AGAIN = timedelta(minutes=5)
_AT_ONCE = 1.0


class SqlSource:
    """One database that is polled."""

    def __init__(self, settings: SqlSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._clock = surroundings.clock
        self._zone = ZoneInfo(surroundings.time_zone)
        self._engine = open_engine(settings)
        self._pollers: dict[str, SqlPoller] = {}
        self._looked_at: dict[str, datetime] = {}

    async def check(self) -> None:
        """Reach the database and find every table, key and column that the settings name."""
        for stream in self._settings.streams:
            poller = await self._poller(stream)
            if poller.stream.cursor is not None:
                await asyncio.to_thread(self._ask, latest_change(poller.stream))

    async def streams(self) -> Sequence[StreamSpec]:
        """One for each table or query; those without a column of changes are compared as a whole."""
        return [
            StreamSpec(one.name, one.name, one.poll_seconds, full_compare=one.cursor is None)
            for one in self._settings.streams
        ]

    async def read(self, stream: str, cursor: Cursor | None) -> AsyncGenerator[Batch]:
        """What changed since the cursor, or everything."""
        settings = self._stream(stream)
        poller = await self._poller(settings)
        changes = poller.stream.cursor is not None
        try:
            async for batch in poller.read_changes(cursor) if changes else poller.read_everything():
                yield batch
        except SourceUnavailableError:
            self._pollers.pop(stream, None)
            raise
        except SourceRefusesError:
            before = self._pollers.pop(stream, poller).stream
            # Raises itself where the settings name what is gone.
            changed = tell_change(before, (await self._poller(settings)).stream)
            if changed is None:
                raise
            raise SourceUnavailableError(changed, _AT_ONCE) from None

    async def warnings(self) -> list[str]:
        """Rows that cannot be told apart."""
        return [
            f"{name}: the table has no key, and {poller.repeated:,} of its rows are equal to another word for"
            " word; equal rows are one record. Name columns that tell them apart as the key of the stream."
            for name, poller in sorted(self._pollers.items())
            if poller.repeated
        ]

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """The present rows with these keys; gone ones as deleted. For keys of one column."""
        one = (await self._poller(self._stream(stream))).stream
        if len(one.key) != 1:
            raise SourceRefusesError(f"“{stream}” has no key of one column; nothing can be fetched.")
        rows = await asyncio.to_thread(self._ask, rows_with_keys(one, external_ids))
        found = {record.external_id: record for record in (record_of(one, row, self._zone) for row in rows)}
        return [found.get(key) or RawRecord(stream, key, None) for key in external_ids]

    async def close(self) -> None:
        """Give back the connections."""
        await asyncio.to_thread(self._engine.dispose)

    def _stream(self, name: str) -> StreamSettings:
        found = next((one for one in self._settings.streams if one.name == name), None)
        if found is None:
            raise SettingsRefusedError(f"The settings have no stream “{name}”.")
        return found

    async def _poller(self, settings: StreamSettings) -> SqlPoller:
        known, now = self._pollers.get(settings.name), self._clock.now()
        if known is None or now - self._looked_at[settings.name] > _LOOK_AGAIN:
            stream: SqlStream = await asyncio.to_thread(
                self._explained, lambda: reflect_sql_stream(self._engine, settings)
            )
            self._looked_at[settings.name] = now
            if known is None:
                known = SqlPoller(stream, self._ask, self._scan, self._clock.now, self._zone)
                self._pollers[settings.name] = known
            known.stream = stream
        return known

    def _ask(self, statement: sa.Select[Any]) -> Sequence[Row]:
        def ask() -> Sequence[Row]:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(statement).mappings()]

        return self._explained(ask)

    def _scan(self, statement: sa.Select[Any]) -> Iterator[Sequence[Row]]:
        try:
            with self._engine.connect() as connection:
                options = connection.execution_options(stream_results=True, yield_per=PAGE)
                for rows in options.execute(statement).mappings().partitions(PAGE):
                    yield [dict(row) for row in rows]
        except SQLAlchemyError as problem:
            raise explain_sql(problem, self._settings) from problem

    def _explained(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except SQLAlchemyError as problem:
            raise explain_sql(problem, self._settings) from problem


def open_sql_source(settings: Settings, surroundings: Surroundings) -> SqlSource:
    """A client for these settings; raises `SettingsRefusedError`."""
    return SqlSource(settle_sql_settings(settings, surroundings), surroundings)


SQL = Connector(
    "sql",
    "SQL database (polling)",
    category="Databases",
    freshness="seconds",
    settings_schema=SETTINGS_SCHEMA,
    open=open_sql_source,
    discovery=Discovery("streams", "tables", SAMPLE_STREAM, find_tables),
)
