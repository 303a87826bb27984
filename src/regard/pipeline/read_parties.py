"""Reads all records as the identity room takes them, for work on everybody at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.identity.identity_record import IdentityRecord, Judgement
from regard.pipeline.resolve_identity import identity_record
from regard.records.read_records import read_all_records

_queries = NamedQueries(__package__, "pipeline.sql")


async def read_parties(connection: Connection) -> AsyncIterator[IdentityRecord]:
    """Every record, in no order, read with the countries that the worker read it with.

    Needs a transaction around it.
    """
    rows = await connection.fetch(_queries["read_source_countries"])
    countries: Mapping[str, str] = {row["source"]: row["country"] for row in rows}
    async for record in read_all_records(connection):
        yield identity_record(record, countries)


async def read_judged(connection: Connection) -> list[Judgement]:
    """The judgements that stand."""
    rows = await connection.fetch(_queries["read_standing_judgements"])
    return [
        Judgement(
            row["judgement_id"], row["verdict"], tuple(row["left_records"]), tuple(row["right_records"]),
            row["made_by"],
        )
        for row in rows
    ]


async def read_memberships(connection: Connection) -> dict[UUID, UUID]:
    """Record -> its customer as it is written. Needs a transaction around it."""
    cursor = connection.cursor(_queries["read_memberships"], prefetch=5_000)
    return {row["record_id"]: row["customer_id"] async for row in cursor}
