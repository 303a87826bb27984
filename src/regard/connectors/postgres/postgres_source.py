"""PostgreSQL as a source with one stream, `changes`, which carries the rows of all its tables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg2
import structlog

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    Settings,
    SourceRefusesError,
    SourceUnavailableError,
    StreamSpec,
    Surroundings,
)
from regard.connectors.postgres.assemble_transactions import Position
from regard.connectors.postgres.capture_changes import LogReader, read_table
from regard.connectors.postgres.complete_rows import RowCompleter
from regard.connectors.postgres.derive_changes import convert_row
from regard.connectors.postgres.describe_source_table import SourceTable
from regard.connectors.postgres.find_obstacles import Finding, find_obstacles
from regard.connectors.postgres.follow_log import ChangesLostError, follow_log
from regard.connectors.postgres.inspect_postgres import SourceState, inspect_postgres, measure_lag
from regard.connectors.postgres.open_postgres import Connection, open_reader, open_replication
from regard.connectors.postgres.postgres_settings import PostgresSettings, read_postgres_settings
from regard.connectors.postgres.prepare_postgres import (
    ExportedSnapshot,
    create_slot,
    drop_slot,
    export_snapshot,
    prepare_publication,
)
from regard.connectors.postgres.read_tables import TableReader, fetch_rows
from regard.connectors.postgres.replication_cursor import ReplicationCursor, load_cursor

CHANGES = "changes"

_LOG = structlog.get_logger(__name__)
_LOOK_SECONDS = 30.0
_SLOT_PATIENCE_SECONDS = 120.0
_READING_PATIENCE_SECONDS = 10.0
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_T = TypeVar("_T")


class PostgresSource:
    """Change capture for one database. `look_seconds` is how often new tables and columns are looked for."""

    def __init__(
        self, settings: PostgresSettings, surroundings: Surroundings, look_seconds: float = _LOOK_SECONDS
    ) -> None:
        self._settings = settings
        self._clock = surroundings.clock
        self._log = _LOG.bind(source=surroundings.source)
        self._look_seconds = look_seconds
        self._reader: Connection | None = None

    async def check(self) -> None:
        """Reach the source and say all that is missing, each with the SQL that helps."""
        missing = []
        for finding in await self.findings():
            if finding.missing:
                missing.append(str(finding))
            else:
                self._log.warning("source_finding", finding=str(finding))
        if missing:
            raise SourceRefusesError(" ".join(missing))

    async def findings(self) -> list[Finding]:
        """All that is missing and all that should be known, what is missing first."""
        return find_obstacles(await self._inspect(), self._settings, self._clock.now())

    async def lag(self) -> dict[str, Any]:
        """How much of the source's log waits for Regard.

        `bytes_behind`, `bytes_retained` (what the source keeps on disk for us), `bytes_until_lost` (None: no
        limit is set), `wal_status`, `active`, and `alarm`: whether a person should look.
        """
        measured = await self._ask(lambda reader: measure_lag(reader, self._settings))
        if measured is None:
            return {"bytes_behind": None, "bytes_retained": None, "alarm": False, "active": False}
        left = measured["bytes_until_lost"]
        alarm = (measured["bytes_retained"] or 0) > self._settings.alarm_bytes
        close = left is not None and left < self._settings.alarm_bytes // 10
        lost = measured["wal_status"] in ("lost", "unreserved")
        return {**measured, "alarm": alarm or close or lost}

    async def streams(self) -> Sequence[StreamSpec]:
        """One stream for all tables: they share a connection, and the order of their changes matters."""
        return [StreamSpec(CHANGES, f"Changes in {self._settings.database}", poll_seconds=0.0)]

    async def read(self, stream: str, cursor: Cursor | None) -> AsyncGenerator[Batch]:
        """Tables that were not read yet, then every change as it is committed, for ever.

        A record's stream is its table.
        """
        kept = load_cursor(cursor)
        while True:
            try:
                async with aclosing(self._run(kept)) as batches:
                    async for batch in batches:
                        kept = load_cursor(batch.cursor)
                        yield batch
            except ChangesLostError as problem:
                self._refuse_loss(str(problem))
                await asyncio.to_thread(drop_slot, self._settings)
                kept = replace(kept, slot="", tables={}, reading=None) if kept else None
                self._log.warning("changes_lost", slot=self._settings.slot)

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """The present rows with these keys; gone ones as deleted. For tables with a key of one column."""
        state = await self._inspect()
        table = next((one for one in state.tables if one.stream == stream and len(one.key) == 1), None)
        if table is None:
            raise SourceRefusesError(
                f"{stream} is no table with a key of one column; nothing can be fetched."
            )
        columns = [one.name for one in table.columns]
        keys = [(one,) for one in external_ids]
        rows = await self._ask(lambda reader: fetch_rows(reader, table, keys, columns))
        types = {one.name: one.base for one in table.columns}
        return [
            RawRecord(stream, key[0], convert_row(rows[key], types) if key in rows else None) for key in keys
        ]

    async def close(self) -> None:
        """Give back the connection."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    async def leave(self) -> None:
        """Remove our slot from the source, which otherwise keeps its log for us for ever."""
        await asyncio.to_thread(drop_slot, self._settings)

    async def _run(self, kept: ReplicationCursor | None) -> AsyncGenerator[Batch]:
        """From the kept cursor until the stream breaks."""
        source = await self._prepare()
        state, snapshot = await self._place(kept, source)
        yield Batch((), state.to_json())
        while True:
            async with aclosing(self._read_pending(source, state, snapshot)) as batches:
                async for batch in batches:
                    state = load_cursor(batch.cursor) or state
                    yield batch
            snapshot = None
            async with self._following(source, state) as log:
                read_more = False
                while not read_more:
                    async with aclosing(log.batches(self._look_seconds)) as batches:
                        async for batch in batches:
                            yield batch
                    source = await self._prepare()
                    log.set_tables(_captured(source))
                    read_more = bool(_pending(source, log.state))
                state = log.state

    async def _prepare(self) -> SourceState:
        """What the source has now, after making what we may make; raises when something is missing."""
        source = await self._inspect()
        if await asyncio.to_thread(prepare_publication, source, self._settings):
            source = await self._inspect()
        missing = [one for one in find_obstacles(source, self._settings, self._clock.now()) if one.missing]
        if missing:
            raise SourceRefusesError(" ".join(str(one) for one in missing))
        return source

    async def _place(
        self, kept: ReplicationCursor | None, source: SourceState
    ) -> tuple[ReplicationCursor, ExportedSnapshot | None]:
        """Where to go on; with a new slot and its snapshot when there is nothing to go on from."""
        system = await asyncio.to_thread(self._identify_system)
        same = kept is not None and kept.system == system and kept.slot == self._settings.slot
        if kept is not None and same and source.slot is not None and not source.slot.invalid:
            return kept, None
        if kept is not None and kept.slot:
            self._refuse_loss(
                f"the replication slot “{self._settings.slot}” is gone, and with it the changes since the"
                " last reading"
            )
        if source.slot is not None:
            await asyncio.to_thread(drop_slot, self._settings)
        snapshot = await asyncio.to_thread(create_slot, self._settings, _SLOT_PATIENCE_SECONDS)
        at = kept.at if kept is not None else _LONG_AGO
        state = ReplicationCursor(system, self._settings.slot, Position(snapshot.lsn), at)
        return state, snapshot

    def _refuse_loss(self, what: str) -> None:
        if not self._settings.read_again_when_lost:
            raise SourceRefusesError(
                f"Changes of PostgreSQL “{self._settings.database}” were lost: {what}. Turn on “Read all"
                " again when the slot is lost” to read all tables again."
            )

    def _identify_system(self) -> str:
        connection = open_replication(self._settings)
        try:
            with connection.cursor() as cursor:
                cursor.execute("IDENTIFY_SYSTEM")
                row = cursor.fetchone()
                return str(row[0]) if row else ""
        except psycopg2.Error as problem:
            raise _broken(problem) from problem
        finally:
            connection.close()

    async def _read_pending(
        self, source: SourceState, state: ReplicationCursor, snapshot: ExportedSnapshot | None
    ) -> AsyncGenerator[Batch]:
        """The tables to be read, all in one state of the source whose place in the log is known."""
        pending = _pending(source, state)
        reader: TableReader | None = None
        try:
            if pending and snapshot is None:
                snapshot = await self._export(state)
            if pending and snapshot is not None:
                reader = await asyncio.to_thread(TableReader, self._settings, snapshot.name)
                for table in pending:
                    async with aclosing(
                        read_table(reader, table, snapshot, state, self._clock.now)
                    ) as batches:
                        async for batch in batches:
                            state = load_cursor(batch.cursor) or state
                            yield batch
        except psycopg2.Error as problem:
            raise _broken(problem) from problem
        finally:
            if reader is not None:
                reader.close()
            if snapshot is not None:
                snapshot.close()

    async def _export(self, state: ReplicationCursor) -> ExportedSnapshot | None:
        """A state to read tables in; None when that must wait, which shall not hold up other tables."""
        try:
            return await asyncio.to_thread(export_snapshot, self._settings, _READING_PATIENCE_SECONDS)
        except SourceUnavailableError as problem:
            if not state.tables:
                raise
            self._log.warning("reading_postponed", reason=str(problem))
            return None

    @asynccontextmanager
    async def _following(self, source: SourceState, state: ReplicationCursor) -> AsyncIterator[LogReader]:
        rows_of = await asyncio.to_thread(open_reader, self._settings)
        try:
            stream = await follow_log(self._settings, state.position.lsn)
            try:
                yield LogReader(stream, _captured(source), state, self._clock.now, RowCompleter(rows_of))
            finally:
                await stream.close()
        finally:
            rows_of.close()

    async def _inspect(self) -> SourceState:
        return await self._ask(lambda reader: inspect_postgres(reader, self._settings))

    async def _ask(self, question: Callable[[Connection], _T]) -> _T:
        """Ask over the connection that is kept for questions; it is opened anew after it broke."""

        def ask() -> _T:
            if self._reader is None or self._reader.closed:
                self._reader = open_reader(self._settings)
            return question(self._reader)

        try:
            return await asyncio.to_thread(ask)
        except psycopg2.Error as problem:
            await self.close()
            raise _broken(problem) from problem


def _captured(source: SourceState) -> list[SourceTable]:
    return [one for one in source.published if one.usable]


def _pending(source: SourceState, state: ReplicationCursor) -> list[SourceTable]:
    """Tables that were not read yet, or have other columns since; the one that was begun first."""
    tables = [
        one
        for one in _captured(source)
        if (known := state.tables.get(one.stream)) is None or known.shape != one.fingerprint
    ]
    begun = state.reading.stream if state.reading else None
    return sorted(tables, key=lambda one: one.stream != begun)


def _broken(problem: psycopg2.Error) -> SourceUnavailableError:
    reason = " ".join(str(problem).split()).removesuffix(".")
    return SourceUnavailableError(f"The connection to PostgreSQL broke: {reason}. Regard tries again.")


def open_postgres_source(settings: Settings, surroundings: Surroundings) -> PostgresSource:
    """A client for these settings; raises `SettingsRefusedError`."""
    return PostgresSource(read_postgres_settings(settings), surroundings)
