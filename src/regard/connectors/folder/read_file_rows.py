"""Reads one file as raw records, row by row, from any row on.

A row that cannot be read becomes a record with a problem, and so does a file without a table in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from regard.connectors.connector_contract import RawRecord
from regard.connectors.files.convert_values import filled_text, tidy_id
from regard.connectors.files.count_occurrences import OccurrenceCounter
from regard.connectors.files.describe_mapping import OCCURRENCE, WHOLE_ROW
from regard.connectors.files.describe_table import (
    BadRow,
    Cells,
    Row,
    Table,
    TableFormat,
    TableItem,
    TableSample,
    UnreadableFileError,
)
from regard.connectors.files.open_table import open_table, sample_table
from regard.connectors.files.parse_dates import DateOrder, decide_order, parse_instant
from regard.connectors.files.propose_mapping import ImportContext, propose_mapping
from regard.connectors.files.read_parquet import PARQUET_MAGIC, ParquetRows
from regard.connectors.files.survey_file import survey_file
from regard.connectors.folder.folder_settings import FileSettings

_BATCH = 500
_SAMPLE = 2_000


@dataclass(frozen=True, slots=True)
class RowNames:
    """How the rows of a stream are named and dated, found once and kept.

    `ids` may hold the words for “the whole row” and “counted” beside columns.
    """

    ids: tuple[str, ...]
    updated: str | None = None
    order: DateOrder = "auto"


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file to be read as rows of a stream; `name` is what people know it by, `changed_at` its own time."""

    path: Path
    name: str
    stream: str
    changed_at: datetime
    zone: tzinfo


def find_row_names(task: FileTask, settings: FileSettings) -> RowNames:
    """Which columns name and date the rows; raises `UnreadableFileError`, also when settings do not fit."""
    sample = _sample(task)
    wanted = [*settings.id_columns, *([settings.updated_column] if settings.updated_column else [])]
    _refuse_missing(task, wanted, sample.columns)
    proposal = propose_mapping(sample, ImportContext(task.stream, task.name)).mapping
    updated = settings.updated_column or proposal.updated_at
    texts = [filled_text(row.get(updated, "")) for row in sample.rows] if updated else []
    order = decide_order([text for text in texts if text])[0]
    return RowNames(settings.id_columns or tuple(proposal.id), updated, order)


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a file: `number` rows were read by then; `last`: the file ends with them."""

    number: int
    records: Sequence[RawRecord]
    last: bool = False


def read_file_rows(task: FileTask, names: RowNames, start: int) -> Iterator[Rows]:
    """The rows behind the first `start`, some at a time.

    Raises `UnreadableFileError` when the file breaks off, after the rows before that place.
    """
    table = _open(task)
    namer = _Namer(task, names)
    number = 0
    batch: list[RawRecord] = []
    try:
        _refuse_missing(task, [*namer.columns], table.columns)
        for number, item in enumerate(table.rows(), 1):
            record = namer.name(item)
            if number > start:
                batch.append(record)
            if len(batch) >= _BATCH:
                yield Rows(number, batch)
                batch = []
    except UnreadableFileError:
        if batch:
            yield Rows(number, batch)
        raise
    else:
        yield Rows(max(number, start), batch, last=True)
    finally:
        table.close()
        namer.close()


class _Namer:
    """Makes records of rows; equal names are counted when the stream wants that."""

    def __init__(self, task: FileTask, names: RowNames) -> None:
        self._task = task
        self._names = names
        self.columns = [name for name in names.ids if name not in (OCCURRENCE, WHOLE_ROW)]
        self._counter = OccurrenceCounter()

    def name(self, item: TableItem) -> RawRecord:
        """The record of a row."""
        if isinstance(item, BadRow):
            return self._bad(item.number, {"column": item.column, "raw": item.raw}, item.problem)
        external_id = self._external_id(item)
        if external_id is None:
            listed = ", ".join(f"“{name}”" for name in self.columns)
            return self._bad(item.number, dict(item.cells), f"the row has no id in {listed}; fill it in")
        body: dict[str, Any] = dict(item.cells)
        return RawRecord(self._task.stream, external_id, body, self._changed(item.cells))

    def close(self) -> None:
        """Let go of what counting needed."""
        self._counter.close()

    def _bad(self, number: int, body: dict[str, Any], problem: str) -> RawRecord:
        sentence = f"{self._task.name}, row {number}: {problem}"
        named = f"{self._task.name[-400:]} row {number}"
        kept = {"file": self._task.name, "row": number, **body}
        return RawRecord(self._task.stream, named, kept, self._task.changed_at, sentence)

    def _external_id(self, row: Row) -> str | None:
        parts = []
        for column in self.columns:
            text = filled_text(row.cells.get(column, ""))
            parts.append(tidy_id(text) if text else "")
        if self.columns and not any(parts):
            return None
        if WHOLE_ROW in self._names.ids or not self._names.ids:
            parts.append(_fingerprint(row.cells))
        name = "|".join(parts)
        if OCCURRENCE in self._names.ids and (count := self._counter.count(name)) > 1:
            return f"{name}|{count}"
        return name

    def _changed(self, cells: Cells) -> datetime:
        text = filled_text(cells.get(self._names.updated, "")) if self._names.updated else None
        at = parse_instant(text, self._names.order, self._task.zone) if text else None
        return at or self._task.changed_at


class _ParquetTable:
    """A Parquet file in the shape of the other tables."""

    def __init__(self, path: Path) -> None:
        self._file = ParquetRows(path)
        self.columns = self._file.columns

    def rows(self) -> Iterator[TableItem]:
        """Every row."""
        for numbers, rows in self._file.blocks():
            for number, cells in zip(numbers, rows, strict=True):
                if isinstance(cells, BadRow):
                    yield cells
                else:
                    yield Row(number, dict(zip(self.columns, cells, strict=True)))

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def _open(task: FileTask) -> Table | _ParquetTable:
    if _is_parquet(task):
        return _ParquetTable(task.path)
    return open_table(task.path, task.name, survey_file(task.path, task.name))


def _sample(task: FileTask) -> TableSample:
    if not _is_parquet(task):
        return sample_table(task.path, task.name, survey_file(task.path, task.name))
    table = _ParquetTable(task.path)
    rows: list[Cells] = []
    for item in table.rows():
        if isinstance(item, Row):
            rows.append(item.cells)
        if len(rows) >= _SAMPLE:
            break
    # Like JSON Lines, it has named columns and no way of writing that would matter.
    return TableSample(TableFormat("jsonl"), table.columns, rows)


def _is_parquet(task: FileTask) -> bool:
    try:
        with task.path.open("rb") as file:
            return file.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC
    except OSError as problem:
        raise UnreadableFileError(f"{task.name} cannot be read: {problem.strerror or problem}") from None


def _refuse_missing(task: FileTask, wanted: Sequence[str], columns: Sequence[str]) -> None:
    missing = [column for column in wanted if column not in columns]
    if missing:
        raise UnreadableFileError(
            f"{task.name} has no column “{missing[0]}”, which names or dates the rows of “{task.stream}”;"
            f" it has {', '.join(columns[:20])}"
        )


def _fingerprint(cells: Cells) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for name, cell in sorted(cells.items()):
        digest.update(f"{name}\0{cell}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
