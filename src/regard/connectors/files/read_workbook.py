"""Reads the first sheet with content of an Excel workbook (.xlsx), row by row, values instead of formulas."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from regard.connectors.files.clean_header import clean_header, looks_like_data, numbered_columns
from regard.connectors.files.describe_table import (
    RAW_CHARACTERS,
    BadRow,
    Limits,
    Row,
    TableFormat,
    TableItem,
    UnreadableFileError,
)

_TEXTS = "xl/sharedStrings.xml"
_ERRORS = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError, SyntaxError)


class WorkbookTable:
    """An open workbook."""

    def __init__(self, path: Path, filename: str, limits: Limits) -> None:
        self.empty = 0
        self._filename = filename
        self._limits = limits
        self._size = path.stat().st_size
        self._share = 0.0
        _refuse_bomb(path, filename, limits)
        try:
            self._book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except _ERRORS:
            raise _unreadable(filename) from None
        try:
            self._open_sheet()
        except BaseException:
            self.close()
            raise

    def rows(self) -> Iterator[TableItem]:
        """Every row after the header; rows without any content are left out."""
        if self._first is not None:
            yield self._judge(self._header_number, self._first)
        for number, values in self._values:
            if self._last_row:
                self._share = min(1.0, number / self._last_row)
            if any(value is not None and value != "" for value in values):
                yield self._judge(number, [cell_text(value) for value in values])
        self._share = 1.0

    def position(self) -> int:
        """Bytes of the file read so far, reckoned from the rows."""
        return int(self._size * self._share)

    def close(self) -> None:
        """Let the file go."""
        self._book.close()

    def _open_sheet(self) -> None:
        names = [sheet.title for sheet in self._book.worksheets if sheet.sheet_state == "visible"]
        for name in names:
            sheet = self._book[name]
            self._last_row = sheet.max_row or 0
            self._values = self._walk(sheet.iter_rows(values_only=True))
            for number, values in self._values:
                cells = _strip_tail([cell_text(value) for value in values])
                if cells:
                    self._start(number, cells, name, names)
                    return
        raise UnreadableFileError(f"{self._filename} is empty; choose a workbook with a header line and rows")

    def _start(self, number: int, cells: list[str], name: str, names: list[str]) -> None:
        if len(cells) > self._limits.columns:
            raise UnreadableFileError(
                f"{self._filename}: row {number} has {len(cells):,} cells, more than the"
                f" {self._limits.columns:,} columns a table may have; split the table"
            )
        self.format = TableFormat("xlsx", sheet=name)
        self._header_number = number
        self._first = cells if looks_like_data(cells) else None
        if self._first is None:
            self.columns, self.notes = clean_header(cells)
        else:
            self.columns, self.notes = numbered_columns(len(cells))
        if len(names) > 1:
            others = ", ".join(f"“{other}”" for other in names if other != name)
            self.notes = [
                f"Only the sheet “{name}” is read; save {others} as own files to import them.",
                *self.notes,
            ]

    def _walk(self, rows: Iterator[tuple[object, ...]]) -> Iterator[tuple[int, tuple[object, ...]]]:
        try:
            yield from enumerate(rows, start=1)
        except _ERRORS:
            raise _unreadable(self._filename) from None

    def _judge(self, number: int, cells: list[str]) -> TableItem:
        width = len(self.columns)
        raw = " | ".join(cells)[:RAW_CHARACTERS]
        beyond = [cell for cell in cells[width:] if cell]
        if beyond:
            problem = (
                f"the row has {len(_strip_tail(cells))} cells where the header has {width}; name every column"
            )
            return BadRow(number, None, "ragged", problem, raw)
        padded = cells[:width] + [""] * (width - len(cells))
        for column, cell in zip(self.columns, padded, strict=True):
            if len(cell) > self._limits.cell_characters:
                problem = f"the cell holds {len(cell):,} characters, more than are kept; shorten it"
                return BadRow(number, column, "cell_too_large", problem, raw)
            if "\0" in cell:
                problem = "the cell holds a NUL character; remove it"
                return BadRow(number, column, "nul", problem, raw.replace("\0", "\ufffd"))
        return Row(number, dict(zip(self.columns, padded, strict=True)))


def cell_text(value: object) -> str:
    """The text of a typed cell: dates in ISO 8601, whole numbers without a fraction, nothing rounded."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return str(value)


def _strip_tail(cells: Sequence[str]) -> list[str]:
    last = max((position for position, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    return list(cells[:last])


def _refuse_bomb(path: Path, filename: str, limits: Limits) -> None:
    """Refuse a zip that unpacks to far more than it is; sizes are what the archive's directory states,
    and `zipfile` never unpacks more than stated."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except _ERRORS:
        raise _unreadable(filename) from None
    total = sum(part.file_size for part in parts)
    texts = sum(part.file_size for part in parts if part.filename.lower() == _TEXTS.lower())
    allowed = max(limits.inflate_free_bytes, path.stat().st_size * limits.inflate_ratio)
    if total > min(allowed, limits.workbook_bytes) or texts > limits.workbook_texts_bytes:
        raise UnreadableFileError(
            f"{filename}: unpacks to {total // 1_000_000:,} MB, more than a workbook of its size should;"
            " save the sheet as CSV and import that"
        )
    if len(parts) > limits.workbook_parts:
        raise UnreadableFileError(
            f"{filename}: has {len(parts):,} parts; save the sheet as CSV and import that"
        )


def _unreadable(filename: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{filename} cannot be read as an Excel workbook: it is damaged, locked with a password, or of"
        " another kind; open it in a spreadsheet program and save it as .xlsx or .csv"
    )
