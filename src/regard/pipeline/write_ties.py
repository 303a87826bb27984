"""Keeps what ties customers to one another in step with their records, and says whose ties changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from regard.db.copy_rows import copy_rows
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.identity.derive_ties import OTHER_END, Tie
from regard.identity.identity_record import MembershipChange

_queries = NamedQueries(__package__, "pipeline.sql")


async def write_ties(
    connection: Connection,
    ties: Mapping[UUID, Sequence[Tie]],
    moves: Sequence[MembershipChange],
    fresh: Collection[UUID] = (),
) -> set[UUID]:
    """Write the ties of these records; gives the customers who see others beside them now, or no longer.

    `fresh`: records that had none before.
    """
    before: dict[UUID, set[Tie]] = {record_id: set() for record_id in ties}
    known = [record_id for record_id in ties if record_id not in fresh]
    for row in await connection.fetch(_queries["drop_ties"], known) if known else ():
        before[row["record_id"]].add(Tie(row["key"], row["role"]))
    written = [(tie.key, tie.role, record_id) for record_id, mine in ties.items() for tie in mine]
    await copy_rows(connection, "identity.tie", ("key", "role", "record_id"), written)
    changed = {tie for record_id, mine in ties.items() for tie in before[record_id] ^ set(mine)}
    moved = [move.record_id for move in moves if move.before is not None]
    if moved:
        changed |= {
            Tie(row["key"], row["role"]) for row in await connection.fetch(_queries["read_ties"], moved)
        }
    if not changed:
        return set()
    ends = sorted((tie.key, OTHER_END[tie.role]) for tie in changed)
    rows = await connection.fetch(_queries["find_tied"], *map(list, zip(*ends, strict=True)))
    return {row["customer_id"] for row in rows}
