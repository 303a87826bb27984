"""Keeps what the records of each stream mean: every change is a new version, old ones stay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from regard.connectors.mapping.describe_stream_mapping import StreamMapping
from regard.db.pool import Connection
from regard.intake.hold_vanished_fields import release_unmapped
from regard.intake.keep_connections import QUERIES as CONNECTIONS
from regard.intake.keep_raw_heads import QUERIES
from regard.intake.translate_raw_records import NumberedMapping
from regard.kit.errors import RegardError, Terminal


class MappingChangedError(RegardError, Terminal):
    """Somebody else saved the mapping at the same time."""

    code = "mapping_changed"
    status = 409


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A version of a stream's mapping; `shipped` when it came with the connector."""

    number: int
    mapping: StreamMapping
    shipped: bool
    saved_at: datetime
    saved_by: str


async def read_latest_mappings(connection: Connection, source: str) -> dict[str, NumberedMapping]:
    """What the records of each stream of a source mean now."""
    rows = await connection.fetch(QUERIES["latest_readings"], source)
    return {row["stream"]: NumberedMapping(row["number"], _decode(row["mapping"])) for row in rows}


async def list_saved_mappings(connection: Connection, source: str, stream: str) -> list[SavedMapping]:
    """All versions of a stream's mapping, newest first."""
    rows = await connection.fetch(QUERIES["list_mappings"], source, stream)
    return [
        SavedMapping(row["number"], _decode(row["mapping"]), row["shipped"], row["saved_at"], row["saved_by"])
        for row in rows
    ]


async def save_mapping(
    connection: Connection, source: str, mapping: StreamMapping, by: str, now: datetime
) -> int:
    """Keep a new version made by a person; gives its number, or that of the latest when nothing changed.

    Raises `MappingChangedError` when somebody else saved one at the same time.
    """
    seen = await connection.fetchrow(QUERIES["latest_mapping"], source, mapping.stream)
    await _wait_for_turn(connection, source, now)
    latest = await connection.fetchrow(QUERIES["latest_mapping"], source, mapping.stream)
    if latest is not None and (seen is None or seen["number"] != latest["number"]):
        raise MappingChangedError(
            f"“{latest['saved_by']}” saved this mapping at the same moment, as version {latest['number']}."
            " Look at that version, then save yours again if it is still wanted."
        )
    return await _save(connection, source, mapping, by, now, shipped=False)


async def install_mappings(
    connection: Connection, source: str, mappings: Sequence[StreamMapping], now: datetime
) -> None:
    """Keep the mappings that come with a connector, but never over one that a person made."""
    await _wait_for_turn(connection, source, now)
    rows = await connection.fetch(QUERIES["latest_mappings"], source)
    made_by_people = {row["stream"] for row in rows if not row["shipped"]}
    for mapping in mappings:
        if mapping.stream not in made_by_people:
            await _save(connection, source, mapping, "regard", now, shipped=True)


async def _wait_for_turn(connection: Connection, source: str, now: datetime) -> None:
    """Mappings of a source are saved one transaction after the other, and none while records are taken."""
    if await connection.fetchrow(CONNECTIONS["lock_connection"], source) is None:
        await connection.execute(CONNECTIONS["ensure_connection"], source, now)
        await connection.fetchrow(CONNECTIONS["lock_connection"], source)


async def _save(
    connection: Connection, source: str, mapping: StreamMapping, by: str, now: datetime, *, shipped: bool
) -> int:
    latest = await connection.fetchrow(QUERIES["latest_mapping"], source, mapping.stream)
    if latest is not None and _decode(latest["mapping"]) == mapping:
        return int(latest["number"])
    encoded = json.dumps(msgspec.to_builtins(mapping))
    number = await connection.fetchval(
        QUERIES["add_mapping"], source, mapping.stream, encoded, shipped, now, by
    )
    await release_unmapped(connection, source, mapping)
    return int(number)


def _decode(text: str) -> StreamMapping:
    return msgspec.json.decode(text.encode(), type=StreamMapping)

