"""Says statements again that were taken back with their source, so that everything is as it was.

Each gets its old content, times and rank, under an event id that sorts right behind its old one: what decided
between statements before decides the same way again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from regard.db.pool import Connection, Pool
from regard.eventlog.append_events import append_within, object_id_of
from regard.eventlog.read_events import KEY_DESTROYED, LoggedEvent, read_withdrawn
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.intake.keep_removals import QUERIES
from regard.kit.errors import RegardError

LEASE = timedelta(seconds=60)
_AT_ONCE = 500


class RemovalTakenOverError(RegardError):
    """Another process works on the removal; this one must stop."""

    code = "removal_taken_over"
    status = 409


async def restore_statements(pool: Pool, keyring: Keyring, run_id: UUID, owner: str) -> int:
    """Say everything again that a removal took back; goes on where an earlier run was stopped.

    How many could not be read: they stay in what is to be said again. What had its key destroyed does not; it
    is gone for good. Raises `RemovalTakenOverError`.
    """
    unread = 0
    after = (-1, 0)
    while True:
        async with pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(QUERIES["list_kept"], run_id, _AT_ONCE, *after)
            if not rows:
                return unread
            places = [(row["part"], row["seq"]) for row in rows]
            found = await read_withdrawn(connection, keyring, places)
            logged = [one for one in found if one.event]
            events = [_again(one, one.event, run_id) for one in logged if one.event]
            appended = await append_within(connection, keyring, events)
            await _move_ledgers(connection, logged, events, appended.positions)
            done = [(one.part, one.seq) for one in found if one.event or one.problem == KEY_DESTROYED]
            held = await connection.fetchval(
                QUERIES["drop_kept"], run_id, owner, [part for part, _ in done],
                [seq for _, seq in done], LEASE,
            )  # fmt: skip
            if held is None:
                raise RemovalTakenOverError("another process brings this source back")
        keyring.remember(appended.fresh_keys)
        unread += len(places) - len(done)
        after = places[-1]


def _again(logged: LoggedEvent, event: Event, run_id: UUID) -> Event:
    return replace(event, event_id=f"{logged.event_id}!{run_id.hex[-8:]}")


async def _move_ledgers(
    connection: Connection,
    logged: Sequence[LoggedEvent],
    events: Sequence[Event],
    positions: Sequence[tuple[int, int] | None],
) -> None:
    """Imports and cleansings can still take back what is theirs."""
    moved = [
        (object_id_of(event), one.part, one.seq, *place)
        for one, event, place in zip(logged, events, positions, strict=True)
        if place is not None
    ]
    if not moved:
        return
    objects, parts, numbers, new_parts, new_numbers = map(list, zip(*moved, strict=True))
    await connection.execute(QUERIES["move_taken_rows"], objects, parts, numbers, new_parts, new_numbers)
    await connection.execute(QUERIES["move_corrections"], parts, numbers, new_parts, new_numbers)
