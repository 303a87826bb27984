"""Reads which customers would be others under other weights, from the latest comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.records.fold_record import SourceRecord
from regard.records.read_records import read_records

_queries = NamedQueries(__package__, "views.sql")
MOST_RECORDS = 12
"""Records of one difference that are shown; a large customer has more."""


@dataclass(frozen=True, slots=True)
class RawDifference:
    """Customers ``before`` and what they would be; ``went`` and ``came`` give the customer of each record."""

    number: int
    kind: str
    before: tuple[UUID, ...]
    after: tuple[UUID, ...]
    came: Mapping[UUID, UUID]
    went: Mapping[UUID, UUID]


@dataclass(frozen=True, slots=True)
class RawDifferences:
    """A page before redaction, with what is needed to show it. `at` None: nobody compared these weights."""

    at: datetime | None
    against: str
    counts: Mapping[str, int]
    page: list[RawDifference]
    following: int | None
    names: Mapping[UUID, str]
    records: Mapping[UUID, SourceRecord]


async def read_model_differences(
    pool: Pool, version: str, kind: str | None, after: int, limit: int
) -> RawDifferences:
    """At most `limit` differences whose number is more than `after`."""
    async with pool.acquire() as connection:
        job = await connection.fetchrow(_queries["read_model_comparison"], version)
        if job is None:
            return RawDifferences(None, "", {}, [], None, {}, {})
        rows = await connection.fetch(
            _queries["read_model_differences"], job["job_id"], kind, after, limit + 1
        )
        page = [_difference(row) for row in rows[:limit]]
        customers = {customer for one in page for customer in (*one.before, *one.after)}
        named = await connection.fetch(_queries["read_names"], list(customers))
        shown = {record for one in page for record in shown_records(one)}
        records = await read_records(connection, shown)
    return RawDifferences(
        at=job["finished_at"],
        against=job["against"],
        counts=msgspec.json.decode(job["result"], type=dict[str, int]),
        page=page,
        following=page[-1].number if len(rows) > limit else None,
        names={row["customer_id"]: row["name"] for row in named},
        records=records,
    )


def shown_records(one: RawDifference) -> list[UUID]:
    """Of each customer after: the record that names it, then those that change hands, then others."""
    by_customer: dict[UUID, list[UUID]] = {}
    for record, customer in sorted(
        one.went.items(), key=lambda item: (item[0] != item[1], one.came[item[0]] == item[1], item[0])
    ):
        by_customer.setdefault(customer, []).append(record)
    each = max(1, MOST_RECORDS // max(1, len(by_customer)))
    return [record for records in by_customer.values() for record in records[:each]][:MOST_RECORDS]


def _difference(row: asyncpg.Record) -> RawDifference:
    records = row["records"]
    return RawDifference(
        row["number"],
        row["kind"],
        tuple(row["before"]),
        tuple(row["after"]),
        dict(zip(records, row["came_from"], strict=True)),
        dict(zip(records, row["went_to"], strict=True)),
    )
