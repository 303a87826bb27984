"""Opens a file of rows, whatever its format, and checks that its columns are those of the map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from regard.connectors.files.describe_table import BadRow, Cell, Table, UnreadableFileError
from regard.connectors.files.open_table import open_table
from regard.connectors.files.read_csv import CsvTable
from regard.connectors.files.read_parquet import PARQUET_MAGIC, ParquetRows
from regard.connectors.files.survey_file import survey_file
from regard.processes.resolve.read_field_map import FieldMap, FieldMapError, did_you_mean

_SHOWN = 12


Block = tuple[Sequence[int], Sequence[Sequence[str] | BadRow]]
"""The numbers of some rows, and for each its cells in the order of the columns or why it cannot be taken."""


class Rows(Protocol):
    """An open file; `blocks` can be walked once."""

    columns: list[str]
    notes: list[str]

    def blocks(self) -> Iterator[Block]:
        """All rows in order, some at a time."""
        ...

    def position(self) -> int:
        """Bytes of the file read so far."""
        ...

    def close(self) -> None:
        """Let the file go."""
        ...


@dataclass(slots=True)
class InputFile:
    """One file to resolve: its rows, its source where no column says it, and how large it is."""

    path: Path
    rows: Rows
    source: str
    size: int


class _TableRows:
    """The rows of JSON Lines, JSON and Excel as cells in order."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.columns = table.columns
        self.notes = table.notes

    def blocks(self) -> Iterator[Block]:
        for item in self._table.rows():
            if isinstance(item, BadRow):
                yield (item.number,), (item,)
            else:
                cells = [_as_text(item.cells.get(name, "")) for name in self.columns]
                yield (item.number,), (cells,)

    def position(self) -> int:
        return self._table.position()

    def close(self) -> None:
        self._table.close()


def open_rows(path: Path) -> Rows:
    """The rows of a CSV, Parquet, JSON Lines, JSON or Excel file; raises `UnreadableFileError`."""
    survey = survey_file(path, str(path))
    with path.open("rb") as file:
        magic = file.read(len(PARQUET_MAGIC))
    if magic == PARQUET_MAGIC:
        return ParquetRows(path)
    table = open_table(path, str(path), survey)
    return table if isinstance(table, CsvTable) else _TableRows(table)


def check_files(paths: Sequence[Path]) -> None:
    """Refuse files that are not there, are folders, or are given twice, before any is read."""
    seen: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            raise UnreadableFileError(f"{path} is a folder; name the files in it, such as {path}/*.csv")
        if not path.exists():
            raise UnreadableFileError(f"{path}: there is no such file; check the name and the folder")
        other = seen.setdefault(path.resolve(), path)
        if other is not path:
            raise UnreadableFileError(
                f"{path} is given twice; every row would meet itself: name each file once"
            )


def check_columns(field_map: FieldMap, files: Sequence[InputFile]) -> list[str]:
    """Refuse a map that names columns no file has; notes on columns that only some files lack."""
    for file in files:
        if field_map.id is not None and field_map.id not in file.rows.columns:
            raise _missing(field_map, "id", field_map.id, file)
        if field_map.source_column is not None and field_map.source_column not in file.rows.columns:
            raise _missing(field_map, "source", field_map.source_column, file)
    notes = [f"{file.path}: {note}" for file in files for note in file.rows.notes]
    for column in field_map.columns:
        without = [file for file in files if column.name not in file.rows.columns]
        if len(without) == len(files):
            raise _missing(field_map, "[fields]", column.name, files[0])
        notes += [f"{file.path} has no column “{column.name}”; it counts as empty there" for file in without]
    return notes


def _missing(field_map: FieldMap, key: str, name: str, file: InputFile) -> FieldMapError:
    columns = file.rows.columns
    shown = ", ".join(columns[:_SHOWN]) + (" …" if len(columns) > _SHOWN else "")
    problem = f"{field_map.path}: {key} names the column “{name}”, which {file.path} does not have"
    problem += did_you_mean(name, columns) or ";"
    if key == "source":
        problem += f' To call the whole file so, write [sources] and below it "{file.path.name}" = "{name}".'
    return FieldMapError(f"{problem} Its columns are: {shown}")


def _as_text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else "; ".join(cell)
