"""Projects a batch of the log: the table of contents of the back end.

record -> identity -> golden record | timeline | consent -> figures -> change feed, all in the
transaction that also moves the cursor. Wherever two steps need nothing of one another, one computes while the
database works on the other.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from regard.consent.refresh_consent import refresh_consent
from regard.db.pool import Connection
from regard.events.envelope import Event, RecordKey
from regard.events.interaction_events import InteractionDeleted, InteractionStated
from regard.events.record_events import RecordDeleted, RecordPatched, RecordUpserted
from regard.identity.derive_changes import CustomerChange
from regard.identity.identity_record import MembershipChange
from regard.pipeline.read_withdrawals import Withdrawals
from regard.pipeline.resolve_identity import Judged, Resolver, apply_judgements
from regard.pipeline.show_customers import Kinds, show_customers
from regard.pipeline.side_by_side import side_by_side
from regard.pipeline.tell_changes import Causes, tell_changes
from regard.pipeline.write_outcome import Outcome, write_outcome
from regard.quality.count_quality import Score, ScoredRecord, count_quality, forget_scores, score_records
from regard.records.apply_record_events import fold_record_events, write_record_changes
from regard.records.fold_record import SourceRecord
from regard.records.read_records import read_records
from regard.timeline.apply_interactions import apply_interactions, party_of


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
    records, gone = await fold_record_events(connection, stated, _parties(happened), taken.records)
    judged = await apply_judgements(connection, events)
    after = {record_id: change.after for record_id, change in records.items()}
    fresh = {record_id for record_id, change in records.items() if change.before is None}
    moved = [one for one in moved if one.record_id not in gone]
    stale = await read_records(connection, [one.record_id for one in moved]) if moved else {}
    stated_now = [resolver.look_at(change.after) for change in records.values() if change.touches_identity]
    who = list({record.record_id: record for record in (*moved, *stated_now)}.values())

    async def keep() -> set[UUID]:
        await write_record_changes(connection, records, gone)
        await forget_scores(connection, gone)
        return await apply_interactions(connection, [*taken.standing, *happened], taken.entries)

    def decide() -> tuple[Outcome, list[Score]]:
        return resolver.decide(who, judged, gone, fresh), _score(resolver, stale | after)

    (outcome, scores), retimed = await side_by_side(asyncio.to_thread(decide), keep())
    causes = Causes(who, judged, "country" if moved and not events else "")

    async def write() -> tuple[set[UUID], list[CustomerChange]]:
        await count_quality(connection, scores, fresh)
        tied = await write_outcome(connection, outcome)
        told = [] if again else await tell_changes(connection, resolver, outcome.moves, causes, now)
        await refresh_consent(connection, retimed)
        return tied, told

    surer, (tied, told) = await side_by_side(asyncio.to_thread(resolver.changed_confidences), write())
    # A judgement that moves nobody still changes how sure a customer is.
    kinds = _changed_customers(resolver, records, outcome.moves, retimed, judged)
    _add_kinds(kinds, told, tied, surer)
    await show_customers(connection, resolver, kinds, now, after)
    return len(kinds)


async def project_differences(
    connection: Connection, resolver: Resolver, now: datetime, *, again: bool = False
) -> int:
    """Bring what is written in step with a memory made anew, where other weights or rules decide now.

    Nothing to do in the ordinary case. Gives the number of customers that changed. `again`: as above.
    """
    moves = await resolver.differences(connection)
    tied = await write_outcome(connection, resolver.outcome(moves))
    causes = Causes([], Judged(), "model")
    told = [] if again else await tell_changes(connection, resolver, moves, causes, now)
    surer = await asyncio.to_thread(resolver.changed_confidences)
    kinds = _changed_customers(resolver, (), moves, (), Judged())
    _add_kinds(kinds, told, tied, surer)
    await show_customers(connection, resolver, kinds, now)
    return len(kinds)


async def project_untold(
    connection: Connection, resolver: Resolver, moves: Sequence[MembershipChange], now: datetime
) -> None:
    """Tell these moves, which were written in silence; they came about by reading the log anew."""
    told = await tell_changes(connection, resolver, moves, Causes([], Judged(), "rebuild"), now)
    kinds = _changed_customers(resolver, (), moves, (), Judged())
    _add_kinds(kinds, told, (), await asyncio.to_thread(resolver.changed_confidences))
    await show_customers(connection, resolver, kinds, now)


def _score(resolver: Resolver, records: Mapping[UUID, SourceRecord]) -> list[Score]:
    """Judge the values of records that changed, and of those whose source moved to a country."""
    return score_records(
        ScoredRecord(
            record_id, record.key.source, record.kind, record.effective_fields(),
            resolver.country_of(record.key.source), record.last_seen.date(),
        )
        for record_id, record in records.items()
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


def _add_kinds(
    kinds: Kinds, told: Iterable[CustomerChange], tied: Iterable[UUID], surer: Iterable[UUID]
) -> None:
    for change in told:
        for customer_id in change.customers:
            kinds[customer_id].add(change.kind)
    for customer_id in tied:
        kinds[customer_id].add("ties")
    for customer_id in surer:
        kinds[customer_id].add("identity")


def _add(kinds: Kinds, customer_id: UUID | None, kind: str) -> None:
    if customer_id is not None:
        kinds[customer_id].add(kind)
