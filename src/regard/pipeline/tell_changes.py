"""Writes what became of customers, and why: once, in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.identity.derive_changes import CustomerChange, derive_changes
from regard.identity.identity_record import IdentityRecord, MembershipChange
from regard.kit.ids import new_id
from regard.pipeline.resolve_identity import Judged, Resolver

_queries = NamedQueries(__package__, "pipeline.sql")
_MOST_CAUSES = 20

Cause = tuple[str, list[UUID]]
"""In a word, and the ids of the records or judgements."""


class Causes:
    """What a batch brought. `overall` is named instead where it was no record and no judgement."""

    def __init__(self, records: Iterable[IdentityRecord], judged: Judged, overall: str = "") -> None:
        self._records = {record.record_id for record in records}
        self._judged = judged
        self._overall = overall

    def of(self, change: CustomerChange, resolver: Resolver) -> Cause:
        """Why this change came about: a judgement about its records, else the records of the batch."""
        if self._overall:
            return self._overall, []
        if change.kind == "created":
            return "records", []
        concerned = {move.record_id for move in change.moves}
        for customer_id in change.after:
            concerned.update(resolver.members(customer_id))
        made = {judgement.judgement_id for judgement in self._judged.made}
        for judgement_id, about in self._judged.about.items():
            if about & concerned:
                return "judgement" if judgement_id in made else "judgement withdrawn", [judgement_id]
        return "records", sorted(self._records & concerned)[:_MOST_CAUSES]


async def tell_changes(
    connection: Connection,
    resolver: Resolver,
    moves: Sequence[MembershipChange],
    causes: Causes,
    now: datetime,
) -> list[CustomerChange]:
    """Derive, write and give the changes of customers behind these moves."""
    changes = derive_changes(moves)
    await _tell_births(connection, [change for change in changes if _is_birth(change)], causes, resolver, now)
    rows = [_row(change, causes.of(change, resolver), now) for change in changes if not _is_birth(change)]
    if rows:
        columns = map(list, zip(*rows, strict=True))
        await connection.execute(_queries["write_customer_changes"], now, resolver.model_version, *columns)
    return changes


def _is_birth(change: CustomerChange) -> bool:
    """A new customer of one record, which a first load is full of."""
    return change.kind == "created" and len(change.moves) == 1


async def _tell_births(
    connection: Connection,
    births: Sequence[CustomerChange],
    causes: Causes,
    resolver: Resolver,
    now: datetime,
) -> None:
    if births:
        cause, _ = causes.of(births[0], resolver)
        await connection.execute(
            _queries["write_births"], now, resolver.model_version, cause,
            [new_id(now) for _ in births], [change.after[0] for change in births],
        )  # fmt: skip


def _row(change: CustomerChange, cause: Cause, now: datetime) -> tuple[object, ...]:
    moves = change.moves
    news = all(move.before is None for move in moves)
    one = len(change.after) == 1 and all(move.after is not None for move in moves)
    return (
        new_id(now), change.kind, _ids(change.before), _ids(change.after),
        _ids(move.record_id for move in moves),
        None if news else _ids(move.before for move in moves),
        None if one else _ids(move.after for move in moves),
        cause[0], _ids(cause[1]),
    )  # fmt: skip


def _ids(ids: Iterable[UUID | None]) -> str:
    return " ".join("-" if one is None else one.hex for one in ids)
