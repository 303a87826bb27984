"""Keeps the ids of millions of rows in little memory, and finds those that occur more than once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate, islice

import numpy as np

from regard.kit.errors import RegardError, Terminal

_SHOWN = 5
_SHORT_ID = 12


class RepeatedIdsError(RegardError, Terminal):
    """Different rows of one source have the same id."""

    code = "repeated_ids"
    status = 422


@dataclass(frozen=True, slots=True)
class Repeats:
    """Groups of rows with one id: equal ones, and all of those that differ."""

    equal: list[list[int]]
    different: list[list[int]]


class RowIds:
    """Source and id of every row in the order of the input: about 24 bytes a row and the id itself."""

    def __init__(self) -> None:
        self.sources: list[str] = []
        self._numbers: dict[str, int] = {}
        self._source = array("I")
        self._text = bytearray()
        self._end = array("Q")
        self._id_hash = array("q")
        self._content_hash = array("q")

    def __len__(self) -> int:
        return len(self._end)

    def extend(self, sources: Sequence[str], names: Sequence[str], contents: Iterable[int]) -> None:
        """More rows; `contents` are hashes of what they say."""
        numbers = list(map(self._number_of, sources))
        encoded = list(map(str.encode, names))
        self._source.extend(numbers)
        self._end.extend(islice(accumulate(map(len, encoded), initial=len(self._text)), 1, None))
        self._text += b"".join(encoded)
        self._id_hash.extend(map(hash, zip(numbers, names, strict=True)))
        self._content_hash.extend(contents)

    def _number_of(self, source: str) -> int:
        number = self._numbers.get(source)
        if number is None:
            number = self._numbers[source] = len(self.sources)
            self.sources.append(source)
        return number

    def key(self, row: int) -> tuple[str, bytes]:
        """Source and id of a row, ready to compare: UTF-8 sorts as the characters do."""
        return self.sources[self._source[row]], self._bytes(row)

    def name(self, row: int) -> tuple[str, str]:
        """Source and id of a row."""
        return self.sources[self._source[row]], self._bytes(row).decode()

    def find_repeats(self) -> Repeats:
        """Rows that share source and id; what was only kept for this is let go."""
        hashes = np.frombuffer(self._id_hash, dtype=np.int64)
        order = np.argsort(hashes, kind="stable")
        same = np.flatnonzero(np.diff(hashes[order]) == 0)
        groups = dict[tuple[str, bytes], list[int]]()
        for row in sorted({int(order[at + step]) for at in same for step in (0, 1)}):
            groups.setdefault(self.key(row), []).append(row)
        found = [rows for rows in groups.values() if len(rows) > 1]
        equal = [rows for rows in found if len({self._content_hash[row] for row in rows}) == 1]
        different = [rows for rows in found if len({self._content_hash[row] for row in rows}) > 1]
        del hashes
        self._id_hash = array("q")
        self._content_hash = array("q")
        return Repeats(equal, different)

    def refuse(self, repeats: Repeats) -> RepeatedIdsError:
        """The error for different rows with one id: how many, the first few, and what to do."""
        rows = sum(map(len, repeats.different))
        more = " …" if len(repeats.different) > _SHOWN else ""
        shown = repeats.different[:_SHOWN]
        first = ", ".join(f"“{self.name(group[0])[1][:60]}” ({len(group)} rows)" for group in shown)
        return RepeatedIdsError(
            f"{len(repeats.different):,} ids stand on {rows:,} rows that differ: {first}"
            f"{more}. Name a column with one id per row as `id`, or"
            " the column that says which source a row is from as `source`, or leave `id` out to number the"
            " rows; if such rows are one customer for sure, write repeated_ids = \"join\""
        )  # fmt: skip

    def _bytes(self, row: int) -> bytes:
        return bytes(self._text[self._end[row - 1] if row else 0 : self._end[row]])


def record_number(source: str, name: str) -> int:
    """A number under 2^128 that follows from source and id alone, so that no order of rows changes it.

    32 bits of the source; then the id itself where it is short, which is cheaper than a hash of it.
    """
    encoded = name.encode()
    if len(encoded) > _SHORT_ID:
        encoded = blake2b(encoded, digest_size=_SHORT_ID).digest()
    return _source_bits(source) | int.from_bytes(encoded)


def state_number(source: str, name: str, cells: Iterable[str]) -> int:
    """Like `record_number`, and different for rows that have one id and say different things."""
    framed = "\0".join((source, name, *cells)).encode()
    return int.from_bytes(blake2b(framed, digest_size=16).digest())


@lru_cache(maxsize=4_096)
def _source_bits(source: str) -> int:
    return int.from_bytes(blake2b(source.encode(), digest_size=4).digest()) << 96
