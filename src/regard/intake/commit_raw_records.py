"""One transaction of raw records: what they mean into the log, their heads, and the reader's cursor."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from regard.connectors.connector_contract import Cursor, RawRecord
from regard.connectors.mapping.map_record import Surface
from regard.connectors.name_origin import ItemRefusedError
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.append_events import append_within
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.events.raw_events import RawReceived, raw_object_id
from regard.intake.keep_quarantine import add_items, close_items
from regard.intake.keep_raw_heads import QUERIES as HEADS
from regard.intake.keep_raw_heads import Heads, Makers, RawHead, read_heads, read_makers, write_heads
from regard.intake.keep_stream_mappings import read_latest_mappings
from regard.intake.note_places import note_places
from regard.intake.pushed_item import ACCEPTED, DUPLICATE, ItemResult, PushedItem
from regard.intake.translate_raw_records import (
    ItemKey,
    KnownState,
    NumberedMapping,
    Translation,
    key_of,
    outdo,
    raw_text,
    refuse_too_long,
    storable,
    translate_raw,
)
from regard.kit.errors import RegardError
from regard.sources.count_traffic import Tally, count_traffic
from regard.sources.manage_sources import Source, SourceRemovedError

RAW_DIALECT = "raw"
_QUERIES = NamedQueries(__package__, "connections.sql")
_NO_MAPPING = NumberedMapping(0, None)
_MOST_AT_ONCE = 1_000


class SourceTakenOverError(RegardError):
    """Another process reads the source, or its settings changed: what was read is read again there."""

    code = "source_taken_over"
    status = 409


@dataclass(frozen=True, slots=True)
class Bookmark:
    """The cursor to save with the records, and the claim under which the stream is read.

    `begins`, `ends` and `as_of` as in `Batch`: readings of everything.
    """

    stream: str
    cursor: Cursor | None
    owner: str
    changed_at: datetime
    begins: Sequence[str] = ()
    ends: Sequence[str] = ()
    as_of: datetime | None = None


@dataclass(slots=True)
class _Step:
    """One record on its way: what it came to, or why it is refused."""

    record: RawRecord
    object_id: UUID
    digest: bytes
    head: RawHead | None
    translation: Translation | None = None
    refusal: ItemRefusedError | None = None
    unchanged: bool = False
    quarantined: PushedItem | None = None
    position: tuple[int, int] | None = None
    unkeepable: bool = False

    @property
    def revision(self) -> int:
        """The number of this state."""
        return self.head.revision + 1 if self.head else 1

    @property
    def later(self) -> bool:
        """Stated at a later time than what is known."""
        mine, known = self.record.updated_at, self.head.updated_at if self.head else None
        return mine is not None and (known is None or mine > known)

    @property
    def made(self) -> list[ItemKey]:
        """What the record states; an older state says nothing any more."""
        return list(self.translation.made) if self.translation and not self.late else []

    @property
    def vanished(self) -> list[ItemKey]:
        """What the record no longer states; an older state says nothing about that."""
        return list(self.translation.vanished) if self.translation and not self.late else []

    @property
    def changed(self) -> bool:
        """Whether the raw record says something else than the latest known state."""
        return self.head is None or self.head.position is None or self.head.digest != self.digest

    def met_again(self, whole: Collection[str]) -> bool:
        """Unchanged, and worth a note because everything is being read."""
        return self.unchanged and self.head is not None and self.record.stream in whole

    @property
    def late(self) -> bool:
        """Older than what is known: it is not the latest state, whenever it comes."""
        mine, known = self.record.updated_at, self.head.updated_at if self.head else None
        return mine is not None and known is not None and mine < known


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
        self._mappings: dict[str, NumberedMapping] = {}
        self._whole: dict[str, datetime] = {}
        self.fresh_keys: dict[UUID, AESGCM] = {}

    async def run(self, records: Sequence[RawRecord], bookmark: Bookmark | None) -> list[ItemResult]:
        """Take the records; a record that comes twice is taken in its order."""
        zone, shown = await self._lock()
        surface = Surface(self._now, self._source.currency, zone)
        self._mappings = await read_latest_mappings(self._connection, self._source.slug)
        if not shown:
            # Filled without being shown: the records are kept and state nothing yet.
            self._mappings = {
                stream: NumberedMapping(one.number, None) for stream, one in self._mappings.items()
            }
        if bookmark is not None and bookmark.begins:
            await self._connection.execute(
                _QUERIES["begin_whole"], self._source.slug, bookmark.begins, self._now
            )
        self._whole = {
            row["stream"]: row["whole_since"]
            for row in await self._connection.fetch(_QUERIES["read_whole"], self._source.slug)
        }
        results = await self._take_all([storable(record) for record in records], surface)
        if bookmark is not None:
            await self._end_whole(bookmark.ends, bookmark.as_of, surface)
            await self._move_cursor(bookmark)
        return results

    async def _take_all(self, records: Sequence[RawRecord], surface: Surface) -> list[ItemResult]:
        results: list[ItemResult | None] = [None] * len(records)
        for indexes in _rounds(self._source.slug, records):
            steps = await self._take([records[index] for index in indexes], surface)
            for index, step in zip(indexes, steps, strict=True):
                results[index] = _result(step)
        done = [result for result in results if result is not None]
        await self._count(records, done)
        return done

    async def _end_whole(self, streams: Sequence[str], as_of: datetime | None, surface: Surface) -> None:
        """What a reading of everything did not meet is gone at the source."""
        for stream in streams:
            since = self._whole.get(stream, self._now)
            while rows := await self._connection.fetch(
                HEADS["read_unseen"], self._source.slug, stream, since, _MOST_AT_ONCE
            ):
                gone = [RawRecord(stream, row["external_id"], None, as_of) for row in rows]
                results = await self._take_all(gone, surface)
                if all(result.verdict == "duplicate" for result in results):
                    break
        if streams:
            await self._connection.execute(_QUERIES["end_whole"], self._source.slug, streams)

    async def _lock(self) -> tuple[str, bool]:
        """Wait for the turn of this source; gives its time zone and whether it is shown."""
        row = await self._connection.fetchrow(_QUERIES["lock_connection"], self._source.slug)
        if row is None:
            await self._connection.execute(_QUERIES["ensure_connection"], self._source.slug, self._now)
            row = await self._connection.fetchrow(_QUERIES["lock_connection"], self._source.slug)
        assert row is not None
        if row["removed"]:
            raise SourceRemovedError("The source was removed; bring it back first.")
        return row["time_zone"], row["shown"]

    async def _take(self, records: Sequence[RawRecord], surface: Surface) -> list[_Step]:
        ids = [raw_object_id(self._source.slug, one.stream, one.external_id) for one in records]
        heads = await read_heads(self._connection, ids)
        steps = [
            self._look(record, object_id, heads, self._mapping_of(record.stream), surface)
            for record, object_id in zip(records, ids, strict=True)
        ]
        stated_at = await self._append(steps)
        await self._quarantine(steps)
        await write_heads(
            self._connection, self._source.slug,
            [self._new_head(step) for step in steps if not step.unchanged and not step.unkeepable],
            [step.object_id for step in steps if step.met_again(self._whole)],
            # A clock set back must not make what is met look unmet.
            max([self._now, *self._whole.values()]), stated_at,
        )  # fmt: skip
        return steps

    def _mapping_of(self, stream: str) -> NumberedMapping:
        return self._mappings.get(stream, _NO_MAPPING)

    def _look(
        self,
        record: RawRecord,
        object_id: UUID,
        heads: Heads,
        read_as: NumberedMapping,
        surface: Surface,
    ) -> _Step:
        head = heads.latest.get(object_id)
        step = _Step(record, object_id, self._digest(record), head)
        if self._again and (head is None or head.deleted or head.digest != step.digest):
            # A newer state came between: its mapping was the newest already.
            step.unchanged = True
        elif record.deleted and (head is None or head.deleted):
            # A deletion with a time is kept for what may come late; without one it says nothing new.
            step.unchanged = record.updated_at is None or (head is not None and not step.later)
        elif head is not None and head.mapping == read_as.number and self._is_known(step, head):
            step.unchanged = head.deleted == record.deleted
        if step.unchanged:
            return step
        known = KnownState(heads.made.get(object_id, {}), step.revision)
        if self._again and head is not None and not step.changed:
            # Read as it was received: the log has the raw record already.
            known = replace(known, revision=head.revision)
            surface = replace(surface, received_at=head.received_at)
        try:
            refuse_too_long(record)
        except ItemRefusedError as refusal:
            step.refusal, step.unkeepable = refusal, True
            return step
        try:
            step.translation = translate_raw(record, read_as, known, self._source, surface)
        except ItemRefusedError as refusal:
            step.refusal = refusal
        return step

    def _is_known(self, step: _Step, head: RawHead) -> bool:
        """Whether the record says what is known; read with everything, it is not new for being read later."""
        if head.digest == step.digest:
            return True
        record = step.record
        again = record.stream in self._whole and not step.late
        return again and head.digest == self._digest(replace(record, updated_at=head.updated_at))

    def _digest(self, record: RawRecord) -> bytes:
        stated = record.updated_at.astimezone(UTC).isoformat() if record.updated_at else ""
        return self._keyring.digest(f"{stated}\n{raw_text(record)}".encode())

    async def _append(self, steps: Sequence[_Step]) -> dict[ItemKey, datetime]:
        """Write what the steps say; gives when each of their items was stated or ended last."""
        speaking = [step for step in steps if step.translation is not None]
        keys = {key for step in speaking for key in (*step.made, *step.vanished)}
        makers = await read_makers(self._connection, self._source.slug, keys)
        for step in speaking:
            for key in step.vanished:
                makers.note(key, step.object_id, states=False)
            for key in step.made:
                makers.note(key, step.object_id, states=True)
        events: list[Event] = []
        follows: list[int | None] = []
        leaders: list[tuple[_Step, int]] = []
        for step in speaking:
            new = self._events_of(step, makers)
            if not new:
                continue
            leaders.append((step, len(events)))
            follows += [None, *([len(events)] * (len(new) - 1))]
            events += new
        if events:
            appended = await append_within(self._connection, self._keyring, events, follows)
            self.fresh_keys |= appended.fresh_keys
            for step, leader in leaders:
                if isinstance(events[leader].body, RawReceived):
                    step.position = appended.positions[leader]
        return makers.stated_at

    def _events_of(self, step: _Step, makers: Makers) -> list[Event]:
        """The raw record, what it states, and the end of what nobody states any more."""
        translation = step.translation
        assert translation is not None
        events = [translation.raw] if step.changed or not self._again else []
        if step.late:
            # An older state is kept and says nothing: the newer one has said all.
            return events
        # A link has a judgement of its own for each record that states it.
        ended = [key for key in step.vanished if key[0] == "link" or not makers.is_stated(key)]
        for event in (*translation.events, *translation.deletions(ended)):
            key = key_of(event)
            if key is None:
                events.append(event)
                continue
            timed, makers.stated_at[key] = outdo(event, makers.stated_at.get(key))
            events.append(timed)
        return events

    async def _quarantine(self, steps: Sequence[_Step]) -> None:
        refused = [step for step in steps if step.refusal is not None]
        items: list[tuple[PushedItem, RegardError]] = []
        for step in refused:
            record = step.record
            names = {"stream": record.stream[:100], "id": record.external_id[:500]}
            context = {name: text.replace("\0", "") for name, text in names.items()}
            if record.updated_at:
                context["updated_at"] = record.updated_at.isoformat()
            item = PushedItem(self._source.slug, self._now, RAW_DIALECT, record.body or {}, context=context)
            step.quarantined = item
            assert step.refusal is not None
            items.append((item, step.refusal))
        if items:
            self.fresh_keys |= await add_items(self._connection, self._keyring, items)
        # What was refused before and is read now, or was refused in an older form, is settled.
        newer = [step for step in steps if not step.unchanged and not step.late]
        settled = [step.head.quarantine_id for step in newer if step.head]
        await close_items(self._connection, [one for one in settled if one is not None], self._now)

    def _new_head(self, step: _Step) -> RawHead:
        record = step.record
        if step.late and step.head is not None:
            return replace(
                step.head, stream=record.stream, external_id=record.external_id, revision=step.revision
            )
        return RawHead(
            object_id=step.object_id,
            stream=record.stream,
            external_id=record.external_id,
            position=step.position,
            digest=step.digest,
            updated_at=record.updated_at,
            received_at=self._received(step),
            revision=step.revision,
            mapping=self._mapping_of(record.stream).number,
            deleted=record.deleted,
            quarantine_id=step.quarantined.quarantine_id if step.quarantined else None,
            made=step.translation.made if step.translation else None,
            vanished=step.vanished,
        )

    def _received(self, step: _Step) -> datetime:
        if self._again and step.head is not None and not step.changed:
            return step.head.received_at
        return self._now

    async def _count(self, records: Sequence[RawRecord], results: Sequence[ItemResult]) -> None:
        tally = Tally(self._now)
        by_stream: dict[str, int] = {}
        for record, result in zip(records, results, strict=True):
            accepted = result.verdict == "accepted"
            name = record.stream[:100].replace("\0", "")
            by_stream[name] = by_stream.get(name, 0) + accepted
            tally.accepted += accepted
            tally.duplicate += result.verdict == "duplicate"
            tally.rejected += result.verdict == "rejected"
            if accepted:
                stated = record.updated_at or self._now
                tally.occurred_at = max(tally.occurred_at or stated, min(stated, self._now))
        if records and not self._again:
            await count_traffic(self._connection, {self._source.slug: tally})
            streams, counts = list(by_stream), list(by_stream.values())
            await self._connection.execute(
                _QUERIES["count_stream"], self._source.slug, streams, counts, self._now
            )
            taken = [r for r, result in zip(records, results, strict=True) if result.verdict == "accepted"]
            await note_places(self._connection, self._source.slug, taken, self._now)

    async def _move_cursor(self, bookmark: Bookmark) -> None:
        cursor = None if bookmark.cursor is None else json.dumps(dict(bookmark.cursor))
        moved = await self._connection.fetchval(
            _QUERIES["move_cursor"],
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


def _result(step: _Step) -> ItemResult:
    if step.refusal is not None and step.quarantined is not None:
        return ItemResult(
            "rejected", step.refusal.code, str(step.refusal), step.quarantined.quarantine_id
        )
    return DUPLICATE if step.unchanged else ACCEPTED
