"""Keeps the scorecard: what was thought of every value, counted by source and field as records change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.events.record_events import FieldValue
from regard.quality.judge_values import JUDGED, judge_fields
from regard.quality.value_verdict import Verdict

QUERIES = NamedQueries(__package__, "quality.sql")
RECORD = "record"
"""The flag of a record that is there."""

_WORST: tuple[Verdict, ...] = ("ok", "fixed", "suspect", "invalid")
_RANK = {verdict: rank for rank, verdict in enumerate(_WORST)}
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class ScoredRecord:
    """A record to be judged; `fields` are empty for one that is gone, `seen` is when its source saw it last.

    `country` is that of its source.
    """

    record_id: UUID
    source: str
    kind: str
    fields: Mapping[str, FieldValue]
    country: str
    seen: date


class Score(NamedTuple):
    """What one record counts as."""

    record_id: UUID
    source: str
    kind: str
    flags: list[str]


def flags_of(record: ScoredRecord) -> list[str]:
    """One flag for the record, and one a filled field: `field:verdict:reason`, or `field:filled`.

    Of several values of a field the worst verdict counts. What lies in the future is decided by when the
    record was seen, so that the same log gives the same figures on any day.
    """
    if not record.fields:
        return []
    flags = [RECORD]
    worst: dict[str, tuple[int, str]] = {}
    for judged in judge_fields(record.fields, record.country, max(record.seen, _EARLIEST)):
        rank = _RANK[judged.verdict]
        if rank >= worst.get(judged.field, (-1, ""))[0]:
            worst[judged.field] = (rank, judged.reason)
    for name, value in record.fields.items():
        if name in worst:
            rank, reason = worst[name]
            flags.append(f"{name}:{_WORST[rank]}:{reason}" if reason else f"{name}:{_WORST[rank]}")
        elif name not in JUDGED and value and _is_name(name):
            flags.append(f"{name}:filled")
    return sorted(flags)


def score_records(records: Iterable[ScoredRecord]) -> list[Score]:
    """What the records count as. Pure computing, no database."""
    return [Score(one.record_id, one.source, one.kind, flags_of(one)) for one in records]


async def count_quality(
    connection: Connection, scores: Sequence[Score], fresh: Collection[UUID] = ()
) -> None:
    """Count the records as they are now, in the caller's transaction. `fresh`: never counted before."""
    if not scores:
        return
    known_ids = [score.record_id for score in scores if score.record_id not in fresh]
    rows = await connection.fetch(QUERIES["read_scores"], known_ids) if known_ids else []
    before = {row["record_id"]: (row["source"], row["kind"], list(row["flags"])) for row in rows}
    difference: Counter[tuple[str, str, str]] = Counter()
    changed: list[tuple[UUID, str, str, str]] = []
    for record_id, source, kind, flags in scores:
        known = before.get(record_id)
        if known == (source, kind, flags) or (known is None and not flags):
            continue
        if known is not None:
            difference.subtract([(known[0], known[1], flag) for flag in known[2]])
        difference.update([(source, kind, flag) for flag in flags])
        changed.append((record_id, source, kind, " ".join(flags)))
    await _write(connection, changed, {key: n for key, n in difference.items() if n})


async def forget_scores(connection: Connection, record_ids: Collection[UUID]) -> None:
    """Take back what was counted of records that are no more."""
    rows = await connection.fetch(QUERIES["drop_scores"], list(record_ids)) if record_ids else []
    counted = Counter((row["source"], row["kind"], flag) for row in rows for flag in row["flags"])
    await _write(connection, [], {key: -n for key, n in counted.items()})


async def _write(
    connection: Connection,
    changed: Sequence[tuple[UUID, str, str, str]],
    difference: Mapping[tuple[str, str, str], int],
) -> None:
    if changed:
        await connection.execute(QUERIES["write_scores"], *map(list, zip(*changed, strict=True)))
    if difference:
        keys = sorted(difference)
        await connection.execute(
            QUERIES["count_flags"], *map(list, zip(*keys, strict=True)), [difference[key] for key in keys]
        )


def _is_name(name: str) -> bool:
    """Names of fields that nobody mapped may hold anything; such are not counted one by one."""
    return name.isascii() and name.replace("_", "").isalnum() and len(name) <= 60
