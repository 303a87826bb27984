"""Notes which places raw records have, so that fields which come and go at a source are noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from regard.connectors.connector_contract import RawRecord
from regard.connectors.mapping.list_unmapped import shown_unmapped_places
from regard.db.pool import Connection
from regard.intake.keep_connections import QUERIES

_MOST_PLACES = 500


async def note_places(
    connection: Connection, source: str, records: Sequence[RawRecord], now: datetime
) -> None:
    """Count the places of accepted records, behind the stream's own account in the caller's transaction."""
    found: Counter[tuple[str, str]] = Counter()
    for record in records:
        if record.body is not None:
            found.update((record.stream[:100], place[:300]) for place in _places(record.body))
    if not found:
        return
    known = {row["stream"]: row["places"] for row in await connection.fetch(QUERIES["count_places"], source)}
    kept = [key for key in sorted(found) if known.get(key[0], 0) < _MOST_PLACES]
    if kept:
        await connection.execute(
            QUERIES["note_places"], source, [key[0] for key in kept], [key[1] for key in kept], now,
            [found[key] for key in kept],
        )  # fmt: skip


def _places(body: Mapping[str, Any]) -> list[str]:
    """Filled places, lists as a whole."""
    return shown_unmapped_places(body, ())[:_MOST_PLACES]
