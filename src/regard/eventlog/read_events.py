"""Reads the log in order for a consumer that keeps its checkpoint in its own transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.seal_bodies import Keyring, SealBrokenError, unseal
from regard.events.envelope import Event, RecordKey
from regard.events.event_catalogue import decode_body
from regard.kit.errors import RegardError, Terminal

_queries = NamedQueries(__package__, "eventlog.sql")


KEY_DESTROYED = "its key was destroyed"


class LogHasGapError(RegardError, Terminal):
    """A number is missing in a partition of the log; nothing is applied beyond it."""

    code = "log_has_gap"


class LeaseLostError(RegardError):
    """Another worker has taken over; this one must stop without committing."""

    code = "lease_lost"
    status = 409


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its place in the log; `event` is None when it cannot be opened, `problem` says why.

    One that was taken back has neither.
    """

    part: int
    seq: int
    source: str
    event_id: str
    event: Event | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to move a consumer's checkpoints."""

    consumer: str
    owner: str
    epoch: int


async def claim_lease(connection: Connection, consumer: str, owner: str, length: timedelta) -> Lease | None:
    """Take the consumer's lease if nobody alive holds it."""
    epoch = await connection.fetchval(_queries["claim_lease"], consumer, owner, length)
    if epoch is None:
        return None
    await connection.execute(_queries["add_checkpoints"], consumer)
    return Lease(consumer, owner, epoch)


async def hold_lease(connection: Connection, lease: Lease, length: timedelta) -> None:
    """Prove and prolong the lease inside the batch's transaction; raises `LeaseLostError`."""
    held = await connection.fetchval(_queries["hold_lease"], lease.consumer, lease.owner, lease.epoch, length)
    if held is None:
        raise LeaseLostError(f"another worker has taken over as {lease.consumer}")


async def release_lease(connection: Connection, lease: Lease) -> None:
    """Give the lease back at a clean stop."""
    await connection.execute(_queries["release_lease"], lease.consumer, lease.owner, lease.epoch)


async def read_positions(connection: Connection, consumer: str) -> dict[int, int]:
    """The consumer's position in every partition."""
    rows = await connection.fetch(_queries["read_checkpoints"], consumer)
    return {row["part"]: row["position"] for row in rows}


async def move_positions(connection: Connection, consumer: str, positions: Mapping[int, int]) -> None:
    """Move the consumer's positions, in the caller's transaction."""
    await connection.execute(
        _queries["move_checkpoints"], consumer, list(positions), list(positions.values())
    )


async def reset_positions(connection: Connection, consumer: str) -> None:
    """Send the consumer back to the beginning of the log."""
    await connection.execute(_queries["reset_checkpoints"], consumer)


async def copy_positions(connection: Connection, consumer: str, name: str) -> None:
    """Remember the consumer's positions under another name, unless some are remembered there already."""
    await connection.execute(_queries["copy_checkpoints"], consumer, name)


async def drop_positions(connection: Connection, name: str) -> None:
    """Forget all positions under this name."""
    await connection.execute(_queries["drop_checkpoints"], name)


async def read_batch(
    connection: Connection, keyring: Keyring, positions: Mapping[int, int], limit: int
) -> list[LoggedEvent]:
    """The next events after `positions`, at most about `limit`; raises `LogHasGapError`.

    Numbers within a partition are contiguous by construction, so a gap proves a fault.
    """
    per_part = max(1, limit // max(1, len(positions)))
    rows = await connection.fetch(_queries["read_after"], list(positions), list(positions.values()), per_part)
    expected = dict(positions)
    batch: list[LoggedEvent] = []
    for row in rows:
        part, seq = row["part"], row["seq"]
        expected[part] += 1
        if seq != expected[part]:
            raise LogHasGapError(f"partition {part} of the log jumps from {expected[part] - 1} to {seq}")
        batch.append(_open(row, keyring))
    return batch


async def read_places(
    connection: Connection, keyring: Keyring, places: Collection[tuple[int, int]]
) -> list[LoggedEvent]:
    """The events at these places (partition, number), in the order of the log."""
    wanted = sorted(set(places))
    parts, numbers = [part for part, _ in wanted], [seq for _, seq in wanted]
    rows = await connection.fetch(_queries["read_at"], parts, numbers) if wanted else []
    return [_open(row, keyring) for row in rows]


async def read_withdrawn(
    connection: Connection, keyring: Keyring, places: Collection[tuple[int, int]]
) -> list[LoggedEvent]:
    """The same for events that were taken back: what they said."""
    wanted = sorted(set(places))
    parts, numbers = [part for part, _ in wanted], [seq for _, seq in wanted]
    rows = await connection.fetch(_queries["read_at"], parts, numbers) if wanted else []
    return [_unseal(row, keyring) for row in rows]


async def read_statements(
    connection: Connection, keyring: Keyring, source: str, stretch: tuple[int, int, int],
    subjects: Collection[UUID] | None, limit: int,
) -> list[LoggedEvent]:  # fmt: skip
    """What a source said about parties and interactions in a stretch of the log, at most `limit`.

    `stretch` is a partition, the number behind which it begins, and its last number. `subjects`: only events
    filed under these.
    """
    part, seq, last = stretch
    wanted = None if subjects is None else list(subjects)
    rows = await connection.fetch(_queries["read_statements"], part, seq, source, wanted, limit, last)
    return [_open(row, keyring) for row in rows]


def _open(row: asyncpg.Record, keyring: Keyring) -> LoggedEvent:
    if row["withdrawn"]:
        return LoggedEvent(row["part"], row["seq"], row["source"], row["event_id"], None, None)
    return _unseal(row, keyring)


def _unseal(row: asyncpg.Record, keyring: Keyring) -> LoggedEvent:
    part, seq, source, event_id = row["part"], row["seq"], row["source"], row["event_id"]
    subject: UUID = row["subject"]
    if row["wrapped"] is None:
        return LoggedEvent(part, seq, source, event_id, None, KEY_DESTROYED)
    try:
        key = keyring.remembered(subject)
        if key is None:
            key = keyring.unwrap(subject, row["wrapped"])
            keyring.remember({subject: key})
        body = decode_body(unseal(key, row["body"], subject.bytes))
    except (SealBrokenError, msgspec.DecodeError) as error:
        return LoggedEvent(part, seq, source, event_id, None, str(error))
    event = Event(
        source, event_id, RecordKey(*row["subject_key"]),
        row["occurred_at"], row["stated_at"], row["received_at"], body,
    )  # fmt: skip
    return LoggedEvent(part, seq, source, event_id, event, None)
