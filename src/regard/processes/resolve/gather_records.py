"""Walks over the rows of all files and makes records of them, one by one; keeps their ids and an account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import compress
from operator import itemgetter
from typing import TypeGuard
from uuid import UUID, SafeUUID

from regard.connectors.files.describe_table import BadRow
from regard.identity.identity_record import IdentityRecord
from regard.processes.resolve.check_types import ColumnRead, SharedValue, SharedValues, TypeCheck
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
    files_without_rows: list[str] = field(default_factory=list)
    unlike_columns: list[tuple[str, ColumnRead]] = field(default_factory=list)
    """By file the columns whose values are not of the type that the map says."""
    shared_values: list[tuple[str, SharedValue]] = field(default_factory=list)
    """By file the columns in which many rows have the same value, though each person has another."""

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
        id_at = None if self._map.id is None else columns.index(self._map.id)
        empty = list(shaper.used)
        check, shared = TypeCheck(self._map, columns), SharedValues(self._map, columns)
        listed, rows_before = len(self.account.left_out), self.account.rows
        for numbers, rows in self._sound_rows(file):
            named = rows if id_at is None else self._with_id(file, numbers, rows, id_at)
            if not named:
                continue
            cells = list(zip(*named, strict=True))
            check.look(cells)
            shared.look(cells)
            empty = [at for at in empty if NOTHING.issuperset(map(str.strip, cells[at]))]
            names = list(map(str, numbers)) if id_at is None else cells[id_at]
            yield from self._make(shaper, self._sources(file, cells), names, cells)
        # Rows without an id are found later than rows without all their cells.
        self.account.left_out[listed:] = sorted(self.account.left_out[listed:], key=itemgetter(1))
        if self.account.rows == rows_before:
            self.account.files_without_rows.append(str(file.path))
            return
        self.account.empty_columns += [(str(file.path), columns[at]) for at in empty]
        self.account.unlike_columns += [(str(file.path), found) for found in check.unlike()]
        self.account.shared_values += [(str(file.path), found) for found in shared.found()]

    def _sound_rows(self, file: InputFile) -> Iterator[tuple[list[int], list[Sequence[str]]]]:
        """Rows that have all their cells, many at once, with their numbers."""
        numbers: list[int] = []
        rows: list[Sequence[str]] = []
        for some, found in file.rows.blocks():
            self.account.rows += len(found)
            if _all_sound(found):
                numbers += some
                rows += found
            else:
                for number, cells in zip(some, found, strict=True):
                    if isinstance(cells, BadRow):
                        self.account.leave_out(str(file.path), cells)
                    else:
                        numbers.append(number)
                        rows.append(cells)
            if len(rows) >= _AT_ONCE:
                yield numbers, rows
                numbers, rows = [], []
        if rows:
            yield numbers, rows

    def _with_id(
        self, file: InputFile, numbers: list[int], rows: list[Sequence[str]], id_at: int
    ) -> list[Sequence[str]]:
        """The rows that have an id; the others are left out."""
        named = [not (not cells[id_at] or cells[id_at].isspace()) for cells in rows]
        if all(named):
            return rows
        for number, has_id in zip(numbers, named, strict=True):
            if not has_id:
                bad = BadRow(number, None, "no_id", "the row has no id; give it one", "")
                self.account.leave_out(str(file.path), bad)
        return list(compress(rows, named))

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


def _all_sound(found: Sequence[Sequence[str] | BadRow]) -> TypeGuard[Sequence[Sequence[str]]]:
    return BadRow not in map(type, found)


def _uuid(number: int) -> UUID:
    """UUID(int=number), which checks its arguments, in a third of the time."""
    made = UUID.__new__(UUID)
    object.__setattr__(made, "int", number)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made
