"""Reads a file in batches of mapped rows: the part of an import that only computes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from regard.connectors.files.apply_mapping import Rejection, RowMapper
from regard.connectors.files.describe_mapping import FileMapping
from regard.connectors.files.describe_table import RAW_CHARACTERS, BadRow, Limits, Row, TableItem, tell_place
from regard.connectors.files.open_table import open_table
from regard.connectors.files.survey_file import Survey
from regard.events.envelope import Event
from regard.intake.keep_quarantined_rows import QuarantinedRow
from regard.kit.clock import Clock

_ROWS = 1_000
_CHARACTERS = 4_000_000


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A row as events, or as the reason why it is none."""

    number: int
    events: list[Event]
    rejected: QuarantinedRow | None = None


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some rows on the way; `position` is how many bytes of the file were read to get them.

    `empty`: lines up to there with separators and nothing else, which are no rows.
    """

    rows: list[MappedRow]
    position: int
    empty: int = 0


class RowBatches:
    """The rows of a file from the first one that is not done yet.

    Rows that are done are passed over, but seen: what depends on earlier rows comes out the same. `attempt`:
    how often imports of the file were taken back before.
    """

    def __init__(
        self, path: Path, filename: str, survey: Survey, mapping: FileMapping, source: str, clock: Clock,
        *, done: int = 0, limits: Limits | None = None, attempt: int = 0,
    ) -> None:  # fmt: skip
        self._filename = filename
        self._clock = clock
        self._table = open_table(path, filename, survey, limits)
        # The log never takes an event id twice, so rows that were taken back come again under others.
        file_key = f"{survey.file_key}.{attempt}" if attempt else survey.file_key
        self._mapper = RowMapper(mapping, source, file_key)
        self._items = self._skip(self._table.rows(), done)
        self._empty = 0

    def next_batch(self) -> RowBatch | None:
        """The next rows; None at the end of the file."""
        received_at = self._clock.now()
        rows: list[MappedRow] = []
        room = _CHARACTERS
        for item in self._items:
            if isinstance(item, BadRow):
                rows.append(self._reject(item))
                room -= len(item.raw)
            else:
                mapped = self._mapper.map_row(item, received_at)
                if isinstance(mapped, Rejection):
                    rows.append(self._reject(_as_bad_row(item, mapped)))
                else:
                    rows.append(MappedRow(item.number, mapped))
                room -= sum(map(len, item.cells.values()))
            if len(rows) >= _ROWS or room <= 0:
                break
        if not rows and self._table.empty == self._empty:
            return None
        self._empty = self._table.empty
        return RowBatch(rows, self._table.position(), self._empty)

    def close(self) -> None:
        """Let the file go."""
        self._table.close()
        self._mapper.close()

    def _skip(self, items: Iterator[TableItem], done: int) -> Iterator[TableItem]:
        for _ in range(done):
            item = next(items, None)
            if item is None:
                return
            if isinstance(item, Row):
                self._mapper.pass_over(item)
        yield from items

    def _reject(self, bad: BadRow) -> MappedRow:
        sentence = tell_place(self._filename, bad.number, bad.column, bad.problem)
        return MappedRow(bad.number, [], QuarantinedRow(bad.number, bad.column, bad.code, sentence, bad.raw))


def _as_bad_row(row: Row, rejection: Rejection) -> BadRow:
    raw = msgspec.json.encode(row.cells).decode()[:RAW_CHARACTERS]
    return BadRow(row.number, rejection.column, rejection.code, rejection.problem, raw)
