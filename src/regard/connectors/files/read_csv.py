"""Reads CSV row by row (RFC 4180 and what is called so): one broken row never costs another."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import compress

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
from regard.connectors.files.detect_delimiter import announced_delimiter
from regard.connectors.files.inflate_stream import CountedFile
from regard.connectors.files.read_lines import ByteLines, Line, broken_character, read_lines, readable

_SMALLEST_LOOKAHEAD = 16 * 1024
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


class _RecordTooLongError(Exception):
    """A quoted cell goes on for longer than any cell may."""


class _Feeder:
    """Hands lines to the csv module and remembers those of the record in work, so that it can go back."""

    def __init__(self, lines: Iterator[Line], lookahead: int) -> None:
        self._lines = lines
        self._ahead: deque[Line] = deque()
        self._lookahead = lookahead
        self._taken = 0
        self.record: list[Line] = []
        self.at_end_of_file = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else next(self._lines, None)
        if line is None:
            self.at_end_of_file = True
            raise StopIteration
        if self.record and (line.overlong or self._taken > self._lookahead):
            self._ahead.appendleft(line)
            raise _RecordTooLongError
        self.record.append(line)
        self._taken += len(line.text)
        return line.text

    @property
    def even(self) -> bool:
        """Whether every line taken has been used."""
        return not self._ahead

    def begin(self) -> None:
        """Forget the last record."""
        self.record = []
        self._taken = 0

    def retreat(self) -> Line:
        """Give back all lines of the record but its first, the result; look less far ahead next time."""
        first, *others = self.record
        self._ahead.extendleft(reversed(others))
        self._lookahead = max(_SMALLEST_LOOKAHEAD, self._lookahead // 2)
        self.at_end_of_file = False
        return first


class CsvTable:
    """An open CSV file."""

    def __init__(self, file: CountedFile, filename: str, encoding: str, delimiter: str, limits: Limits,
                 *, carriage_returns: bool = False) -> None:  # fmt: skip
        # The module's limit is one for the whole process; ours are lower and are checked per cell.
        csv.field_size_limit(max(csv.field_size_limit(), 2 * limits.record_bytes + RAW_CHARACTERS))
        self._file = file
        self._limits = limits
        lines = read_lines(file.stream, encoding, limits.record_bytes, carriage_returns=carriage_returns)
        self._lines = lines if isinstance(lines, ByteLines) else None
        self._feeder = _Feeder(lines, limits.record_bytes)
        self._reader = csv.reader(self._feeder, delimiter=delimiter)
        self._number = 0
        self._first: list[str] | None = None
        self._first_broken = False
        self.format = TableFormat("csv", encoding, delimiter, file.compressed)
        self.notes: list[str] = []
        self.empty = 0
        self.columns = self._read_header(filename)

    def rows(self) -> Iterator[TableItem]:
        """Every row after the header; rows without any content are left out."""
        for number, found in self.records():
            yield (
                found
                if isinstance(found, BadRow)
                else Row(number, dict(zip(self.columns, found, strict=True)))
            )

    def records(self) -> Iterator[tuple[int, Sequence[str] | BadRow]]:
        """Every row as its number and its cells in the order of the columns."""
        for numbers, found in self.blocks():
            yield from zip(numbers, found, strict=True)

    def blocks(self) -> Iterator[tuple[Sequence[int], Sequence[Sequence[str] | BadRow]]]:
        """Numbers and cells of some rows at a time, many where all is well: less work than `records`."""
        if self._first is not None:
            yield (self._number,), (self._judge(self._first, broken=self._first_broken),)
        while True:
            if rows := self._sound_block():
                numbers = range(self._number + 1, self._number + len(rows) + 1)
                self._number += len(rows)
                filled = [any(cells) for cells in rows]
                self.empty += sum(bool(cells) for cells, full in zip(rows, filled, strict=True) if not full)
                yield (numbers, rows) if all(filled) else (
                    list(compress(numbers, filled)), list(compress(rows, filled)),
                )  # fmt: skip
            item = self._next_item()
            if item is None:
                return
            if isinstance(item, BadRow):
                yield (self._number,), (item,)
            elif any(item):
                broken = any(line.broken for line in self._feeder.record)
                yield (self._number,), (self._judge(item, broken=broken),)
            else:
                self.empty += bool(item)

    def position(self) -> int:
        """Bytes of the file read so far."""
        return self._file.position()

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _read_header(self, filename: str) -> list[str]:
        while (item := self._next_item()) is not None:
            if isinstance(item, BadRow):
                raise UnreadableFileError(
                    f"{filename}, row {item.number}: the header cannot be read: {item.problem}"
                )
            if not any(cell.strip() for cell in item):
                continue
            if self._number == 1 and announced_delimiter("".join(line.text for line in self._feeder.record)):
                continue
            return self._name_columns(filename, item)
        raise UnreadableFileError(f"{filename} is empty; choose a file with a header line and rows")

    def _name_columns(self, filename: str, first: list[str]) -> list[str]:
        if len(first) > self._limits.columns:
            raise UnreadableFileError(
                f"{filename}: the first line has {len(first):,} cells, more than the"
                f" {self._limits.columns:,} columns a table may have; check the delimiter, or split the table"
            )
        if looks_like_data(first):
            self._first = first
            self._first_broken = any(line.broken for line in self._feeder.record)
            columns, self.notes = numbered_columns(len(first))
        else:
            columns, self.notes = clean_header([readable(cell) for cell in first])
        return columns

    def _next_item(self) -> list[str] | BadRow | None:
        """The next record's cells, or why there are none; None at the end. Counts the rows."""
        self._feeder.begin()
        self._number += 1
        try:
            cells = next(self._reader)
        except StopIteration:
            return None
        except _RecordTooLongError:
            return self._give_up_quote()
        except csv.Error as problem:
            return self._bad(None, "broken_row", f"the row cannot be read ({problem}); write it anew")
        if self._feeder.record[0].overlong:
            return self._bad(
                None, "row_too_long",
                f"the row is longer than {self._limits.record_bytes:,} bytes;"
                " shorten it, or check the line endings",
            )  # fmt: skip
        if self._feeder.at_end_of_file:
            # The csv module asked for one more line: a quote was still open.
            return self._give_up_quote()
        return cells

    def _sound_block(self) -> list[list[str]] | None:
        """The rows of many lines at once where nothing is wrong with any; else None, to go row by row."""
        block = self._lines.take_block() if self._lines and self._feeder.even else None
        if block is None or self._lines is None:
            return None
        lines = list(io.StringIO(block, newline="\n"))
        rows: list[list[str]] = []
        if max(map(len, lines)) <= min(self._limits.cell_characters, self._limits.record_bytes // 4):
            try:
                rows = list(csv.reader(lines, delimiter=self.format.delimiter or ",", strict=True))
            except csv.Error:
                rows = []
        # As many rows as lines: no cell goes over several lines, and so none is longer than a line.
        if len(rows) != len(lines) or not {*map(len, rows)} <= {len(self.columns), 0}:
            self._lines.return_block()
            return None
        return rows

    def _give_up_quote(self) -> BadRow:
        first = self._feeder.retreat()
        return BadRow(
            self._number, None, "open_quote",
            "a quotation mark opens a cell and none closes it;"
            " close it, or double it where it belongs to the text",
            readable(first.text[:RAW_CHARACTERS]),
        )  # fmt: skip

    def _judge(self, cells: list[str], *, broken: bool) -> Sequence[str] | BadRow:
        width = len(self.columns)
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        if len(cells) != width:
            return self._bad(None, "ragged", self._explain_width(len(cells), width))
        if broken and (bad := self._find_broken(cells)):
            return bad
        longest = max(map(len, cells))
        if longest > self._limits.cell_characters:
            column = self.columns[next(i for i, cell in enumerate(cells) if len(cell) == longest)]
            return self._bad(
                column, "cell_too_large",
                f"the cell holds {longest:,} characters, more than the {self._limits.cell_characters:,}"
                " that are kept; shorten it",
            )  # fmt: skip
        return cells

    def _find_broken(self, cells: list[str]) -> BadRow | None:
        for column, cell in zip(self.columns, cells, strict=True):
            if "\0" in cell:
                return self._bad(column, "nul", "the cell holds a NUL character; remove it")
            if broken_character(cell):
                return self._bad(
                    column, "broken_bytes",
                    f"the cell holds bytes that are no {self.format.encoding} text (“{readable(cell)[:40]}”);"
                    " write the text anew in that encoding",
                )  # fmt: skip
        return None

    def _explain_width(self, found: int, expected: int) -> str:
        name = _DELIMITER_NAMES.get(self.format.delimiter or "", "delimiter")
        if found > expected:
            return (
                f"the row has {found} cells where the header has {expected}; put cells that hold a {name}"
                " into quotation marks"
            )
        return f"the row has {found} cells where the header has {expected}; add the missing {name}s"

    def _bad(self, column: str | None, code: str, problem: str) -> BadRow:
        raw = "".join(line.text[:RAW_CHARACTERS] for line in self._feeder.record)
        return BadRow(self._number, column, code, problem, readable(raw[:RAW_CHARACTERS]).rstrip("\r\n"))
