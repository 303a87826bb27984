"""Projects a batch of the log: the table of contents of the back end.

record -> identity -> golden record | timeline | consent -> figures -> change feed, all in the
transaction that also moves the cursor.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from regard.consent.refresh_consent import refresh_consent
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.events.envelope import Event, RecordKey
from regard.events.interaction_events import InteractionDeleted, InteractionStated
from regard.events.record_events import RecordDeleted, RecordPatched, RecordUpserted
from regard.identity.derive_changes import CustomerChange
from regard.identity.identity_record import MembershipChange
from regard.indicators.refresh_indicators import refresh_indicators
from regard.pipeline.read_withdrawals import Withdrawals
from regard.pipeline.resolve_identity import Judged, Resolver, apply_judgements
from regard.pipeline.tell_changes import Causes, tell_changes
from regard.profiles.build_golden_records import (
    Profile,
    build_profile,
    drop_profiles,
    raise_versions,
    write_profiles,
)
from regard.profiles.survive_values import shipped_survivorship
from regard.quality.count_quality import ScoredRecord, count_quality, forget_scores
from regard.records.apply_record_events import RecordChange, apply_record_events
from regard.records.fold_record import SourceRecord
from regard.records.read_records import read_records
from regard.timeline.apply_interactions import apply_interactions, party_of

_queries = NamedQueries(__package__, "pipeline.sql")

_A = TypeVar("_A")
_B = TypeVar("_B")

Kinds = dict[UUID, set[str]]
Members = Mapping[UUID, Sequence[UUID]]
_NO_RECORDS: Mapping[UUID, SourceRecord] = {}


async def project_events(
    connection: Connection,
    resolver: Resolver,
    events: Sequence[Event],
    now: datetime,
    *,
    withdrawals: Withdrawals | None = None,
    again: bool = False,
) -> int:
    """Apply the events; gives the number of customers that changed. Runs in the caller's transaction.

    `again`: they were applied before and only the projections are made anew, so nobody moved.
    """
    taken = withdrawals or Withdrawals()
    stated = [e for e in events if isinstance(e.body, RecordUpserted | RecordPatched | RecordDeleted)]
    happened = [e for e in events if isinstance(e.body, InteractionStated | InteractionDeleted)]

    moved = await resolver.follow_countries(connection)
    records, gone = await apply_record_events(connection, stated, _parties(happened), taken.records)
    judged = await apply_judgements(connection, events)
    stated_now = [resolver.look_at(change.after) for change in records.values() if change.touches_identity]
    who = list({record.record_id: record for record in (*moved, *stated_now)}.values())
    # Deciding is computing, the timeline is the database's work: they go side by side.
    moves, retimed = await _side_by_side(
        asyncio.to_thread(resolver.decide, who, judged, gone),
        apply_interactions(connection, [*taken.standing, *happened], taken.entries),
    )
    await forget_scores(connection, gone)
    await _score(connection, resolver, {one.record_id for one in moved}, records)
    tied = await resolver.write(connection, who, moves, gone)
    overall = "country" if moved and not events else ""
    told = [] if again else await tell_changes(connection, resolver, moves, Causes(who, judged, overall), now)
    await refresh_consent(connection, retimed)

    # A judgement that moves nobody still changes how sure a customer is.
    kinds = _changed_customers(resolver, records, moves, retimed, judged)
    _add_kinds(kinds, told)
    for customer_id in tied:
        kinds[customer_id].add("ties")
    await _show(connection, resolver, kinds, now, {one: change.after for one, change in records.items()})
    return len(kinds)


async def project_differences(
    connection: Connection, resolver: Resolver, now: datetime, *, again: bool = False
) -> int:
    """Bring what is written in step with a memory made anew, where other weights or rules decide now.

    Nothing to do in the ordinary case. Gives the number of customers that changed. `again`: as above.
    """
    moves = await resolver.differences(connection)
    tied = await resolver.write(connection, [], moves)
    causes = Causes([], Judged(), "model")
    told = [] if again else await tell_changes(connection, resolver, moves, causes, now)
    kinds = _changed_customers(resolver, (), moves, (), Judged())
    _add_kinds(kinds, told)
    for customer_id in tied:
        kinds[customer_id].add("ties")
    await _show(connection, resolver, kinds, now)
    return len(kinds)


async def project_untold(
    connection: Connection, resolver: Resolver, moves: Sequence[MembershipChange], now: datetime
) -> None:
    """Tell these moves, which were written in silence; they came about by reading the log anew."""
    kinds = _changed_customers(resolver, (), moves, (), Judged())
    _add_kinds(kinds, await tell_changes(connection, resolver, moves, Causes([], Judged(), "rebuild"), now))
    await _show(connection, resolver, kinds, now)


async def _show(
    connection: Connection,
    resolver: Resolver,
    kinds: Kinds,
    now: datetime,
    at_hand: Mapping[UUID, SourceRecord] = _NO_RECORDS,
) -> None:
    """Golden records, figures and the feed of the customers that changed. `at_hand`: records as written."""
    for customer_id in await asyncio.to_thread(resolver.changed_confidences):
        kinds[customer_id].add("identity")
    versions = await _publish(connection, kinds, now)
    members = {c: resolver.members(c) for c in _those(kinds, {"record", "identity"})}
    known = await _read_members(connection, members, at_hand)
    profiles, _ = await _side_by_side(
        asyncio.to_thread(_build_profiles, members, known, resolver),
        refresh_indicators(connection, _those(kinds, {"identity", "timeline"})),
    )
    await drop_profiles(connection, [c for c, record_ids in members.items() if not record_ids])
    await write_profiles(connection, profiles, versions)
    await raise_versions(connection, {c: v for c, v in versions.items() if c not in members})


async def _side_by_side(computing: Awaitable[_A], storing: Awaitable[_B]) -> tuple[_A, _B]:
    """Await both to their ends before raising: a statement under way would spoil the rollback."""
    first, second = await asyncio.gather(computing, storing, return_exceptions=True)
    if isinstance(first, BaseException):
        raise first
    if isinstance(second, BaseException):
        raise second
    return first, second


async def _score(
    connection: Connection, resolver: Resolver, moved: Collection[UUID], records: Mapping[UUID, RecordChange]
) -> None:
    """Judge the values of records that changed, and of those whose source moved to a country."""
    stale = await read_records(connection, set(moved)) if moved else {}
    now = stale | {record_id: change.after for record_id, change in records.items()}
    await count_quality(
        connection,
        [
            ScoredRecord(
                record_id, record.key.source, record.kind, record.effective_fields(),
                resolver.country_of(record.key.source), record.last_seen.date(),
            )
            for record_id, record in now.items()
        ],
    )  # fmt: skip


def _parties(events: Iterable[Event]) -> list[RecordKey]:
    return [party for event in events if (party := party_of(event)) is not None]


def _changed_customers(
    resolver: Resolver,
    records: Iterable[UUID],
    moves: Iterable[MembershipChange],
    retimed: Iterable[UUID],
    judged: Judged,
) -> Kinds:
    kinds: Kinds = defaultdict(set)
    for record_id in records:
        _add(kinds, resolver.customer_of(record_id), "record")
    for move in moves:
        _add(kinds, move.before, "identity")
        _add(kinds, move.after, "identity")
    for record_id in {record for about in judged.about.values() for record in about}:
        _add(kinds, resolver.customer_of(record_id), "identity")
    for record_id in retimed:
        _add(kinds, resolver.customer_of(record_id), "timeline")
    return kinds


def _add_kinds(kinds: Kinds, told: Iterable[CustomerChange]) -> None:
    for change in told:
        for customer_id in change.customers:
            kinds[customer_id].add(change.kind)


def _add(kinds: Kinds, customer_id: UUID | None, kind: str) -> None:
    if customer_id is not None:
        kinds[customer_id].add(kind)


def _those(kinds: Kinds, wanted: Collection[str]) -> list[UUID]:
    return [customer_id for customer_id, which in kinds.items() if which & set(wanted)]


async def _publish(connection: Connection, kinds: Kinds, now: datetime) -> dict[UUID, int]:
    if not kinds:
        return {}
    last = await connection.fetchval(_queries["take_feed_positions"], len(kinds))
    first = last - len(kinds) + 1
    versions = {customer_id: first + at for at, customer_id in enumerate(kinds)}
    told = [" ".join(sorted(which)) for which in kinds.values()]
    await connection.execute(_queries["write_feed"], list(versions.values()), list(versions), told, now)
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
        if record_ids
    }
