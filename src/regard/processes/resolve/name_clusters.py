"""Names every cluster of rows by its smallest source and id, whatever the order of rows and the mode."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

from regard.processes.resolve.keep_row_ids import RowIds


def customers_by_row(customer: Sequence[int], order: Sequence[int] | None) -> array[int]:
    """For every row the row that stands for its customer.

    `customer` speaks of positions in the order of arrival, `order` says which row arrived at each.
    """
    if order is None:
        return array("I", customer)
    found = array("I", bytes(4 * len(customer)))
    for position, row in enumerate(order):
        found[row] = order[customer[position]]
    return found


def join_rows(customer: array[int], groups: Sequence[Sequence[int]]) -> None:
    """Make one customer of each group of rows, in place."""
    leader: dict[int, int] = {}

    def find(row: int) -> int:
        while (above := leader.get(row, row)) != row:
            leader[row] = leader.get(above, above)
            row = above
        return row

    for first, *others in groups:
        for other in others:
            one, two = find(customer[first]), find(customer[other])
            if one != two:
                leader[two] = one
    if leader:
        for row, stands_for in enumerate(customer):
            if stands_for in leader:
                customer[row] = find(stands_for)


def choose_names(customer: Sequence[int], ids: RowIds) -> array[int]:
    """For every row the row of its customer that has the smallest source and id."""
    best = array("q", [-1]) * len(customer)
    for row, stands_for in enumerate(customer):
        known = best[stands_for]
        if known < 0 or ids.key(row) < ids.key(known):
            best[stands_for] = row
    return array("I", (best[stands_for] for stands_for in customer))


def count_sizes(customer: Sequence[int]) -> dict[int, int]:
    """How many customers there are of each number of rows, smallest first."""
    return dict(sorted(Counter(Counter(customer).values()).items()))


def customer_name(source: str, record: str) -> str:
    """`source:record`, with the colons of the source written as %3A, so that two never look alike."""
    return f"{source.replace('%', '%25').replace(':', '%3A')}:{record}"
