"""Notes which places raw records have, so that fields which come and go at a source are noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from regard.connectors.connector_contract import RawRecord
from regard.connectors.mapping.list_unmapped import shown_unmapped_places
from regard.db.pool import Connection
from regard.intake.keep_connections import QUERIES

_MOST_PLACES = 500
_DEEPEST = 6


async def note_places(
    connection: Connection, source: str, records: Sequence[RawRecord], now: datetime
) -> None:
    """Count the places of accepted records, behind the stream's own account in the caller's transaction."""
    found: Counter[tuple[str, str]] = Counter()
    present: Counter[tuple[str, str]] = Counter()
    for record in records:
        if record.body is not None:
            found.update((record.stream[:100], place[:300]) for place in _places(record.body))
            present.update((record.stream[:100], place[:300]) for place in _keys(record.body))
    if not present:
        return
    known = {row["stream"]: row["places"] for row in await connection.fetch(QUERIES["count_places"], source)}
    kept = [key for key in sorted(found) if known.get(key[0], 0) < _MOST_PLACES]
    if kept:
        await connection.execute(
            QUERIES["note_places"], source, [key[0] for key in kept], [key[1] for key in kept], now,
            [found[key] for key in kept], [present[key] for key in kept],
        )  # fmt: skip
    empty = sorted(present.keys() - found.keys())
    if empty:
        await connection.execute(
            QUERIES["note_empty_places"], source, [key[0] for key in empty], [key[1] for key in empty],
            [present[key] for key in empty],
        )  # fmt: skip


def _places(body: Mapping[str, Any]) -> list[str]:
    """Filled places, lists as a whole."""
    return shown_unmapped_places(body, ())[:_MOST_PLACES]


def _keys(body: Mapping[str, Any]) -> list[str]:
    """The same with those that are there without a value, under their plain names."""
    return list(islice(dict.fromkeys(_all_keys(body, "", 1)), _MOST_PLACES))


def _all_keys(value: Mapping[str, Any], prefix: str, depth: int) -> Iterator[str]:
    for key, one in value.items():
        if "." in key:
            continue  # a path would read it as two steps
        if isinstance(one, Mapping) and depth < _DEEPEST:
            yield from _all_keys(one, f"{prefix}{key}.", depth + 1)
        else:
            yield f"{prefix}{key}"
