"""Shows what became of customers: their golden records, figures and the change feed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from regard.db.copy_rows import copy_rows
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.indicators.refresh_indicators import refresh_indicators
from regard.pipeline.resolve_identity import Resolver
from regard.pipeline.side_by_side import side_by_side
from regard.profiles.build_golden_records import (
    Profile,
    build_profile,
    drop_profiles,
    raise_versions,
    write_profiles,
)
from regard.profiles.survive_values import shipped_survivorship
from regard.records.fold_record import SourceRecord
from regard.records.read_records import read_records

_queries = NamedQueries(__package__, "pipeline.sql")
_FEED = ("position", "customer_id", "kinds", "at")
_AT_ONCE = 500
"""Golden records that are written while the next ones are built."""

Kinds = dict[UUID, set[str]]
"""The customers that changed, and in what."""
Members = Mapping[UUID, Sequence[UUID]]
_NO_RECORDS: Mapping[UUID, SourceRecord] = {}


async def show_customers(
    connection: Connection,
    resolver: Resolver,
    kinds: Kinds,
    now: datetime,
    at_hand: Mapping[UUID, SourceRecord] = _NO_RECORDS,
) -> None:
    """Golden records, figures and the feed of the customers that changed. `at_hand`: records as written."""
    versions = await _publish(connection, kinds, now)
    members = {c: resolver.members(c) for c in _those(kinds, {"record", "identity"})}
    known = await _read_members(connection, members, at_hand)
    await drop_profiles(connection, [c for c, record_ids in members.items() if not record_ids])
    storing: Awaitable[None] = refresh_indicators(connection, _those(kinds, {"identity", "timeline"}))
    for portion in _portions(members):
        building = asyncio.to_thread(_build_profiles, portion, known, resolver)
        profiles, _ = await side_by_side(building, storing)
        storing = write_profiles(connection, profiles, versions)
    await storing
    await raise_versions(connection, {c: v for c, v in versions.items() if c not in members})


def _portions(members: Members) -> Iterator[Members]:
    living = iter([(customer_id, found) for customer_id, found in members.items() if found])
    while portion := dict(islice(living, _AT_ONCE)):
        yield portion


def _those(kinds: Kinds, wanted: Collection[str]) -> list[UUID]:
    return [customer_id for customer_id, which in kinds.items() if which & set(wanted)]


async def _publish(connection: Connection, kinds: Kinds, now: datetime) -> dict[UUID, int]:
    if not kinds:
        return {}
    last = await connection.fetchval(_queries["take_feed_positions"], len(kinds))
    first = last - len(kinds) + 1
    versions = {customer_id: first + at for at, customer_id in enumerate(kinds)}
    rows = [(versions[customer_id], customer_id, sorted(which), now) for customer_id, which in kinds.items()]
    await copy_rows(connection, "pipeline.change_feed", _FEED, rows)
    await connection.execute(_queries["wake_screens"])
    return versions


async def _read_members(
    connection: Connection, members: Members, at_hand: Mapping[UUID, SourceRecord]
) -> Mapping[UUID, SourceRecord]:
    wanted = {record_id for record_ids in members.values() for record_id in record_ids} - at_hand.keys()
    return {**at_hand, **await read_records(connection, wanted)} if wanted else at_hand


def _build_profiles(
    members: Members, known: Mapping[UUID, SourceRecord], resolver: Resolver
) -> dict[UUID, Profile]:
    rules = shipped_survivorship()
    return {
        customer_id: build_profile(
            [known[record_id] for record_id in record_ids], rules, resolver.sure_of(customer_id)
        )
        for customer_id, record_ids in members.items()
    }
