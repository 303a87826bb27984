"""Lets records arrive in an order drawn by lot, without holding them in memory."""

from __future__ import annotations

import random
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import msgspec

from regard.identity.identity_record import IdentityRecord


class ShuffledArrival:
    """Writes records to a temporary file as they come and gives them back in another order."""

    def __init__(self, records: Iterable[IdentityRecord], seed: int) -> None:
        self._file = tempfile.TemporaryFile(prefix="regard-resolve-")  # noqa: SIM115 - lives as long as this
        self._ends = array("Q")
        self._first_seen = None
        end = 0
        for record in records:
            packed = msgspec.msgpack.encode(
                (record.record_id.bytes, record.kind, record.source, record.external_id, record.fields)
            )
            end += self._file.write(packed)
            self._ends.append(end)
            self._first_seen = record.first_seen
        self.order = array("I", range(len(self._ends)))
        """The numbers of the records as they arrive."""
        random.Random(seed).shuffle(self.order)  # noqa: S311 - a seed for repeating, not a secret

    def __iter__(self) -> Iterator[IdentityRecord]:
        first_seen = self._first_seen
        for number in self.order:
            start = self._ends[number - 1] if number else 0
            self._file.seek(start)
            raw: Any = msgspec.msgpack.decode(self._file.read(self._ends[number] - start))
            made, kind, source, name, fields = raw
            assert first_seen is not None  # there was a record
            yield IdentityRecord(UUID(bytes=made), kind, source, "rows", name, first_seen, fields)
        self._file.close()
