"""Walks over the rows of all files and makes records of them, one by one; keeps their ids and an account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, SafeUUID

from regard.connectors.files.describe_table import BadRow
from regard.identity.identity_record import IdentityRecord
from regard.processes.resolve.keep_row_ids import RowIds, record_number, state_number
from regard.processes.resolve.open_rows import InputFile
from regard.processes.resolve.read_field_map import FieldMap
from regard.processes.resolve.shape_records import NOTHING, RecordShaper

_FIRST_SEEN = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_LISTED = 1_000


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
        shaper = RecordShaper(self._map, file.rows.columns)
        empty = _EmptyColumns(shaper.used)
        account = self.account
        make = _RecordMaker(self._map, file, shaper, self.ids, account)
        for number, cells in file.rows.records():
            account.rows += 1
            if isinstance(cells, BadRow):
                account.leave_out(str(file.path), cells)
                continue
            record = make(number, cells)
            if isinstance(record, BadRow):
                account.leave_out(str(file.path), record)
                continue
            if empty.places:
                empty.look(cells)
            yield record
        account.empty_columns += [(str(file.path), file.rows.columns[at]) for at in empty.places]


class _RecordMaker:
    """Makes the record of one row; everything that is the same for all rows is looked up once."""

    def __init__(
        self, field_map: FieldMap, file: InputFile, shaper: RecordShaper, ids: RowIds, account: RowsAccount
    ) -> None:
        columns = file.rows.columns
        self._id_at = columns.index(field_map.id) if field_map.id is not None else None
        self._source_at = (
            columns.index(field_map.source_column) if field_map.source_column is not None else None
        )
        self._source = file.source
        self._link_only = field_map.link_only
        self._join_repeated = field_map.join_repeated
        self._shaper = shaper
        self._ids = ids
        self._account = account

    def __call__(self, number: int, cells: Sequence[str]) -> IdentityRecord | BadRow:
        name = str(number) if self._id_at is None else cells[self._id_at]
        if not name or name.isspace():
            return BadRow(number, None, "no_id", "the row has no id; give it one", "")
        source = self._source if self._source_at is None else cells[self._source_at].strip()
        if not source:
            source = self._source
            self._account.without_source += 1
        fields = self._shaper.shape(cells)
        if not fields:
            self._account.without_values += 1
        kind = self._shaper.complete(fields)
        if self._link_only:
            fields["apart"] = source
        said = tuple([cells[at] for at in self._shaper.used])
        self._ids.add(self._ids.number_of(source), name, hash(said))
        number = state_number(source, name, said) if self._join_repeated else record_number(source, name)
        return IdentityRecord(_uuid(number), kind, source, "rows", name, _FIRST_SEEN, fields)


class _EmptyColumns:
    """The columns of the map in which no value was seen yet."""

    def __init__(self, places: Sequence[int]) -> None:
        self.places = list(places)

    def look(self, cells: Sequence[str]) -> None:
        """Strike off the columns that a row fills."""
        self.places = [at for at in self.places if cells[at].strip() in NOTHING]


def _uuid(number: int) -> UUID:
    """UUID(int=number), which checks its arguments, in a third of the time."""
    made = UUID.__new__(UUID)
    object.__setattr__(made, "int", number)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made
