"""The latest state of a source record as a fold over its events that does not depend on their order.

The last whole statement is the base; partial statements made after it lie on top, each field with its
own version; a deletion hides all that was stated before it. Versions decide, arrival does not. What was
noted in passing (a visitor and a user met in one call) has no version: it is a set that only grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from regard.events.envelope import Event, RecordKey
from regard.events.record_events import (
    MULTIPLE_FIELDS,
    FieldValue,
    PartyKind,
    RecordDeleted,
    RecordPatched,
    RecordUpserted,
)

# A record that only interactions speak of has not been seen itself; it must never name a customer by age.
NEVER_SEEN = datetime(9999, 12, 31, tzinfo=UTC)

CORRECTED = "~corrected:"
"""Stands in the event id, and so in the version, of a correction, before the id of its run."""

_KIND = "@kind"
_BETWEEN = "\x1f"
_IN_PASSING = "+"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Patch = tuple[str, FieldValue | None]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What a source last said about one of its records.

    `patches` maps a field (or, for multiple fields, field and value) to (version, value); a None
    value removes; a `+` before the name marks what was noted in passing. `effective_fields` is the
    result for readers.
    """

    key: RecordKey
    kind: PartyKind = "person"
    base_version: str = ""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    patches: Mapping[str, Patch] = field(default_factory=dict)
    deleted_version: str = ""
    first_seen: datetime = NEVER_SEEN
    last_seen: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    @property
    def record_id(self) -> UUID:
        """The id derived from the key."""
        return self.key.record_id

    @property
    def deleted(self) -> bool:
        """Gone at the source, with nothing said about it since."""
        if not self.deleted_version:
            return False
        latest = max((version for version, _ in self.patches.values()), default="")
        return self.deleted_version > max(self.base_version, latest)

    def effective_fields(self) -> dict[str, FieldValue]:
        """What the source states now: nothing for a deleted record."""
        return self._fields_after(self.deleted_version)

    def known_fields(self) -> dict[str, FieldValue]:
        """What the source ever stated last, deleted or not: who a record is does not end with it."""
        return self._fields_after("")

    def _fields_after(self, version: str) -> dict[str, FieldValue]:
        fields = dict(self.fields) if self.base_version > version else {}
        if not self.patches:
            return fields
        added: dict[str, list[tuple[str, str]]] = {}
        for name, (at, value) in self.patches.items():
            base, between, _ = name.partition(_BETWEEN)
            if at <= version or name == _KIND:
                continue
            if between and isinstance(value, str):
                added.setdefault(base, []).append((at, value))
            elif value is None:
                fields.pop(name, None)
            else:
                fields[name] = value
        for name, values in added.items():
            removed_at = self.patches.get(name, ("", None))[0]
            known = _as_list(fields.get(name))
            known += [value for at, value in sorted(values) if at > removed_at and value not in known]
            if known:
                fields[name] = known
        if not version or not self.deleted:
            self._add_noted(fields)
        return fields

    def _add_noted(self, fields: dict[str, FieldValue]) -> None:
        for name in sorted(name for name in self.patches if name.startswith(_IN_PASSING)):
            field_name, between, value = name.removeprefix(_IN_PASSING).partition(_BETWEEN)
            if field_name not in MULTIPLE_FIELDS:
                fields.setdefault(field_name, value)
            elif between and value not in (known := _as_list(fields.get(field_name))):
                fields[field_name] = [*known, value]

    def stated_at(self, name: str) -> datetime:
        """When the source stated the field, from the version of its statement."""
        return version_time(self.version_of(name))

    def last_stated(self, names: Sequence[str]) -> datetime:
        """When the source last stated one of these fields."""
        if not self.patches:
            return version_time(self.base_version)
        return max(self.stated_at(name) for name in names)

    def version_of(self, name: str) -> str:
        """The version of the latest statement of a field."""
        version = self.base_version
        if not self.patches:
            return version
        for patched, (at, _) in self.patches.items():
            if patched.partition(_BETWEEN)[0] == name and at > version:
                version = at
        return version

    def is_noted(self, name: str, value: str) -> bool:
        """Whether a value of a field was noted in passing."""
        return f"{_IN_PASSING}{name}{_BETWEEN}{value}" in self.patches

    def corrected_by(self, name: str) -> str | None:
        """The cleansing run that a field has its value from; None when the source itself said it."""
        if not self.patches:
            return None
        _, found, run = self.version_of(name).rpartition(CORRECTED)
        return run.partition(":")[0] if found else None


