"""Walks over the rows of all files and makes records of them, one by one; keeps their ids and an account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID, SafeUUID

from regard.connectors.files.describe_table import BadRow
from regard.identity.identity_record import IdentityRecord
from regard.processes.resolve.keep_row_ids import RowIds, record_number, state_number
from regard.processes.resolve.open_rows import InputFile
from regard.processes.resolve.read_field_map import FieldMap
from regard.processes.resolve.shape_records import NOTHING, Columns, RecordShaper

_FIRST_SEEN = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_LISTED = 1_000
_AT_ONCE = 256


@dataclass(slots=True)
class RowsAccount:
    """What became of the rows. `left_out` lists the first that were not taken: file, row, code, problem."""

    rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    left_out: list[tuple[str, int, str, str]] = field(default_factory=list)
    without_values: int = 0
    without_source: int = 0
    empty_columns: list[tuple[str, str]] = field(default_factory=list)

    def leave_out(self, file: str, bad: BadRow) -> None:
        """Count a row that cannot be taken, and list it while there is room."""
        self.reasons[bad.code] += 1
        if len(self.left_out) < _MOST_LISTED:
            self.left_out.append((file, bad.number, bad.code, bad.problem))


class RecordGatherer:
    """Reads files by a map. `account` and `ids` grow with every record that `records` gives."""

    def __init__(self, field_map: FieldMap, progress: Callable[[int, int], None]) -> None:
        self._map = field_map
        self._progress = progress
        self.account = RowsAccount()
        self.ids = RowIds()

    def records(self, files: Sequence[InputFile]) -> Iterator[IdentityRecord]:
        """One record for every sound row of every file, in order."""
        total = sum(file.size for file in files)
        before = 0
        for file in files:
            for count, record in enumerate(self._records_of(file)):
                if not count & 0xFFF:
                    self._progress(before + file.rows.position(), total)
                yield record
            before += file.size

    def _records_of(self, file: InputFile) -> Iterator[IdentityRecord]:
        columns = file.rows.columns
        shaper = RecordShaper(self._map, columns)
        empty = list(shaper.used)
        for numbers, rows in self._sound_rows(file):
            cells = list(zip(*rows, strict=True))
            empty = [at for at in empty if NOTHING.issuperset(map(str.strip, cells[at]))]
            names = list(map(str, numbers)) if self._map.id is None else cells[columns.index(self._map.id)]
            yield from self._make(shaper, self._sources(file, cells), names, cells)
        self.account.empty_columns += [(str(file.path), columns[at]) for at in empty]

    def _sound_rows(self, file: InputFile) -> Iterator[tuple[list[int], list[Sequence[str]]]]:
        """Rows that have an id and all their cells, many at once, with their numbers."""
        account = self.account
        id_at = None if self._map.id is None else file.rows.columns.index(self._map.id)
        records = file.rows.records()
        while some := list(islice(records, _AT_ONCE)):
            account.rows += len(some)
            numbers: list[int] = []
            rows: list[Sequence[str]] = []
            for number, cells in some:
                if isinstance(cells, BadRow):
                    account.leave_out(str(file.path), cells)
                elif id_at is not None and not cells[id_at].strip():
                    bad = BadRow(number, None, "no_id", "the row has no id; give it one", "")
                    account.leave_out(str(file.path), bad)
                else:
                    numbers.append(number)
                    rows.append(cells)
            if rows:
                yield numbers, rows

    def _sources(self, file: InputFile, cells: Columns) -> list[str]:
        """The source of every row: the file's where no column says it, or not in this row."""
        if self._map.source_column is None:
            return [file.source] * len(cells[0])
        given = list(map(str.strip, cells[file.rows.columns.index(self._map.source_column)]))
        self.account.without_source += given.count("")
        return [source or file.source for source in given]

    def _make(
        self, shaper: RecordShaper, sources: list[str], names: Sequence[str], cells: Columns
    ) -> Iterator[IdentityRecord]:
        said = list(zip(*(cells[at] for at in shaper.used), strict=True)) or [()] * len(names)
        self.ids.extend(sources, names, map(hash, said))
        if self._map.join_repeated:
            numbers = list(map(state_number, sources, names, said))
        else:
            numbers = list(map(record_number, sources, names))
        for source, name, number, fields in zip(sources, names, numbers, shaper.shape(cells), strict=True):
            self.account.without_values += not fields
            kind = shaper.complete(fields)
            if self._map.link_only:
                fields["apart"] = source
            yield IdentityRecord(_uuid(number), kind, source, "rows", name, _FIRST_SEEN, fields)


def _uuid(number: int) -> UUID:
    """UUID(int=number), which checks its arguments, in a third of the time."""
    made = UUID.__new__(UUID)
    object.__setattr__(made, "int", number)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made
