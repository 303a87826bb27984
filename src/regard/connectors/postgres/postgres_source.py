"""PostgreSQL as a source with one stream, `changes`, which carries the rows of all its tables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg2
import structlog

from regard.connectors.connector_contract import (
    Batch,
    Connector,
    Cursor,
    RawRecord,
    Settings,
    SourceRefusesError,
    SourceUnavailableError,
    StreamSpec,
    Surroundings,
)
from regard.connectors.postgres.ask_postgres import SourceDesk, explain_break
from regard.connectors.postgres.assemble_transactions import Position
from regard.connectors.postgres.capture_changes import LogReader, read_table
from regard.connectors.postgres.complete_rows import RowCompleter
from regard.connectors.postgres.derive_row_changes import convert_row
from regard.connectors.postgres.describe_source_table import SourceTable
from regard.connectors.postgres.find_obstacles import Finding
from regard.connectors.postgres.follow_log import ChangesLostError, follow_log
from regard.connectors.postgres.inspect_postgres import SourceState
from regard.connectors.postgres.leave_postgres import leave_postgres
from regard.connectors.postgres.open_postgres import open_reader
from regard.connectors.postgres.postgres_settings import (
    SETTINGS_SCHEMA,
    PostgresSettings,
    read_postgres_settings,
)
from regard.connectors.postgres.prepare_postgres import (
    ExportedSnapshot,
    create_slot,
    drop_slot,
    export_snapshot,
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
        self._desk = SourceDesk(settings, surroundings.clock)
        self._runs: set[AsyncGenerator[Batch]] = set()

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
        return await self._desk.findings()

    async def lag(self) -> dict[str, Any]:
        """How much of the source's log waits for Regard, as `SourceDesk.lag` says it."""
        return await self._desk.lag()

    async def warnings(self) -> list[str]:
        """What the source's administrator should mend, and when its log waits too long for Regard."""
        told = [str(one) for one in await self.findings() if not one.missing]
        lag = await self.lag()
        if lag["alarm"]:
            kept = (lag["bytes_retained"] or 0) / 1_000_000
            told.append(
                f"The source keeps {kept:,.0f} MB of its log for Regard, which fills its disk or gets lost."
                " See that regard intake reads this source, or remove the slot: all is read again then."
            )
        return told

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
                async with self._tracked(self._run(kept)) as batches:
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
        state = await self._desk.inspect()
        table = next((one for one in state.tables if one.stream == stream and len(one.key) == 1), None)
        if table is None:
            raise SourceRefusesError(
                f"{stream} is no table with a key of one column; nothing can be fetched."
            )
        columns = [one.name for one in table.columns]
        keys = [(one,) for one in external_ids]
        rows = await self._desk.ask(lambda reader: fetch_rows(reader, table, keys, columns))
        types = {one.name: one.base for one in table.columns}
        return [
            RawRecord(stream, key[0], convert_row(rows[key], types) if key in rows else None) for key in keys
        ]

    async def close(self) -> None:
        """Give back the connections, also those of a reading that was left in the middle."""
        for run in list(self._runs):
            with suppress(RuntimeError):  # it is being closed already
                await run.aclose()
        await self._desk.close()

    async def leave(self) -> list[str]:
        """Remove our slot, for which the source would keep its log for ever, and the publication."""
        return await asyncio.to_thread(leave_postgres, self._settings)

    @asynccontextmanager
    async def _tracked(self, run: AsyncGenerator[Batch]) -> AsyncIterator[AsyncGenerator[Batch]]:
        self._runs.add(run)
        try:
            yield run
        finally:
            self._runs.discard(run)
            await run.aclose()

    async def _run(self, kept: ReplicationCursor | None) -> AsyncGenerator[Batch]:
        """From the kept cursor until the stream breaks."""
        source = await self._desk.prepare()
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
                    look = asyncio.create_task(self._look_around(log))
                    try:
                        async with aclosing(log.batches(look)) as batches:
                            async for batch in batches:
                                yield batch
                    finally:
                        look.cancel()
                    source = await look
                    log.set_tables(_captured(source))
                    read_more = bool(_pending(source, log.state))
                state = log.state

    async def _look_around(self, log: LogReader) -> SourceState:
        """What the source has after a while, or at once when the log shows another table than expected."""
        with suppress(TimeoutError):
            await asyncio.wait_for(log.news.wait(), self._look_seconds)
        log.news.clear()
        lag = await self.lag()
        if lag["alarm"]:
            self._log.warning("slot_lags", **lag)
        return await self._desk.prepare()

    async def _place(
        self, kept: ReplicationCursor | None, source: SourceState
    ) -> tuple[ReplicationCursor, ExportedSnapshot | None]:
        """Where to go on; with a new slot and its snapshot when there is nothing to go on from."""
        system = await asyncio.to_thread(self._desk.identify_system)
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
                            if batch.ends and table is pending[-1]:
                                # Locks of the source's tables end here, not when the batch was committed.
                                reader.close()
                            yield batch
        except psycopg2.Error as problem:
            raise explain_break(problem) from problem
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


def open_postgres_source(settings: Settings, surroundings: Surroundings) -> PostgresSource:
    """A client for these settings; raises `SettingsRefusedError`."""
    read = replace(read_postgres_settings(settings), networks=surroundings.networks)
    return PostgresSource(read, surroundings)


POSTGRES_CHANGES = Connector(
    "postgres_changes",
    "PostgreSQL (change capture)",
    category="Databases",
    freshness="pushed",
    settings_schema=SETTINGS_SCHEMA,
    open=open_postgres_source,
)