@lru_cache(maxsize=10_000)
def version_time(version: str) -> datetime:
    """The instant a version key was made from; 1970 for the empty version."""
    if not version:
        return _EPOCH
    return _EPOCH + timedelta(microseconds=int(version.partition(":")[0]) - 2**62)


def fold_record(state: SourceRecord | None, event: Event) -> SourceRecord:
    """The state after one more event about the same record."""
    if state is None and isinstance(event.body, RecordUpserted):
        return _begin(event, event.body)
    record = state or SourceRecord(event.subject)
    if isinstance(event.body, RecordPatched) and event.body.in_passing:
        return _note(record, event.body)
    record = replace(
        record,
        first_seen=min(record.first_seen, event.occurred_at),
        last_seen=max(record.last_seen, event.occurred_at),
    )
    body, version = event.body, event.version
    if isinstance(body, RecordUpserted):
        return _rebase(record, version, body)
    if isinstance(body, RecordDeleted):
        return replace(record, deleted_version=max(record.deleted_version, version))
    if isinstance(body, RecordPatched):
        return _patch(record, version, body)
    return record


def _begin(event: Event, body: RecordUpserted) -> SourceRecord:
    """The first that is heard of most records: a whole statement."""
    return SourceRecord(
        key=event.subject,
        kind=body.kind,
        base_version=event.version,
        fields=dict(body.fields),
        first_seen=min(NEVER_SEEN, event.occurred_at),
        last_seen=max(_EPOCH, event.occurred_at),
    )


def _rebase(record: SourceRecord, version: str, body: RecordUpserted) -> SourceRecord:
    if version <= record.base_version:
        return record
    patches = {
        name: patch
        for name, patch in record.patches.items()
        if patch[0] > version or name.startswith(_IN_PASSING)
    }
    kind = record.kind if _KIND in patches else body.kind
    return replace(record, kind=kind, base_version=version, fields=dict(body.fields), patches=patches)


def _note(record: SourceRecord, body: RecordPatched) -> SourceRecord:
    noted = {
        f"{_IN_PASSING}{name}{_BETWEEN}{one}": ("", one)
        for name, value in body.fields.items()
        for one in _as_list(value)
    }
    if noted.keys() <= record.patches.keys():
        return record
    return replace(record, patches={**record.patches, **noted})


def _patch(record: SourceRecord, version: str, body: RecordPatched) -> SourceRecord:
    if version <= record.base_version:
        return record
    patches = dict(record.patches)
    for name, value in body.fields.items():
        if name in MULTIPLE_FIELDS and value is not None and not isinstance(value, dict):
            for one in _as_list(value):
                _keep_latest(patches, name + _BETWEEN + one, version, one)
        else:
            _keep_latest(patches, name, version, value)
    kind = record.kind
    if version > patches.get(_KIND, ("", None))[0]:
        kind = body.kind
    _keep_latest(patches, _KIND, version, body.kind)
    return replace(record, kind=kind, patches=patches)


def _keep_latest(patches: dict[str, Patch], name: str, version: str, value: FieldValue | None) -> None:
    if version > patches.get(name, ("", None))[0]:
        patches[name] = (version, value)


def _as_list(value: FieldValue | None) -> list[str]:
    if value is None or isinstance(value, dict):
        return []
    return list(value) if isinstance(value, list) else [value]
