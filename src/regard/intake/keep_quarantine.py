"""Keeps what could not be accepted: sealed, with its reason, until a person retries or discards it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.append_events import ensure_subject_keys
from regard.eventlog.read_keys import KeyDestroyedError, read_subject_keys
from regard.eventlog.seal_bodies import Keyring, seal, unseal
from regard.events.envelope import RecordKey
from regard.intake.pushed_item import PushedItem
from regard.kit.errors import RegardError, Terminal
from regard.kit.ids import new_id

_QUERIES = NamedQueries(__package__, "quarantine.sql")
_LONGEST_REASON = 1_000

Status = Literal["open", "retried", "discarded"]


class NoSuchQuarantinedItemError(RegardError):
    """The source has no such item in quarantine."""

    code = "no_such_quarantined_item"
    status = 404


class QuarantineResolvedError(RegardError, Terminal):
    """The item was retried or discarded before."""

    code = "quarantine_resolved"
    status = 409


@dataclass(frozen=True, slots=True)
class QuarantinedItem:
    """What may be shown of an item in quarantine: everything but the item itself."""

    id: UUID
    source: str
    received_at: datetime
    dialect: str
    context: dict[str, str]
    code: str
    reason: str
    status: Status
    resolved_at: datetime | None
    resolved_by: str | None


async def add_items(
    connection: Connection, keyring: Keyring, items: Sequence[tuple[PushedItem, RegardError]]
) -> dict[UUID, AESGCM]:
    """Keep refused items in the caller's transaction; gives the keys to remember after its commit.

    Sets `quarantine_id` on each item.
    """
    subjects: list[UUID] = []
    for item, _ in items:
        item.quarantine_id = item.quarantine_id or new_id(item.received_at)
        subjects.append(subject_of(item.source, item.quarantine_id))
    keys, made = await ensure_subject_keys(connection, keyring, set(subjects))
    bodies = [
        seal(keys[subject], item.raw, subject.bytes)
        for subject, (item, _) in zip(subjects, items, strict=True)
    ]
    await connection.execute(
        _QUERIES["add_items"],
        [item.quarantine_id for item, _ in items],
        [item.source for item, _ in items],
        [item.received_at for item, _ in items],
        [item.dialect for item, _ in items],
        [json.dumps(item.context) for item, _ in items],
        [error.code for _, error in items],
        [str(error)[:_LONGEST_REASON] for _, error in items],
        bodies,
        [item.state for item, _ in items],
    )
    return made


async def find_states(connection: Connection, source: str, states: Sequence[bytes]) -> set[bytes]:
    """Those of some states of raw records that are kept here already; see `PushedItem.state`."""
    if not states:
        return set()
    return {row["state"] for row in await connection.fetch(_QUERIES["find_states"], source, states)}


async def hold_item(
    connection: Connection, keyring: Keyring, item: PushedItem, refusal: RegardError
) -> dict[UUID, AESGCM] | None:
    """Keep a refused item in the caller's transaction, unless its `state` is kept here already: None then."""
    if item.state is not None and await find_states(connection, item.source, [item.state]):
        return None
    return await add_items(connection, keyring, [(item, refusal)])


async def list_items(
    connection: Connection, source: str, before: UUID | None, status: Status | None, limit: int
) -> list[QuarantinedItem]:
    """A page of a source's items, newest first; `before` is the last id of the page before."""
    rows = await connection.fetch(_QUERIES["list_items"], source, before, status, limit)
    return [_item(row) for row in rows]


async def lock_open_item(connection: Connection, source: str, item_id: UUID) -> tuple[QuarantinedItem, bytes]:
    """An open item and its sealed body, locked until the end of the caller's transaction.

    Raises `NoSuchQuarantinedItemError` or `QuarantineResolvedError`.
    """
    row = await connection.fetchrow(_QUERIES["lock_item"], source, item_id)
    if row is None:
        raise NoSuchQuarantinedItemError("There is no such item in the quarantine of this source.")
    item = _item(row)
    if item.status != "open":
        raise QuarantineResolvedError(f"The item was {item.status} before; nothing was done.")
    return item, row["body"]


async def open_body(connection: Connection, keyring: Keyring, item: QuarantinedItem, sealed: bytes) -> bytes:
    """The item as it came; raises `KeyDestroyedError`."""
    subject = subject_of(item.source, item.id)
    key = (await read_subject_keys(connection, keyring, {subject})).get(subject)
    if key is None:
        raise KeyDestroyedError("The item cannot be opened: its key was destroyed. Discard it.")
    return unseal(key, sealed, subject.bytes)


async def open_kept_body(connection: Connection, keyring: Keyring, source: str, item_id: UUID) -> bytes:
    """The item as it came, whatever became of it.

    Raises `NoSuchQuarantinedItemError` or `KeyDestroyedError`.
    """
    row = await connection.fetchrow(_QUERIES["lock_item"], source, item_id)
    if row is None:
        raise NoSuchQuarantinedItemError("There is no such item in the quarantine of this source.")
    return await open_body(connection, keyring, _item(row), row["body"])


async def resolve_item(
    connection: Connection, item: QuarantinedItem, status: Status, by: str, now: datetime
) -> None:
    """Close an open item."""
    await connection.execute(_QUERIES["resolve_item"], item.id, status, now, by)


async def reopen_item(connection: Connection, item: QuarantinedItem) -> None:
    """Open an item again that a retry closed in vain."""
    await connection.execute(_QUERIES["reopen_item"], item.id)


async def close_items(connection: Connection, ids: Sequence[UUID], now: datetime) -> None:
    """Close refused states of raw records that a later state has replaced; settled ones stay as they are."""
    if ids:
        await connection.execute(_QUERIES["close_items"], ids, now)


async def restate_reason(
    connection: Connection, keyring: Keyring, item: QuarantinedItem, error: RegardError, body: bytes
) -> None:
    """Say why a retry was refused, and keep the body that was tried."""
    subject = subject_of(item.source, item.id)
    keys, _ = await ensure_subject_keys(connection, keyring, {subject})
    sealed = seal(keys[subject], body, subject.bytes)
    await connection.execute(
        _QUERIES["restate_reason"], item.id, error.code, str(error)[:_LONGEST_REASON], sealed
    )


async def count_open(connection: Connection) -> dict[str, int]:
    """How many items are open, by source; sources with none are absent."""
    return {row["source"]: row["open"] for row in await connection.fetch(_QUERIES["count_open"])}


def subject_of(source: str, item_id: UUID) -> UUID:
    """The subject whose key seals an item of the quarantine."""
    return RecordKey(source, "quarantine", str(item_id)).record_id


def _item(row: asyncpg.Record) -> QuarantinedItem:
    return QuarantinedItem(
        id=row["id"],
        source=row["source"],
        received_at=row["received_at"],
        dialect=row["dialect"],
        context=json.loads(row["context"]),
        code=row["code"],
        reason=row["reason"],
        status=row["status"],
        resolved_at=row["resolved_at"],
        resolved_by=row["resolved_by"],
    )
