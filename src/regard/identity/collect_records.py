"""Collects records for a resolution in bulk: rows of codes, column by column, no raw value kept."""

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import MatchModel
from regard.identity.normalise_fields import Features, features
from regard.identity.pack_features import PackedTable

_MIX = np.uint64(0x9E3779B97F4A7C15)
_AT_ONCE = 4_096
_CODE = array("i").itemsize


class RecordCollection:
    """Records as rows; visitors known by a device alone are noted apart."""

    def __init__(self, model: MatchModel) -> None:
        self.table = PackedTable(model)
        self._country = model.default_country
        self._waiting: list[Sequence[int]] = []
        self._columns: dict[int, array[int]] = {}
        """The numbers of the rows by their place in a row, where any is not 0."""
        self.visitors: dict[int, tuple[str, ...]] = {}
        self._orders = bytearray()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, record: IdentityRecord) -> Features:
        """Take in one record; it is known by its position from now on. Gives its normalised fields."""
        found = features(record, self._country)
        self._waiting.append(self.table.row(found))
        self._orders += record.record_id.bytes
        if found.only_devices:
            self.visitors[self._count] = found.devices
        self._count += 1
        if len(self._waiting) >= _AT_ONCE:
            self._put_away()
        return found

    def orders(self) -> npt.NDArray[np.uint64]:
        """The record ids (records x 2): their upper and their lower half."""
        return np.frombuffer(self._orders, dtype=">u8").reshape(-1, 2).astype(np.uint64)

    def count_records(self) -> int:
        """How many different records there are."""
        return len(np.unique(np.frombuffer(self._orders, dtype="V16")))

    def take_rows(self) -> npt.NDArray[np.int32]:
        """All rows (records x (2 + fields)), column after column in memory; they are kept no longer.

        Columns without any number take no memory.
        """
        self._put_away()
        self.table.settle()
        rows = np.zeros((len(self), 2 + len(self.table.columns)), dtype=np.int32, order="F")
        for at in list(self._columns):
            codes = np.frombuffer(self._columns.pop(at), dtype=np.int32)
            rows[: len(codes), at] = codes
        return rows

    def _put_away(self) -> None:
        """Move the rows that wait into their columns."""
        before = self._count - len(self._waiting)
        for width in sorted({len(row) for row in self._waiting}):
            # A generic column met late makes the rows from there on wider: they come in order of width.
            rows = np.array([row for row in self._waiting if len(row) == width], dtype=np.int32)
            for at in np.flatnonzero(rows.any(axis=0)).tolist():
                column = self._columns.setdefault(at, array("i"))
                column.frombytes(bytes(_CODE * (before - len(column))))
                column.frombytes(np.ascontiguousarray(rows[:, at]).tobytes())
            before += len(rows)
        self._waiting = []


def equal_rows(rows: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(position of the first of each different row, for every row which of those it equals).

    Rows are told apart by 128 bits hashed from all their codes.
    """
    high = np.zeros(len(rows), dtype=np.uint64)
    low = np.zeros(len(rows), dtype=np.uint64)
    for at in np.flatnonzero(rows.any(axis=0)).tolist():
        code = rows[:, at].astype(np.uint64)
        high = (high ^ code) * _MIX
        high ^= high >> np.uint64(29)
        low = (low + code + np.uint64(at + 1)) * np.uint64(0xBF58476D1CE4E5B9)
        low ^= low >> np.uint64(31)
    both = np.empty(len(rows), dtype=[("high", np.uint64), ("low", np.uint64)])
    both["high"], both["low"] = high, low
    order = np.lexsort((low, high))
    same = both[order][1:] == both[order][:-1]
    group = np.empty(len(rows), dtype=np.int64)
    group[order] = np.concatenate(([0], np.cumsum(~same))) if len(rows) else []
    first = np.full(int(group.max()) + 1 if len(rows) else 0, len(rows), dtype=np.int64)
    np.minimum.at(first, group, np.arange(len(rows)))
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.sort(first), rank[group]


def choose_rows(rows: npt.NDArray[np.int32], chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """The rows ``chosen``, column after column in memory; a column of zeros takes none."""
    found = np.zeros((len(chosen), rows.shape[1]), dtype=np.int32, order="F")
    for at in np.flatnonzero(rows.any(axis=0)).tolist():
        found[:, at] = rows[chosen, at]
    return found
