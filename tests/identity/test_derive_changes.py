"""The changes of customers tell exactly what happened to them."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from regard.identity.derive_changes import CustomerChange, derive_changes
from regard.identity.identity_record import MembershipChange

_LAW = settings(max_examples=200, deadline=None)
Membership = dict[UUID, UUID]


@st.composite
def memberships(draw: st.DrawFn) -> Membership:
    """Some of eight records in customers, each named by one of its records."""
    groups: dict[int, list[UUID]] = {}
    for number in range(1, 9):
        if draw(st.booleans()):
            groups.setdefault(draw(st.integers(0, 3)), []).append(UUID(int=number))
    names = {group: draw(st.sampled_from(members)) for group, members in groups.items()}
    return {record: names[group] for group, members in groups.items() for record in members}


def moves(before: Membership, after: Membership) -> list[MembershipChange]:
    return [
        MembershipChange(record, before.get(record), after.get(record))
        for record in sorted({*before, *after})
        if before.get(record) != after.get(record)
    ]


def customers(membership: Membership) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for record, customer in membership.items():
        found.setdefault(customer, set()).add(record)
    return found


@_LAW
@given(before=memberships(), after=memberships())
def test_every_customer_that_is_not_what_it_was_is_told_once_and_no_other(
    before: Membership, after: Membership
) -> None:
    changes = derive_changes(moves(before, after))
    was, now = customers(before), customers(after)
    touched = {one for one in {*was, *now} if was.get(one) != now.get(one)}
    assert sorted(one for change in changes for one in change.before) == sorted(touched & was.keys())
    assert sorted(one for change in changes for one in change.after) == sorted(touched & now.keys())


@_LAW
@given(before=memberships(), after=memberships())
def test_a_change_names_all_that_its_records_were_and_became(before: Membership, after: Membership) -> None:
    was, now = customers(before), customers(after)
    for change in derive_changes(moves(before, after)):
        here = {record for one in change.before for record in was[one]}
        there = {record for one in change.after for record in now[one]}
        assert {before[record] for record in there if record in before} <= set(change.before)
        assert {after[record] for record in here if record in after} <= set(change.after)
        assert _kind(change) == change.kind


def _kind(change: CustomerChange) -> str:
    counts = {(0, 1): "created", (1, 0): "ended"}
    known = counts.get((len(change.before), len(change.after)))
    if known:
        return known
    if len(change.before) > 1:
        return "merged" if len(change.after) == 1 else "moved"
    if len(change.after) > 1:
        return "split"
    if change.before != change.after:
        return "renamed"
    return "left" if all(move.after is None for move in change.moves) else "joined"


@_LAW
@given(before=memberships(), after=memberships())
def test_the_way_back_is_told_as_the_opposite(before: Membership, after: Membership) -> None:
    there = derive_changes(moves(before, after))
    back = derive_changes(moves(after, before))
    assert sorted((c.before, c.after) for c in there) == sorted((c.after, c.before) for c in back)


def test_a_record_that_moves_alone_between_two_customers_is_no_merge() -> None:
    a, b, c, d = (UUID(int=n) for n in range(1, 5))
    (change,) = derive_changes([MembershipChange(d, a, b)])
    assert (change.kind, change.before, change.after) == ("moved", (a, b), (a, b))
    (joined,) = derive_changes([MembershipChange(c, None, a)])
    assert (joined.kind, joined.before, joined.after) == ("joined", (a,), (a,))
