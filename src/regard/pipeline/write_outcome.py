"""Writes what was decided about a batch of records: identifiers, hubs, doubts, memberships, ties."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from regard.db.copy_rows import copy_rows
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.identity.derive_ties import Tie
from regard.identity.identity_record import MembershipChange
from regard.identity.note_doubts import Doubt, Pair
from regard.pipeline.write_ties import write_ties

_queries = NamedQueries(__package__, "pipeline.sql")
_IDENTIFIER = ("value", "type", "authority", "record_id")
_MEMBERSHIP = ("record_id", "customer_id")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a decision, in the form it is kept.

    The records of `ties` get these ties and the `identifiers` (value, type, authority, record) and no others;
    `gone` are records no more, `fresh` those of which nothing was written before. `hubs`: None when they are
    as before. `settled`: no longer in doubt.
    """

    moves: Sequence[MembershipChange]
    fresh: Collection[UUID]
    gone: Collection[UUID]
    identifiers: Sequence[tuple[str, str, str, UUID]]
    ties: Mapping[UUID, Sequence[Tie]]
    hubs: Collection[str] | None
    settled: Sequence[Pair]
    doubts: Sequence[Doubt]


async def write_outcome(connection: Connection, outcome: Outcome) -> set[UUID]:
    """Write all of it; gives the customers who are tied to others now, or no longer."""
    await _write_identifiers(connection, outcome)
    if outcome.hubs is not None:
        await connection.execute(_queries["drop_hubs"])
        await connection.execute(_queries["write_hubs"], sorted(outcome.hubs))
    await write_doubts(connection, outcome.settled, outcome.doubts)
    await _write_memberships(connection, outcome)
    return await write_ties(connection, outcome.ties, outcome.moves, outcome.fresh)


async def _write_memberships(connection: Connection, outcome: Outcome) -> None:
    placed = [(change.record_id, change.after) for change in outcome.moves if change.after is not None]
    await copy_rows(
        connection, "identity.membership", _MEMBERSHIP, [row for row in placed if row[0] in outcome.fresh]
    )
    moved = [row for row in placed if row[0] not in outcome.fresh]
    if moved:
        await connection.execute(_queries["write_memberships"], *map(list, zip(*moved, strict=True)))
    ended = [change.record_id for change in outcome.moves if change.after is None]
    if ended:
        await connection.execute(_queries["drop_memberships"], ended)


async def write_doubts(connection: Connection, settled: Sequence[Pair], doubts: Sequence[Doubt]) -> None:
    """Pairs no longer in doubt, and doubts that are new or different."""
    if settled:
        await connection.execute(_queries["drop_doubts"], *map(list, zip(*settled, strict=True)))
    if doubts:
        rows = [(d.left, d.right, d.bits, d.together, d.reason, d.risk) for d in doubts]
        await connection.execute(_queries["write_doubts"], *map(list, zip(*rows, strict=True)))


async def _write_identifiers(connection: Connection, outcome: Outcome) -> None:
    known = [record_id for record_id in outcome.ties if record_id not in outcome.fresh]
    if known:
        await connection.execute(_queries["drop_identifiers"], known)
    await copy_rows(connection, "identity.identifier", _IDENTIFIER, outcome.identifiers)
