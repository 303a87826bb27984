"""Reads what became of a customer: created, merged, split; under every id that ever was its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.kit.errors import RegardError

_queries = NamedQueries(__package__, "views.sql")
_BETWEEN = "~"


class UnreadablePlaceError(RegardError):
    """The place to go on from is none that an answer gave."""

    code = "unreadable_place"
    status = 422


class NamedRecord(NamedTuple):
    """What a record is called: its source and its id there."""

    source: str
    external_id: str


class JudgedBy(msgspec.Struct, array_like=True):
    """The judgement behind a change; `withdrawn_by` who took it back."""

    made_by: str
    reason: str
    withdrawn_by: str | None


class _Named(msgspec.Struct, array_like=True):
    record_id: UUID
    source: str
    external_id: str


@dataclass(frozen=True, slots=True)
class RawChange:
    """One change of customers, before redaction; `came_from` and `went_to` run parallel to `records`."""

    change_id: UUID
    at: datetime
    kind: str
    before: tuple[UUID, ...]
    after: tuple[UUID, ...]
    records: tuple[UUID, ...]
    came_from: tuple[UUID | None, ...]
    went_to: tuple[UUID | None, ...]
    cause: str
    caused_by: tuple[UUID, ...]
    model: str
    named: dict[UUID, NamedRecord]
    judged: JudgedBy | None


_named = msgspec.json.Decoder(list[_Named])
_judged = msgspec.json.Decoder(JudgedBy)


async def read_changes(
    pool: Pool, record_ids: Sequence[UUID], most: int, before: str | None = None
) -> list[RawChange]:
    """At most `most` changes, the newest first; `before` is the place that an earlier page ended at."""
    at, change_id = _place(before) if before else (None, None)
    rows = await pool.fetch(_queries["read_changes"], list(record_ids), at, change_id, most)
    return [_change(row) for row in rows]


def place_of(change: RawChange) -> str:
    """The place to go on from after this change."""
    return f"{change.at.isoformat()}{_BETWEEN}{change.change_id}"


def _place(text: str) -> tuple[datetime, UUID]:
    at, _, change_id = text.partition(_BETWEEN)
    try:
        return datetime.fromisoformat(at), UUID(change_id)
    except ValueError:
        raise UnreadablePlaceError("“before” must be the “next” of an earlier answer") from None


def _change(row: asyncpg.Record) -> RawChange:
    records = tuple(row["records"])
    after = tuple(row["after"])
    named = _named.decode(row["named"]) if row["named"] else []
    return RawChange(
        row["change_id"], row["at"], row["kind"], tuple(row["before"]), after, records,
        tuple(row["came_from"] or [None] * len(records)),
        tuple(row["went_to"] or [after[0] if after else None] * len(records)),
        row["cause"], tuple(row["caused_by"]), row["model"],
        {one.record_id: NamedRecord(one.source, one.external_id) for one in named},
        _judged.decode(row["judged"]) if row["judged"] else None,
    )  # fmt: skip
