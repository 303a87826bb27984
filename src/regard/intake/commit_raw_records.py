"""One transaction of raw records: what they mean into the log, their heads, and the reader's cursor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from regard.connectors.connector_contract import Cursor, RawRecord
from regard.connectors.mapping.map_record import Surface
from regard.db.pool import Connection
from regard.eventlog.seal_bodies import Keyring
from regard.events.raw_events import raw_object_id
from regard.intake.count_raw_records import count_raw_records, count_there
from regard.intake.follow_raw_record import Step
from regard.intake.hold_vanished_fields import HELD, keep_holds, read_watch
from regard.intake.judge_raw_records import Judgement
from regard.intake.keep_connections import QUERIES
from regard.intake.keep_marks import keep_marks
from regard.intake.keep_quarantine import add_items, close_items, find_states
from regard.intake.keep_raw_heads import QUERIES as HEADS
from regard.intake.keep_raw_heads import RawHead, read_heads, write_heads
from regard.intake.keep_stream_mappings import read_latest_mappings
from regard.intake.mend_raw_records import storable
from regard.intake.pushed_item import ItemResult, PushedItem
from regard.intake.set_records_aside import Aside
from regard.intake.state_raw_records import IdsTakenError, Statements
from regard.intake.translate_raw_records import NumberedMapping, raw_text
from regard.kit.errors import RegardError
from regard.sources.manage_sources import Source, SourceRemovedError

RAW_DIALECT = "raw"
MOST_AT_ONCE = 1_000
_LOG = structlog.get_logger(__name__)
_BAD_VALUE = (
    asyncpg.DataError, asyncpg.CheckViolationError, asyncpg.NotNullViolationError,
    asyncpg.ProgramLimitExceededError, ValueError, TypeError, ArithmeticError, RecursionError,
)  # fmt: skip


class SourceTakenOverError(RegardError):
    """Another process reads the source, or its settings changed: what was read is read again there."""

    code = "source_taken_over"
    status = 409


@dataclass(frozen=True, slots=True)
class Bookmark:
    """The cursor to save with the records, and the claim under which the stream is read.

    `begins`, `ends` and `as_of` as in `Batch`: readings of everything; `marks` are kept with the cursor.
    """

    stream: str
    cursor: Cursor | None
    owner: str
    changed_at: datetime
    begins: Sequence[str] = ()
    ends: Sequence[str] = ()
    as_of: datetime | None = None
    marks: Mapping[str, str | None] = field(default_factory=dict)


BEFORE_ALL = UUID(int=0)
_LOOKED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class EndedReading:
    """A reading of everything that began at `since` and ended; `as_of` as in `Batch`."""

    stream: str
    since: datetime
    as_of: datetime | None


class RawTransaction:
    """One batch in the caller's transaction."""

    def __init__(
        self, connection: Connection, keyring: Keyring, now: datetime, source: Source, *, again: bool
    ) -> None:
        self._again = again
        self._connection = connection
        self._keyring = keyring
        self._now = now
        self._source = source
        self.fresh_keys: dict[UUID, AESGCM] = {}

    async def run(self, records: Sequence[RawRecord], bookmark: Bookmark | None) -> list[ItemResult]:
        """Take the records; a record that comes twice is taken in its order.

        What a reading of everything that ends here did not meet is left to `end_portion`.
        """
        judgement = await self._prepare()
        if bookmark is not None and bookmark.begins:
            await self._connection.execute(
                QUERIES["begin_whole"], self._source.slug, bookmark.begins, self._now
            )
        judgement = replace(judgement, whole=await self._read_whole())
        if not self._again:
            streams = {record.stream for record in records}
            watch = await read_watch(self._connection, self._source.slug, streams, judgement.mappings)
            judgement = replace(judgement, watch=watch)
        storables = [storable(record) for record in records]
        results = await self._take_all(storables, judgement, compared=bookmark is not None)
        if bookmark is not None:
            if bookmark.ends:
                await self._connection.execute(
                    QUERIES["end_whole"], self._source.slug, bookmark.ends, self._now, bookmark.as_of
                )
            await self._move_cursor(bookmark)
            await keep_marks(self._connection, self._source.slug, bookmark.stream, bookmark.marks)
        return results

    async def end_portion(
        self, ended: EndedReading, after: UUID, claim: Bookmark
    ) -> UUID | None:
        """Remove some of what a reading of everything did not meet; gives where to go on, None at the end.

        `after` is the last object that was looked at.
        """
        judgement = await self._prepare()
        rows = await self._connection.fetch(
            HEADS["read_unseen"],
            self._source.slug, ended.stream, ended.since, after, _LOOKED_AT_ONCE, MOST_AT_ONCE,
        )  # fmt: skip
        unseen = [row for row in rows if row["external_id"] is not None]
        gone = [RawRecord(ended.stream, row["external_id"], None, ended.as_of) for row in unseen]
        await self._take_all(gone, judgement, compared=True)
        await self._move_cursor(replace(claim, cursor=None))
        if len(unseen) == MOST_AT_ONCE:
            return UUID(str(unseen[-1]["object_id"]))
        if len(rows) > len(unseen):
            return UUID(str(rows[-1]["object_id"]))
        await self._connection.execute(QUERIES["clear_ending"], self._source.slug, ended.stream, ended.since)
        return None

    async def _prepare(self) -> Judgement:
        zone, shown = await self._lock()
        mappings = await read_latest_mappings(self._connection, self._source.slug)
        if not shown:
            # Filled without being shown: the records are kept and state nothing yet.
            mappings = {stream: NumberedMapping(one.number, None) for stream, one in mappings.items()}
        surface = Surface(self._now, self._source.currency, zone)
        return Judgement(self._source, self._keyring, surface, mappings, self._again)

    async def _read_whole(self) -> dict[str, datetime]:
        rows = await self._connection.fetch(QUERIES["read_whole"], self._source.slug)
        return {row["stream"]: row["whole_since"] for row in rows}

    async def _lock(self) -> tuple[str, bool]:
        """Wait for the turn of this source; gives its time zone and whether it is shown."""
        row = await self._connection.fetchrow(QUERIES["lock_connection"], self._source.slug)
        if row is None:
            await self._connection.execute(QUERIES["ensure_connection"], self._source.slug, self._now)
            row = await self._connection.fetchrow(QUERIES["lock_connection"], self._source.slug)
        assert row is not None
        if row["removed"]:
            raise SourceRemovedError("The source was removed; bring it back first.")
        return row["time_zone"], row["shown"]

    async def _take_all(
        self, records: Sequence[RawRecord], judgement: Judgement, *, compared: bool
    ) -> list[ItemResult]:
        results: list[ItemResult | None] = [None] * len(records)
        waiting: set[str] = set()
        for indexes in _rounds(self._source.slug, records):
            steps = await self._take_round([records[index] for index in indexes], judgement)
            for index, step in zip(indexes, steps, strict=True):
                results[index] = step.result
            waiting |= {f"{step.record.stream}\n{step.record.external_id}" for step in steps if step.waits}
        done = [result for result in results if result is not None]
        if not self._again:
            await keep_holds(
                self._connection, self._source.slug, judgement.watch, records, waiting, self._now
            )
            slug = self._source.slug
            await count_raw_records(self._connection, slug, records, done, self._now, compared=compared)
        return done

    async def _take_round(self, records: Sequence[RawRecord], judgement: Judgement) -> list[Step]:
        """The records, each at most once; what the database refuses is set aside, and the others go on."""
        ids = [raw_object_id(self._source.slug, one.stream, one.external_id) for one in records]
        aside = Aside()
        while True:
            try:
                async with self._connection.transaction():
                    steps, fresh = await self._take(dict(zip(ids, records, strict=True)), judgement, aside)
            except IdsTakenError as taken:
                aside.note_taken(taken.object_ids, dict(zip(ids, records, strict=True)), self._now)
            except _BAD_VALUE as error:
                if len(records) > 1:
                    middle = len(records) // 2
                    first = await self._take_round(records[:middle], judgement)
                    return first + await self._take_round(records[middle:], judgement)
                _LOG.error(
                    "record_not_kept", source=self._source.slug, stream=records[0].stream,
                    error=type(error).__name__,
                )  # fmt: skip
                if not aside.note_refused(ids[0], records[0]):
                    raise
            else:
                self.fresh_keys |= fresh
                return steps

    async def _take(
        self, records: Mapping[UUID, RawRecord], judgement: Judgement, aside: Aside
    ) -> tuple[list[Step], dict[UUID, AESGCM]]:
        heads = await read_heads(self._connection, list(records))
        steps = [
            aside.apply(judgement.look(record, object_id, heads, aside.least_revisions.get(object_id, 1)))
            for object_id, record in records.items()
        ]
        statements = Statements(
            self._connection, self._keyring, self._source.slug, again=self._again
        )
        stated_at = await statements.append(steps)
        fresh = statements.fresh_keys | await self._quarantine(steps)
        changes = [(step, self._new_head(step, judgement)) for step in steps if step.is_new_state]
        await write_heads(
            self._connection, self._source.slug, [head for _, head in changes],
            [step.object_id for step in steps if step.met_again(judgement.whole)],
            # A clock set back must not make what is met look unmet.
            max([self._now, *judgement.whole.values()]), stated_at,
        )  # fmt: skip
        await count_there(self._connection, self._source.slug, changes)
        return steps, fresh

    async def _quarantine(self, steps: Sequence[Step]) -> dict[UUID, AESGCM]:
        fresh: dict[UUID, AESGCM] = {}
        items: list[tuple[PushedItem, RegardError]] = []
        states = [step.state for step in steps if step.state is not None]
        known = await find_states(self._connection, self._source.slug, states)
        for step in steps:
            if step.state in known:
                step.refusal, step.unchanged = None, True
            if step.refusal is not None:
                step.quarantined = _as_item(step.record, self._source.slug, self._now)
                step.quarantined.state = step.state
                items.append((step.quarantined, step.refusal))
        if items:
            fresh = await add_items(self._connection, self._keyring, items)
        # What was refused before and is read now, or was refused in an older form, is settled.
        newer = [step for step in steps if not step.unchanged and not step.late]
        settled = [step.head.quarantine_id for step in newer if step.head]
        await close_items(self._connection, [one for one in settled if one is not None], self._now)
        return fresh

    def _new_head(self, step: Step, judgement: Judgement) -> RawHead:
        record = step.record
        if step.late and step.head is not None:
            return replace(
                step.head, stream=record.stream, external_id=record.external_id, revision=step.revision
            )
        received_at = self._now
        if self._again and step.head is not None and not step.changed:
            received_at = step.head.received_at
        return RawHead(
            object_id=step.object_id,
            stream=record.stream,
            external_id=record.external_id,
            position=step.position,
            digest=step.digest,
            updated_at=record.updated_at,
            received_at=received_at,
            revision=step.revision,
            mapping=HELD if step.waits else judgement.mapping_of(record.stream).number,
            deleted=record.deleted,
            quarantine_id=step.quarantined.quarantine_id if step.quarantined else None,
            made=step.translation.made if step.translation else None,
            vanished=step.vanished,
        )

    async def _move_cursor(self, bookmark: Bookmark) -> None:
        cursor = None if bookmark.cursor is None else json.dumps(dict(bookmark.cursor))
        moved = await self._connection.fetchval(
            QUERIES["move_cursor"],
            self._source.slug, bookmark.stream, cursor, bookmark.owner, bookmark.changed_at,
        )  # fmt: skip
        if moved is None:
            raise SourceTakenOverError("Another process reads this source, or its settings changed.")


def _rounds(source: str, records: Sequence[RawRecord]) -> list[list[int]]:
    """Indexes of the records in rounds that hold each record at most once."""
    rounds: list[list[int]] = []
    times: dict[UUID, int] = {}
    for index, record in enumerate(records):
        object_id = raw_object_id(source, record.stream, record.external_id)
        turn = times.get(object_id, 0)
        times[object_id] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(index)
    return rounds


def _as_item(record: RawRecord, source: str, now: datetime) -> PushedItem:
    """The record as it goes into quarantine."""
    names = {"stream": record.stream[:100], "id": record.external_id[:500]}
    context = {name: text.replace("\0", "") for name, text in names.items()}
    if record.updated_at:
        context["updated_at"] = record.updated_at.isoformat()
    body = (raw_text(record) or "{}").encode()
    return PushedItem(source, now, RAW_DIALECT, body, context=context)
