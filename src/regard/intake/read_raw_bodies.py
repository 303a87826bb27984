"""Opens raw records again: from the log by their place in it, or from quarantine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from regard.connectors.connector_contract import RawRecord
from regard.db.pool import Connection
from regard.eventlog.read_keys import KeyDestroyedError, read_subject_keys
from regard.eventlog.seal_bodies import Keyring, unseal
from regard.events.event_catalogue import decode_body
from regard.events.raw_events import RawReceived
from regard.intake.keep_quarantine import open_kept_body
from regard.intake.keep_raw_heads import QUERIES


async def read_raw_bodies(
    connection: Connection, keyring: Keyring, source: str, stream: str, heads: Sequence[asyncpg.Record]
) -> dict[UUID, RawRecord]:
    """The records of these heads by object id; those whose key was destroyed are absent."""
    found: dict[UUID, RawRecord] = {}
    events = await _open_events(connection, keyring, [h for h in heads if h["quarantine_id"] is None])
    for head in heads:
        raw = events.get((head["part"], head["seq"])) if head["quarantine_id"] is None else None
        body = _parsed(raw)
        if head["quarantine_id"] is not None:
            body = await _open_quarantined(connection, keyring, source, head["quarantine_id"])
        if body is not None:
            found[head["object_id"]] = RawRecord(stream, head["external_id"], body, head["updated_at"])
    return found


async def _open_events(
    connection: Connection, keyring: Keyring, heads: Sequence[asyncpg.Record]
) -> dict[tuple[int, int], str]:
    places = [(head["part"], head["seq"]) for head in heads if head["part"] is not None]
    if not places:
        return {}
    rows = await connection.fetch(
        QUERIES["read_raw_events"], [part for part, _ in places], [seq for _, seq in places]
    )
    keys = await read_subject_keys(connection, keyring, {row["subject"] for row in rows})
    texts = {}
    for row in rows:
        key = keys.get(row["subject"])
        if key is None:
            continue
        body = decode_body(unseal(key, row["body"], row["subject"].bytes))
        if isinstance(body, RawReceived):
            texts[row["part"], row["seq"]] = body.raw
    return texts


async def _open_quarantined(
    connection: Connection, keyring: Keyring, source: str, item_id: UUID
) -> Mapping[str, Any] | None:
    try:
        return _parsed((await open_kept_body(connection, keyring, source, item_id)).decode())
    except KeyDestroyedError:
        return None


def _parsed(raw: str | None) -> Mapping[str, Any] | None:
    if not raw:
        return None
    value = json.loads(raw)
    return value if isinstance(value, dict) else None
