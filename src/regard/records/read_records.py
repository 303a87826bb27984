"""Reads the kept state of source records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from uuid import UUID

import asyncpg
import msgspec

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.events.envelope import RecordKey
from regard.events.record_events import FieldValue
from regard.records.fold_record import Patch, SourceRecord

_queries = NamedQueries(__package__, "records.sql")
_fields = msgspec.json.Decoder(dict[str, FieldValue])
_patches = msgspec.json.Decoder(dict[str, Patch])


async def read_records(connection: Connection, record_ids: Iterable[UUID]) -> dict[UUID, SourceRecord]:
    """The records that exist among those asked for."""
    rows = await connection.fetch(_queries["read_records"], list(record_ids))
    return {row["record_id"]: _record(row) for row in rows}


async def read_records_of(connection: Connection, sources: Sequence[str]) -> dict[UUID, SourceRecord]:
    """All records of these sources."""
    rows = await connection.fetch(_queries["read_records_of"], list(sources))
    return {row["record_id"]: _record(row) for row in rows}


async def read_known_ids(connection: Connection, record_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these records exist."""
    rows = await connection.fetch(_queries["read_known_ids"], list(record_ids))
    return {row["record_id"] for row in rows}


async def read_all_records(connection: Connection) -> AsyncIterator[SourceRecord]:
    """Every record, in no order, through a cursor; needs a transaction around it."""
    async for row in connection.cursor(_queries["read_all_records"], prefetch=2000):
        yield _record(row)


def _record(row: asyncpg.Record) -> SourceRecord:
    return SourceRecord(
        key=RecordKey(row["source"], row["stream"], row["external_id"]),
        kind=row["kind"],
        base_version=row["base_version"],
        fields=_fields.decode(row["fields"]),
        patches=_patches.decode(row["patches"]),
        deleted_version=row["deleted_version"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
    )
