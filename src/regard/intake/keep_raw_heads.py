"""Keeps the latest raw state of every record: where it stands in the log, and what it stated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import asyncpg

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.intake.translate_raw_records import ItemKey

QUERIES = NamedQueries(__package__, "raw_records.sql")
NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RawHead:
    """The latest raw state of a record.

    `revision` counts the states that were taken; `position` is partition and number in the log, None while it
    is in quarantine; `made` what it states now, None when it could not be read (what it stated before then
    stays), `vanished` what it no longer states.
    """

    object_id: UUID
    stream: str
    external_id: str
    position: tuple[int, int] | None
    digest: bytes
    updated_at: datetime | None
    received_at: datetime
    revision: int
    mapping: int
    deleted: bool
    quarantine_id: UUID | None
    made: Mapping[ItemKey, UUID | None] | None = None
    vanished: Sequence[ItemKey] = ()


@dataclass(frozen=True, slots=True)
class Heads:
    """What is known of some records before a batch."""

    latest: dict[UUID, RawHead] = field(default_factory=dict)
    made: dict[UUID, dict[ItemKey, UUID | None]] = field(default_factory=dict)



@dataclass(slots=True)
class Makers:
    """Who states some items, and when each was stated or ended last."""

    stating: dict[ItemKey, set[UUID]] = field(default_factory=dict)
    stated_at: dict[ItemKey, datetime] = field(default_factory=dict)

    def note(self, key: ItemKey, object_id: UUID, *, states: bool) -> None:
        """A record states the item from now on, or no longer."""
        makers = self.stating.setdefault(key, set())
        if states:
            makers.add(object_id)
        else:
            makers.discard(object_id)

    def is_stated(self, key: ItemKey) -> bool:
        """Whether any record states it."""
        return bool(self.stating.get(key))


async def read_makers(connection: Connection, source: str, keys: Collection[ItemKey]) -> Makers:
    """What is known of these items."""
    makers = Makers()
    if keys:
        for row in await connection.fetch(QUERIES["read_makers"], source, *_columns(list(keys))):
            key = _key(row)
            makers.stated_at[key] = max(makers.stated_at.get(key, row["stated_at"]), row["stated_at"])
            if not row["gone"]:
                makers.note(key, row["object_id"], states=True)
    return makers


async def read_heads(connection: Connection, object_ids: Sequence[UUID]) -> Heads:
    """What is known of these records."""
    heads = Heads()
    for row in await connection.fetch(QUERIES["read_heads"], object_ids):
        position = None if row["part"] is None else (row["part"], row["seq"])
        heads.latest[row["object_id"]] = RawHead(
            row["object_id"], "", "", position, row["digest"], row["updated_at"], row["received_at"],
            row["revision"], row["mapping"], row["deleted"], row["quarantine_id"],
        )  # fmt: skip
    for row in await connection.fetch(QUERIES["read_made"], object_ids):
        heads.made.setdefault(row["object_id"], {})[_key(row)] = row["judgement"]
    return heads


async def write_heads(
    connection: Connection,
    source: str,
    heads: Sequence[RawHead],
    unchanged: Sequence[UUID],
    seen_at: datetime,
    stated_at: Mapping[ItemKey, datetime],
) -> None:
    """Keep the new states, that the unchanged ones were met, and when items were stated or ended."""
    if unchanged:
        await connection.execute(QUERIES["mark_seen"], unchanged, seen_at)
    if not heads:
        return
    rows = [
        (
            head.object_id, source, head.stream[:100], head.external_id[:500],
            head.position[0] if head.position else None, head.position[1] if head.position else None,
            head.digest, head.updated_at, head.received_at, head.revision, head.mapping, head.deleted,
            head.quarantine_id, seen_at,
        )
        for head in heads
    ]  # fmt: skip
    await connection.execute(QUERIES["write_heads"], *map(list, zip(*rows, strict=True)))
    gone = [(key, head.object_id) for head in heads for key in head.vanished]
    if gone:
        await connection.execute(
            QUERIES["end_made"], source, *_columns([key for key, _ in gone]), [one for _, one in gone],
            [stated_at.get(key, NEVER) for key, _ in gone],
        )  # fmt: skip
    made = [(key, head.object_id, ref) for head in heads for key, ref in (head.made or {}).items()]
    if made:
        await connection.execute(
            QUERIES["add_made"], source, *_columns([key for key, _, _ in made]),
            [one for _, one, _ in made], [ref for _, _, ref in made],
            [stated_at.get(key, NEVER) for key, _, _ in made],
        )  # fmt: skip


def _columns(keys: Sequence[ItemKey]) -> tuple[list[str], list[str], list[str]]:
    return [key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys]


def _key(row: asyncpg.Record) -> ItemKey:
    return cast(ItemKey, (row["family"], row["stream"], row["external_id"]))
