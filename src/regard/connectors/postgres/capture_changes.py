"""One run of change capture: reads tables that were not read yet, then follows the log, batch by batch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from itertools import groupby
from typing import Any

from regard.connectors.connector_contract import Batch, RawRecord
from regard.connectors.postgres.assemble_transactions import Piece, TransactionAssembler
from regard.connectors.postgres.decode_pgoutput import Relation, decode_message
from regard.connectors.postgres.derive_row_changes import Change, Relations, convert_row
from regard.connectors.postgres.describe_source_table import SourceTable, identify_row
from regard.connectors.postgres.follow_log import LogStream
from regard.connectors.postgres.prepare_postgres import ExportedSnapshot
from regard.connectors.postgres.read_tables import TableReader, Texts
from regard.connectors.postgres.replication_cursor import Reading, ReadTable, ReplicationCursor

Now = Callable[[], datetime]

Complete = Callable[[Sequence[Change], Mapping[tuple[str, str], SourceTable]], Awaitable[list[Change]]]
"""Fills in the large values that were not sent, given the tables by schema and name."""

_LARGE_BATCH = 1_000
_BREATH = 200
_IDLE_SECONDS = 10.0


async def read_table(
    reader: TableReader, table: SourceTable, snapshot: ExportedSnapshot, state: ReplicationCursor, now: Now
) -> AsyncGenerator[Batch]:
    """The rows of a table from where the cursor stands in it, in batches.

    The first batch of a table begins its whole reading, the last ends it.
    """
    reading = _resume(state.reading, table, snapshot.lsn)
    begins = () if reading.after else (table.stream,)
    at = state.stamp(reader.now or now(), now())
    await asyncio.to_thread(reader.begin, table, reading.after)
    types = {one.name: one.base for one in table.columns}
    while True:
        rows = await asyncio.to_thread(reader.rows)
        if not rows:
            break
        records = [_record(table, row, types, at) for row in rows]
        last = rows[-1]
        reading = Reading(reading.stream, reading.table, tuple(last[name] or "" for name in table.key))
        state = state.read_to(reading, at)
        yield Batch(records, state.to_json(), begins=begins)
        begins = ()
    state = state.finished(reading, at)
    yield Batch((), state.to_json(), begins=begins, ends=(table.stream,), as_of=at)


def _resume(kept: Reading | None, table: SourceTable, lsn: int) -> Reading:
    """Where to go on: behind the last row, unless the table looks different now or has no key."""
    fresh = Reading(table.stream, ReadTable(table.fingerprint, lsn))
    if kept is None or kept.stream != table.stream or not table.key:
        return fresh
    return kept if kept.table.shape == table.fingerprint else fresh


def _record(table: SourceTable, row: Texts, types: dict[str, str], at: datetime) -> RawRecord:
    return RawRecord(table.stream, identify_row(table.key, row), convert_row(row, types), at)


class LogReader:
    """Turns the log into batches; `state` is the cursor behind the last one that was handed out.

    `news` is set when the log shows a table in another shape than the catalogue did.
    """

    def __init__(
        self,
        stream: LogStream,
        tables: Sequence[SourceTable],
        state: ReplicationCursor,
        now: Now,
        complete: Complete,
    ) -> None:
        self.state = state
        self.news = asyncio.Event()
        self._stream = stream
        self._now = now
        self._complete = complete
        self._tables: dict[tuple[str, str], SourceTable] = {}
        self._relations = Relations()
        self.set_tables(tables)
        self._assembler = TransactionAssembler(
            state.position,
            self._relations,
            read_as_of={stream: one.as_of for stream, one in state.tables.items()},
        )
        self._confirmed = state.position.lsn

    def set_tables(self, tables: Sequence[SourceTable]) -> None:
        """Take what the catalogue says now."""
        self._tables = {(one.schema, one.table): one for one in tables}
        self._relations.set_tables(tables)

    async def batches(self, look: asyncio.Future[Any]) -> AsyncGenerator[Batch]:
        """Batches as they come until `look` is done; always ends between two transactions.

        When the next one is asked for, the last one is confirmed to the source.
        """
        look.add_done_callback(lambda _: self._stream.wake())
        while self._assembler.inside or not look.done():
            pieces = await self._gather()
            async with aclosing(self._hand_out(pieces)) as batches:
                async for batch in batches:
                    yield batch
            if not pieces:
                await self._stream.wait(_IDLE_SECONDS)
        if self._assembler.position.lsn > self._confirmed:
            # Transactions in which nothing concerned us; the source may forget them too.
            self.state = self.state.moved(self._assembler.position)
            yield Batch((), self.state.to_json())
            self._confirm()

    async def _hand_out(self, pieces: Sequence[Piece]) -> AsyncGenerator[Batch]:
        for emptied, group in groupby(pieces, lambda one: tuple(one.emptied)):
            records: list[RawRecord] = []
            state = self.state
            for piece in group:
                at = state.stamp(piece.committed_at, self._now())
                changes = await self._complete(piece.changes, self._tables)
                records += [RawRecord(one.stream, one.external_id, one.body(), at) for one in changes]
                state = state.moved(piece.position, at)
            self.state = state
            yield Batch(records, state.to_json(), begins=emptied, ends=emptied, as_of=state.at)
            self._confirm()

    def _confirm(self) -> None:
        if self.state.position.lsn > self._confirmed:
            self._confirmed = self.state.position.lsn
            self._stream.confirm(self._confirmed)

    async def _gather(self) -> list[Piece]:
        """What is complete by now, up to a large batch; waits for the rest of a transaction."""
        pieces: list[Piece] = []
        records = taken = 0
        while records < _LARGE_BATCH:
            message = self._stream.next_message()
            if message is None:
                if pieces or not self._assembler.inside:
                    break
                await self._stream.wait(_IDLE_SECONDS)
                continue
            decoded = decode_message(message)
            if isinstance(decoded, Relation) and self._looks_new(decoded):
                self.news.set()
            complete = self._assembler.feed(decoded, len(message))
            records += sum(len(one.changes) or 1 for one in complete)
            pieces += complete
            taken += 1
            if taken % _BREATH == 0:
                await asyncio.sleep(0)
        return pieces

    def _looks_new(self, relation: Relation) -> bool:
        table = self._tables.get((relation.schema, relation.table))
        if table is None:
            return True
        return {one.name for one in relation.columns} != {one.name for one in table.columns}
