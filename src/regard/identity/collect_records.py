"""Collects records for a resolution in bulk: rows of codes, no raw value kept."""

from array import array
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from regard.identity.hold_features import FeatureTable
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import MatchModel
from regard.identity.normalise_fields import features

_MIX = np.uint64(0x9E3779B97F4A7C15)


class RecordCollection:
    """Records as rows; visitors known by a device alone are noted apart."""

    def __init__(self, model: MatchModel) -> None:
        self.table = FeatureTable(model)
        self._country = model.default_country
        self._codes = array("i")
        self._widths: list[tuple[int, int]] = []
        self.visitors: dict[int, tuple[str, ...]] = {}
        self._orders = bytearray()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, record: IdentityRecord) -> None:
        """Take in one record; it is known by its position from now on."""
        found = features(record, self._country)
        row = self.table.row(found)
        if not self._widths or len(row) != self._widths[-1][1]:
            self._widths.append((len(self), len(row)))
        self._codes.extend(row)
        self._orders += record.record_id.bytes
        if found.only_devices:
            self.visitors[self._count] = found.devices
        self._count += 1

    def orders(self) -> npt.NDArray[np.uint64]:
        """The record ids (records x 2): their upper and their lower half."""
        return np.frombuffer(self._orders, dtype=">u8").reshape(-1, 2).astype(np.uint64)

    def count_records(self) -> int:
        """How many different records there are."""
        return len(np.unique(np.frombuffer(self._orders, dtype="V16")))

    def rows(self) -> npt.NDArray[np.int32]:
        """All rows (records x (2 + fields))."""
        rows = np.zeros((len(self), 2 + len(self.table.columns)), dtype=np.int32)
        codes, at = np.frombuffer(self._codes, dtype=np.int32), 0
        # A generic column met late makes the rows from there on wider.
        for (start, width), (end, _) in pairwise([*self._widths, (len(self), 0)]):
            count = (end - start) * width
            rows[start:end, :width] = codes[at : at + count].reshape(-1, width)
            at += count
        return rows


def equal_rows(rows: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(position of the first of each different row, for every row which of those it equals).

    Rows are told apart by 128 bits hashed from all their codes.
    """
    high = np.zeros(len(rows), dtype=np.uint64)
    low = np.zeros(len(rows), dtype=np.uint64)
    for at in range(rows.shape[1]):
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
