"""Reads one stream of a SQL database: what changed behind the cursor, or everything."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa

from regard.connectors.connector_contract import Batch, Cursor, RawRecord
from regard.connectors.sql.convert_sql_values import (
    dump_value,
    identify_sql_row,
    instant_of,
    json_value,
    load_value,
)
from regard.connectors.sql.look_back import believable, look_back, refuse_text
from regard.connectors.sql.page_sql_rows import (
    PAGE,
    all_rows,
    latest_change,
    pages_by_change,
    pages_by_key,
    pages_without_change,
)
from regard.connectors.sql.reflect_sql_stream import CURSOR_LABEL, SqlStream

Row = Mapping[str, Any]
Ask = Callable[[sa.Select[Any]], Sequence[Row]]
Stream = Callable[[sa.Select[Any]], Iterator[Sequence[Row]]]

_MOST_REMEMBERED = 100_000
# Rows without a key are told apart by a digest: so much of it, and so many, are remembered to count equals.
_MARK = 20
_MOST_COUNTED = 2_000_000


@dataclass(frozen=True, slots=True)
class PollCursor:
    """Where a stream stands: the latest change read, the last key among rows without one, the comparison.

    `after` is the key up to which a comparison that is under way has come; None: none is. `shape` are the
    columns that were read: when others are there, rows that nobody touched have changed too.
    """

    high: Any = None
    null_key: tuple[Any, ...] | None = None
    compared_at: datetime | None = None
    after: tuple[Any, ...] | None = None
    shape: str = ""

    def to_json(self) -> Cursor:
        """The JSON object that is kept; values keep their types."""
        whole: dict[str, Any] = {"shape": self.shape}
        if self.high is not None:
            whole["high"] = dump_value(self.high)
        if self.compared_at is not None:
            whole["compared_at"] = self.compared_at.isoformat()
        for name, key in (("null_key", self.null_key), ("after", self.after)):
            if key is not None:
                whole[name] = [dump_value(one) for one in key]
        return whole


def load_poll_cursor(cursor: Cursor | None) -> PollCursor:
    """The kept state, or that of a beginning."""
    kept = cursor or {}
    keys = {
        name: tuple(load_value(one) for one in kept[name]) for name in ("null_key", "after") if name in kept
    }
    at = kept.get("compared_at")
    return PollCursor(
        load_value(kept["high"]) if "high" in kept else None,
        keys.get("null_key"),
        datetime.fromisoformat(at) if at else None,
        keys.get("after"),
        kept.get("shape", ""),
    )


@dataclass(slots=True)
class SqlPoller:
    """Polls one stream. `ask` gives all rows of a statement, `scan` gives them in portions; both block.

    What was read lately is remembered, so that the overlap does not hand on the same rows at every reading.
    `repeated`: how many rows of the last whole reading were equal to another, in a table without a key.
    """

    stream: SqlStream
    ask: Ask
    scan: Stream
    now: Callable[[], datetime]
    zone: tzinfo
    _recent: dict[str, str] = field(default_factory=dict)
    repeated: int = 0

    async def read_everything(self) -> AsyncGenerator[Batch]:
        """All rows, for a stream that cannot tell what changed."""
        if not self.stream.key:
            async for batch in self._read_without_key():
                yield batch
            return
        after: tuple[Any, ...] | None = None
        while rows := await self._ask(pages_by_key(self.stream, after)):
            after = self._key(rows[-1])
            yield Batch([self._record(row) for row in rows])
            if len(rows) < PAGE:
                return

    async def _read_without_key(self) -> AsyncGenerator[Batch]:
        """All rows; those that are equal word for word are one record, and are counted."""
        portions = self.scan(all_rows(self.stream))
        met: set[str] = set()
        repeated = 0
        while (rows := await asyncio.to_thread(next, portions, None)) is not None:
            records = [self._record(row) for row in rows]
            if len(met) < _MOST_COUNTED:
                before = len(met)
                met.update(record.external_id[:_MARK] for record in records)
                repeated += len(records) - (len(met) - before)
            yield Batch(records)
        self.repeated = repeated

    async def read_changes(self, cursor: Cursor | None) -> AsyncGenerator[Batch]:
        """What changed behind the cursor; everything first, and again when a comparison is due."""
        state = load_poll_cursor(cursor)
        if state.shape != self.stream.shape:
            state = PollCursor(shape=self.stream.shape)
        if state.after is not None or self._is_due(state):
            async for batch in self._compare(state):
                yield batch
            return
        async for batch in self._changed(state):
            state = load_poll_cursor(batch.cursor)
            yield batch
        async for batch in self._unfilled(state):
            yield batch

    def _is_due(self, state: PollCursor) -> bool:
        if state.compared_at is None:
            return True
        hours = self.stream.settings.compare_hours
        return hours > 0 and self.now() - state.compared_at >= timedelta(hours=hours)

    async def _latest(self) -> object:
        """The latest change, taken before rows are read, so that none falls between."""
        rows = await self._ask(latest_change(self.stream))
        value = next(iter(rows[0].values())) if rows else None
        if value is not None:
            refuse_text(value, self.stream.settings.name, self.stream.settings.cursor)
        return self._believable(value)

    async def _compare(self, state: PollCursor) -> AsyncGenerator[Batch]:
        name = self.stream.settings.name
        begins: tuple[str, ...] = ()
        if state.after is None:
            state = replace(state, high=await self._latest(), null_key=None)
            begins = (name,)
        began = self.now()
        after = state.after or None
        while True:
            rows = await self._ask(pages_by_key(self.stream, after))
            if rows:
                after = self._key(rows[-1])
                nulls = [self._key(row) for row in rows if row[CURSOR_LABEL] is None]
                state = replace(state, after=after, null_key=nulls[-1] if nulls else state.null_key)
            if len(rows) < PAGE:
                break
            yield Batch(self._remembered(rows, state), state.to_json(), begins=begins)
            begins = ()
        state = replace(state, after=None, compared_at=began)
        yield Batch(self._remembered(rows, state), state.to_json(), begins=begins, ends=(name,))

    async def _changed(self, state: PollCursor) -> AsyncGenerator[Batch]:
        low = self._low(state)
        last: tuple[object, tuple[Any, ...]] | None = None
        before = self._recent
        seen: dict[str, str] = {}
        while rows := await self._ask(pages_by_change(self.stream, low, last)):
            last = (rows[-1][CURSOR_LABEL], self._key(rows[-1]))
            records = [self._record(row) for row in rows]
            marks = {one.external_id: _mark(one) for one in records}
            news = [one for one in records if before.get(one.external_id) != marks[one.external_id]]
            high = self._believable(last[0])
            state = replace(state, high=high if state.high is None else max(state.high, high))
            yield Batch(news, state.to_json())
            if len(seen) < _MOST_REMEMBERED:
                seen |= marks
            if len(rows) < PAGE:
                break
        self._recent = seen

    async def _unfilled(self, state: PollCursor) -> AsyncGenerator[Batch]:
        """New rows whose change is not filled yet; older ones are met by the comparison."""
        while rows := await self._ask(pages_without_change(self.stream, state.null_key)):
            state = replace(state, null_key=self._key(rows[-1]))
            yield Batch([self._record(row) for row in rows], state.to_json())
            if len(rows) < PAGE:
                return

    def _low(self, state: PollCursor) -> Any:  # noqa: ANN401 - of the cursor's own type
        return None if state.high is None else look_back(state.high, self.stream.settings.overlap)

    def _remembered(self, rows: Sequence[Row], state: PollCursor) -> list[RawRecord]:
        """The records of a comparison; those that the next reading of changes will meet are remembered."""
        low = self._low(state)
        records = [self._record(row) for row in rows]
        for row, record in zip(rows, records, strict=True):
            at = row[CURSOR_LABEL]
            if low is not None and at is not None and at >= low and len(self._recent) < _MOST_REMEMBERED:
                self._recent[record.external_id] = _mark(record)
        return records

    async def _ask(self, statement: sa.Select[Any]) -> Sequence[Row]:
        return await asyncio.to_thread(self.ask, statement)

    def _believable(self, value: object) -> Any:  # noqa: ANN401 - of the cursor's own type
        return believable(value, self.now(), self.zone, utc=self.stream.cursor_is_utc)

    def _key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.stream.key)

    def _record(self, row: Row) -> RawRecord:
        return record_of(self.stream, row, self.zone)


def record_of(stream: SqlStream, row: Row, zone: tzinfo) -> RawRecord:
    """A row as a raw record."""
    body = {name: json_value(_aware(row[name], utc=name in stream.utc)) for name in stream.columns}
    at = instant_of(row[CURSOR_LABEL], zone, utc=stream.cursor_is_utc) if stream.cursor is not None else None
    own = {name: row[name] for name in stream.columns}
    return RawRecord(stream.settings.name, identify_sql_row(stream.key, own), body, at)


def _aware(value: object, *, utc: bool) -> object:
    return value.replace(tzinfo=UTC) if utc and isinstance(value, datetime) else value


def _mark(record: RawRecord) -> str:
    text = json.dumps([dict(record.body or {}), str(record.updated_at)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
