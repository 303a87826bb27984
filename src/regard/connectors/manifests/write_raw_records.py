"""Records of a manifest's stream as raw records: their names, when they changed, whether they are gone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from regard.connectors.connector_contract import RawRecord
from regard.connectors.manifests.dig_paths import dig, split_key
from regard.connectors.manifests.instants import read_instant
from regard.connectors.manifests.plan_streams import PlannedStream
from regard.connectors.manifests.read_manifest import Component
from regard.connectors.manifests.render_templates import Templates
from regard.connectors.manifests.sync_cursors import SyncCursor

_WHOLE: Mapping[str, Any] = {}


class RawRecordWriter:
    """Names the records of one stream.

    The external id is the primary key, several joined by `|`. Where the manifest states no key, it is the
    `id` of the record, behind what names its partition, if all records of a page have one of their own.
    Otherwise a record is named by a hash of its content: changed, it is another record.
    """

    def __init__(self, planned: PlannedStream, stream: Component, templates: Templates) -> None:
        self._name = planned.name
        self._templates = templates
        self._keys = _list_keys(stream.get("primary_key"))
        self._deleted_when = planned.hints.get("deleted_when")
        self._updated_at = planned.hints.get("updated_at")

    def write_page(
        self, records: Sequence[dict[str, Any]], sync: SyncCursor, partition: Mapping[str, Any] = _WHOLE
    ) -> list[RawRecord]:
        """The raw records of one page, in its order."""
        stated = [] if self._keys else [record.get("id") for record in records]
        ids = [_text(one) for one in stated if _is_name(one)]
        if stated and len(set(ids)) == len(records):
            around = list(_names_in(partition))
            names = ["|".join([*around, one]) for one in ids]
        else:
            names = [self._name_of(record) for record in records]
        return [self._write(name, record, sync) for name, record in zip(names, records, strict=True)]

    def _write(self, name: str, record: dict[str, Any], sync: SyncCursor) -> RawRecord:
        gone = bool(self._deleted_when) and self._templates.test(self._deleted_when, record=record)
        return RawRecord(self._name, name, None if gone else record, self._moment(record, sync))

    def _name_of(self, record: Mapping[str, Any]) -> str:
        parts = [dig(record, key) if len(key) > 1 else split_key(record, key[0]) for key in self._keys]
        if parts and all(map(_is_name, parts)):
            return "|".join(_text(part) for part in parts)
        content = json.dumps(record, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(content.encode()).hexdigest()

    def _moment(self, record: Mapping[str, Any], sync: SyncCursor) -> datetime | None:
        if self._updated_at:
            return read_instant(split_key(record, str(self._updated_at)), [])
        return sync.moment(record)


def _list_keys(primary_key: Any) -> list[list[str]]:  # noqa: ANN401 - text, list of texts, list of paths
    if not primary_key:
        return []
    keys = [primary_key] if isinstance(primary_key, str) else primary_key
    return [[str(step) for step in key] if isinstance(key, list) else [str(key)] for key in keys]


def _is_name(part: Any) -> bool:  # noqa: ANN401 - JSON is any of its types
    return part not in (None, "") and not isinstance(part, dict | list)


def _names_in(partition: Mapping[str, Any]) -> Iterator[str]:
    """What tells a partition from others, that of its parent included: ids may begin anew in each."""
    for _, value in sorted(partition.items()):
        if isinstance(value, Mapping):
            yield from _names_in(value)
        else:
            yield _text(value)


def _text(part: Any) -> str:  # noqa: ANN401
    return str(part).lower() if isinstance(part, bool) else str(part)
