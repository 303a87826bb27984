"""Corrections of records as partial statements that lose against whatever the source says next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from regard.events.envelope import Event
from regard.events.record_events import MULTIPLE_FIELDS, FieldValue, RecordPatched
from regard.quality.propose_corrections import Correction, corrected_field
from regard.records.fold_record import CORRECTED, SourceRecord, version_time


def correct_record(
    record: SourceRecord, corrections: Sequence[Correction], run_id: UUID, now: datetime
) -> list[Event]:
    """The events that correct a record as it is now.

    A correction is stated at the very moment of what it corrects and sorts right after it: the source's next
    statement wins. Of fields with several values all are said anew, after the old ones were taken out.
    """
    by_version: dict[str, dict[str, list[Correction]]] = {}
    for one in corrections:
        version = record.version_of(one.field)
        by_version.setdefault(version, {}).setdefault(one.field, []).append(one)
    known = record.effective_fields()
    events = []
    for version, by_field in sorted(by_version.items()):
        fields: dict[str, FieldValue | None] = {}
        anew: dict[str, FieldValue | None] = {}
        for name, found in by_field.items():
            value = corrected_field(known[name], found)
            if name in MULTIPLE_FIELDS:
                fields[name] = None
                anew[name] = [value] if isinstance(value, str) else value
            else:
                fields[name] = value
        steps = [fields, anew] if anew else [fields]
        for step, said in enumerate(steps):
            events.append(_patch(record, version, f"{CORRECTED}{run_id.hex}:{step}", said, now))
    return events


def _patch(
    record: SourceRecord, version: str, suffix: str, fields: dict[str, FieldValue | None], now: datetime
) -> Event:
    key, stated = record.key, version_time(version)
    return Event(
        key.source, version.partition(":")[2] + suffix, key, record.last_seen, stated, max(now, stated),
        RecordPatched(key.stream, key.external_id, record.kind, fields),
    )  # fmt: skip
