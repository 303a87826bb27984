"""Reads JSON Lines (one object a line) of any size, and JSON arrays of moderate size, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from regard.connectors.files.clean_header import clean_header
from regard.connectors.files.describe_table import (
    RAW_CHARACTERS,
    BadRow,
    Cell,
    Limits,
    Row,
    TableFormat,
    TableItem,
    UnreadableFileError,
)
from regard.connectors.files.flatten_json import NotARowError, decode_strictly, flatten
from regard.connectors.files.inflate_stream import CountedFile
from regard.connectors.files.read_lines import read_lines, readable

_ROWS_FOR_COLUMNS = 1_000


class JsonTable:
    """An open file of JSON objects; its columns are the keys of the first thousand rows."""

    def __init__(
        self, file: CountedFile, filename: str, encoding: str, limits: Limits, *, array: bool
    ) -> None:
        self.empty = 0
        self._file = file
        self._limits = limits
        self.format = TableFormat("json" if array else "jsonl", encoding, None, file.compressed)
        self.notes: list[str] = []
        self._rows = self._read_array(filename) if array else self._read_lines(encoding)
        self._first = list(islice(self._rows, _ROWS_FOR_COLUMNS))
        if not self._first:
            raise UnreadableFileError(f"{filename} is empty; choose a file with at least one row")
        keys = dict.fromkeys(key for item in self._first if isinstance(item, Row) for key in item.cells)
        self.columns = list(keys)
        if not keys:
            bad = self._first[0]
            reason = f": {bad.problem}" if isinstance(bad, BadRow) else ""
            raise UnreadableFileError(f"{filename} holds no JSON objects, row {bad.number}{reason}")
        self.notes = clean_header(self.columns)[1]

    def rows(self) -> Iterator[TableItem]:
        """Every object; keys that only later rows have come along under their own names."""
        yield from self._first
        self._first = []
        yield from self._rows

    def position(self) -> int:
        """Bytes of the file read so far."""
        return self._file.position()

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _read_lines(self, encoding: str) -> Iterator[TableItem]:
        lines = read_lines(self._file.stream, encoding, self._limits.record_bytes)
        for number, line in enumerate(lines, start=1):
            text = line.text.strip()
            if not text:
                continue
            raw = readable(text[:RAW_CHARACTERS])
            if line.overlong:
                problem = f"the line is longer than {self._limits.record_bytes:,} bytes; shorten it"
                yield BadRow(number, None, "row_too_long", problem, raw)
            elif line.broken:
                problem = f"the line holds bytes that are no {encoding} text; write it anew"
                yield BadRow(number, None, "broken_bytes", problem, raw)
            else:
                yield self._read_object(number, text.encode(), raw)

    def _read_object(self, number: int, text: bytes, raw: str) -> TableItem:
        try:
            return self._check_sizes(number, decode_strictly(text), raw)
        except NotARowError as problem:
            return BadRow(number, problem.column, problem.code, str(problem), raw)

    def _check_sizes(self, number: int, value: object, raw: str) -> TableItem:
        cells = flatten(value, self._limits.columns)
        for column, cell in cells.items():
            if _length(cell) > self._limits.cell_characters:
                problem = (
                    f"the value holds {_length(cell):,} characters, more than the"
                    f" {self._limits.cell_characters:,} that are kept; shorten it"
                )
                return BadRow(number, column, "cell_too_large", problem, raw)
        return Row(number, cells)

    def _read_array(self, filename: str) -> Iterator[TableItem]:
        raw = self._file.stream.read(self._limits.whole_json_bytes + 1)
        if len(raw) > self._limits.whole_json_bytes:
            raise UnreadableFileError(
                f"{filename}: a JSON array must fit into memory and this one is larger than"
                f" {self._limits.whole_json_bytes // 1_000_000} MB; write it as JSON Lines, one object a line"
            )
        try:
            value = decode_strictly(raw.removeprefix(b"\xef\xbb\xbf"))
        except NotARowError as problem:
            raise UnreadableFileError(f"{filename} cannot be read as JSON: {problem}") from None
        yield from self._number_objects(_find_rows(value, filename))

    def _number_objects(self, objects: list[object]) -> Iterator[TableItem]:
        for number, value in enumerate(objects, start=1):
            try:
                yield self._check_sizes(number, value, "")
            except NotARowError as problem:
                yield BadRow(
                    number, problem.column, problem.code, str(problem), readable(str(value)[:RAW_CHARACTERS])
                )


def _length(cell: Cell) -> int:
    return len(cell) if isinstance(cell, str) else sum(map(len, cell))


def _find_rows(value: object, filename: str) -> list[object]:
    """The rows of an array, or of an object with one array in it such as {"customers": [...]}."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        arrays = [
            item for item in value.values() if isinstance(item, list) and item and isinstance(item[0], dict)
        ]
        if len(arrays) == 1:
            return list(arrays[0])
        return [value]
    raise UnreadableFileError(
        f"{filename} holds no JSON objects; write an array of objects or one object a line"
    )
