"""What a table in a file is made of: its format, its columns, its rows, and rows that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from regard.kit.errors import RegardError, Terminal

Cell: TypeAlias = str | list[str]
Cells: TypeAlias = dict[str, Cell]
TableType = Literal["csv", "jsonl", "json", "xlsx"]
RAW_CHARACTERS = 10_000


class UnreadableFileError(RegardError, Terminal):
    """A file holds no table that can be read; the message names the file, the reason and the remedy."""

    code = "unreadable_file"
    status = 422


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of everything a file may hold, so that no file can exhaust the machine."""

    cell_characters: int = 100_000
    record_bytes: int = 4 * 1024 * 1024
    columns: int = 5_000
    whole_json_bytes: int = 64 * 1024 * 1024
    inflated_bytes: int = 64 * 1024**3
    inflate_ratio: int = 200
    # Below this size no ratio is suspicious: it cannot hurt.
    inflate_free_bytes: int = 64 * 1024 * 1024
    workbook_bytes: int = 4 * 1024**3
    workbook_texts_bytes: int = 512 * 1024 * 1024
    workbook_parts: int = 10_000


@dataclass(frozen=True, slots=True)
class TableFormat:
    """How a file is written; `compressed` means gzip around it."""

    type: TableType
    encoding: str | None = None
    delimiter: str | None = None
    compressed: bool = False
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `number` counts as a spreadsheet does, the first line of the file being 1."""

    number: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: `code` for machines, `problem` says what is wrong and what to do."""

    number: int
    column: str | None
    code: str
    problem: str
    raw: str


TableItem: TypeAlias = Row | BadRow


class Table(Protocol):
    """An open table; `rows` can be walked once."""

    format: TableFormat
    columns: list[str]
    notes: list[str]
    empty: int
    """Lines so far that hold separators and nothing else."""

    def rows(self) -> Iterator[TableItem]:
        """Every row after the header, in order; rows without any content are left out."""
        ...

    def position(self) -> int:
        """Bytes of the file read so far."""
        ...

    def close(self) -> None:
        """Let the file go."""
        ...


@dataclass(slots=True)
class TableSample:
    """The first rows of a table, to propose a mapping from."""

    format: TableFormat
    columns: list[str]
    rows: list[Cells]
    notes: list[str] = field(default_factory=list)


def tell_place(filename: str, number: int | None, column: str | None, problem: str) -> str:
    """The sentence that people read: file, row and column before the problem."""
    place = filename if number is None else f"{filename}, row {number}"
    if column is not None:
        place += f", column “{column}”"
    return f"{place}: {problem}"


def shorten(text: str, characters: int = 40) -> str:
    """The beginning of a text, to be quoted in a sentence."""
    return text if len(text) <= characters else text[: characters - 1] + "…"
