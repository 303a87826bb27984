"""What became of customers, from the records that changed hands. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from regard.identity.identity_record import MembershipChange

ChangeKind = Literal["created", "joined", "left", "renamed", "merged", "split", "moved", "ended"]
_Ids = tuple[UUID, ...]
_Node = tuple[UUID, bool]
"""A customer before (False) or after (True) the change."""


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """One change of customers: ``before`` became ``after`` (ids, sorted), ``moves`` are the records.

    created: nobody before. joined: new records came to one customer. left: records of one are gone. renamed:
    it goes by another record now. merged: several became one. split: one became several. moved: records
    passed between several. ended: the last record is gone. A record in none of the moves stayed.
    """

    kind: ChangeKind
    before: tuple[UUID, ...]
    after: tuple[UUID, ...]
    moves: tuple[MembershipChange, ...]

    @property
    def customers(self) -> tuple[UUID, ...]:
        """All customers it is about."""
        return tuple(sorted({*self.before, *self.after}))


def derive_changes(moves: Sequence[MembershipChange]) -> list[CustomerChange]:
    """The changes of customers behind the record moves of one batch, sorted by the customers after.

    A customer bears the id of one of its records: it was there before and is still there after unless that
    very record moved. So the moves alone tell all.
    """
    told, rest = _set_births_aside(moves)
    moved = {move.record_id for move in rest}
    groups = _Groups()
    for move in rest:
        groups.unite([node for node in ((move.before, False), (move.after, True)) if node[0] is not None])
        for customer in (move.before, move.after):
            if customer is not None and customer not in moved:
                groups.unite([(customer, False), (customer, True)])
    by_group: dict[int, list[MembershipChange]] = {}
    for move in rest:
        node = (move.after, True) if move.after is not None else (move.before, False)
        by_group.setdefault(groups.of(node), []).append(move)
    told += [_change(groups.members(group), found) for group, found in by_group.items()]
    return sorted(told, key=lambda change: [one.int for one in (*change.after, *change.before)])


def _set_births_aside(
    moves: Iterable[MembershipChange],
) -> tuple[list[CustomerChange], list[MembershipChange]]:
    """New customers of one record, which a first load is full of, and all other moves."""
    alone: dict[int, MembershipChange] = {}
    rest: list[MembershipChange] = []
    for move in moves:
        if move.before is None and move.after == move.record_id:
            alone[move.record_id.int] = move
        else:
            rest.append(move)
    named = {one.int for move in rest for one in (move.before, move.after) if one is not None}
    rest.extend([alone.pop(customer) for customer in named if customer in alone])
    births = [CustomerChange("created", (), (m.record_id,), (m,)) for m in alone.values()]
    return births, rest


class _Groups:
    """Nodes that hang together, the smaller group moved into the larger."""

    def __init__(self) -> None:
        self._group: dict[tuple[UUID | None, bool], int] = {}
        self._members: list[list[tuple[UUID | None, bool]]] = []

    def unite(self, nodes: Iterable[tuple[UUID | None, bool]]) -> None:
        home = -1
        for node in nodes:
            group = self._group.get(node)
            if group is None:
                group = self._group[node] = len(self._members)
                self._members.append([node])
            if home in (-1, group):
                home = group
                continue
            small, home = sorted((home, group), key=lambda one: len(self._members[one]))
            for member in self._members[small]:
                self._group[member] = home
            self._members[home] += self._members[small]
            self._members[small] = []

    def of(self, node: tuple[UUID | None, bool]) -> int:
        return self._group[node]

    def members(self, group: int) -> list[_Node]:
        return [(customer, late) for customer, late in self._members[group] if customer is not None]


def _change(nodes: Collection[_Node], moves: Sequence[MembershipChange]) -> CustomerChange:
    before = tuple(sorted(customer for customer, late in nodes if not late))
    after = tuple(sorted(customer for customer, late in nodes if late))
    return CustomerChange(_kind(before, after, moves), before, after, tuple(moves))


def _kind(before: _Ids, after: _Ids, moves: Iterable[MembershipChange]) -> ChangeKind:
    if not before or not after:
        return "created" if after else "ended"
    if len(before) > 1:
        return "merged" if len(after) == 1 else "moved"
    if len(after) > 1:
        return "split"
    if before != after:
        return "renamed"
    return "left" if all(move.after is None for move in moves) else "joined"
