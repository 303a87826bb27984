"""Gathers the records of a program into batches: a state is kept only with the records written before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regard.connectors.connector_contract import Batch, RawRecord

_MOST = 500


class Collector:
    """Streams that a program tells completely are begun with their first sign and ended with its good end."""

    def __init__(self, whole_streams: frozenset[str]) -> None:
        self._whole = whole_streams
        self._records: list[RawRecord] = []
        self._begins: list[str] = []
        self._begun: set[str] = set()

    def notice(self, stream: str) -> None:
        """A stream is being told."""
        if stream in self._whole and stream not in self._begun:
            self._begun.add(stream)
            self._begins.append(stream)

    def add(self, record: RawRecord) -> Batch | None:
        """Keep a record; a batch when there are many."""
        self.notice(record.stream)
        self._records.append(record)
        return self._take(None) if len(self._records) >= _MOST else None

    def keep_state(self, cursor: Mapping[str, Any]) -> Batch:
        """The records so far, with the state behind them."""
        return self._take(cursor)

    def finish(self, cursor: Mapping[str, Any] | None) -> Batch:
        """What is left when the program ended well."""
        batch = self._take(cursor)
        return Batch(batch.records, batch.cursor, batch.begins, sorted(self._begun))

    def _take(self, cursor: Mapping[str, Any] | None) -> Batch:
        batch = Batch(self._records, cursor, tuple(self._begins))
        self._records, self._begins = [], []
        return batch
