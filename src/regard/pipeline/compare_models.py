"""Which customers would be others under other weights. Nothing is changed by asking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from regard.identity.cluster_in_bulk import Tell
from regard.identity.derive_changes import CustomerChange, derive_changes
from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord, Judgement, MembershipChange
from regard.identity.match_model import MatchModel

_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Difference:
    """Customers ``before`` that would be those of ``after``, with all their records.

    ``came_from`` and ``went_to`` are the customer of each record now and then.
    """

    kind: str
    before: tuple[UUID, ...]
    after: tuple[UUID, ...]
    records: tuple[UUID, ...]
    came_from: tuple[UUID, ...]
    went_to: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences, those that concern the most records first, and the counts."""

    differences: Sequence[Difference]
    counts: Mapping[str, int]


class ShadowResolver:
    """Resolves records beside the ones who decide, and says what would differ."""

    def __init__(self, model: MatchModel) -> None:
        self._index = IdentityIndex(model)
        self._waiting: list[IdentityRecord] = []
        self.added = 0

    def add(self, record: IdentityRecord) -> None:
        """Take one record in."""
        self._waiting.append(record)
        self.added += 1
        if len(self._waiting) >= _AT_ONCE:
            self._index.gather(self._waiting)
            self._waiting = []

    def compare(self, judgements: Sequence[Judgement], now: Mapping[UUID, UUID], tell: Tell) -> Comparison:
        """What would differ from ``now`` (record -> customer) for the records that both know."""
        tell("deciding", 0, 0)
        self._index.apply(self._waiting, (), judgements, ())
        tell("comparing", 0, 0)
        return compare_customers(now, self._index.customer_of)


def compare_customers(now: Mapping[UUID, UUID], then: Callable[[UUID], UUID | None]) -> Comparison:
    """The differences between two ways of telling who is who, of the records that both know."""
    other = {record: customer for record in now if (customer := then(record)) is not None}
    moves = [
        MembershipChange(record, now[record], customer)
        for record, customer in other.items()
        if customer != now[record]
    ]
    members: dict[UUID, list[UUID]] = defaultdict(list)
    concerned = {customer for move in moves for customer in (move.before, move.after)}
    for record, customer in other.items():
        if now[record] in concerned or customer in concerned:
            members[now[record]].append(record)
    changes = derive_changes(sorted(moves, key=lambda move: move.record_id.int))
    differences = [_difference(change, members, now, other) for change in changes]
    differences.sort(key=lambda one: (-len(one.records), one.before))
    return Comparison(differences, _count(now, other, moves, changes))


def _difference(
    change: CustomerChange,
    members: Mapping[UUID, Sequence[UUID]],
    now: Mapping[UUID, UUID],
    other: Mapping[UUID, UUID],
) -> Difference:
    records = tuple(sorted(record for customer in change.before for record in members.get(customer, ())))
    return Difference(
        change.kind,
        change.before,
        change.after,
        records,
        tuple(now[record] for record in records),
        tuple(other[record] for record in records),
    )


def _count(
    now: Mapping[UUID, UUID],
    other: Mapping[UUID, UUID],
    moves: Sequence[Any],
    changes: Sequence[CustomerChange],
) -> dict[str, int]:
    kinds = [change.kind for change in changes]
    return {
        "records": len(other),
        "customers_now": len({now[record] for record in other}),
        "customers_then": len(set(other.values())),
        "records_moved": len(moves),
        "merged": kinds.count("merged"),
        "split": kinds.count("split"),
        "moved": len(kinds) - kinds.count("merged") - kinds.count("split"),
    }
