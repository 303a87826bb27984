"""Records of a manifest's stream as raw records: their names, when they changed, whether they are gone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from regard.connectors.connector_contract import RawRecord
from regard.connectors.manifests.dig_paths import dig, split_key
from regard.connectors.manifests.instants import read_instant
from regard.connectors.manifests.plan_streams import PlannedStream
from regard.connectors.manifests.read_manifest import Component
from regard.connectors.manifests.render_templates import Templates
from regard.connectors.manifests.sync_cursors import SyncCursor


class RawRecordWriter:
    """Names the records of one stream.

    The external id is the primary key, several joined by `|`. A record without one is named by a hash of its
    content: changed, it is another record.
    """

    def __init__(self, planned: PlannedStream, stream: Component, templates: Templates) -> None:
        self._name = planned.name
        self._templates = templates
        self._keys = _list_keys(stream.get("primary_key"))
        self._deleted_when = planned.hints.get("deleted_when")
        self._updated_at = planned.hints.get("updated_at")

    def write(self, record: dict[str, Any], sync: SyncCursor) -> RawRecord:
        """The raw record."""
        name = self._name_of(record)
        gone = bool(self._deleted_when) and self._templates.test(self._deleted_when, record=record)
        return RawRecord(self._name, name, None if gone else record, self._moment(record, sync))

    def _name_of(self, record: Mapping[str, Any]) -> str:
        parts = [dig(record, key) if len(key) > 1 else split_key(record, key[0]) for key in self._keys]
        if parts and all(part not in (None, "") and not isinstance(part, dict | list) for part in parts):
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


def _text(part: Any) -> str:  # noqa: ANN401
    return str(part).lower() if isinstance(part, bool) else str(part)
