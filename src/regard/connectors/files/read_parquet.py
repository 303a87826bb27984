"""Reads Parquet batch by batch: as many rows in memory as one batch, and every value as a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isnan
from pathlib import Path

from arro3.core import RecordBatch, RecordBatchReader
from arro3.io import read_parquet

from regard.connectors.files.clean_header import clean_header
from regard.connectors.files.describe_table import BadRow, UnreadableFileError

PARQUET_MAGIC = b"PAR1"
_BATCH = 512
_FOOTER = 8


class ParquetRows:
    """An open Parquet file; its rows can be walked once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size
        self._done = 0
        _check_ends(path, self.size)
        self._reader = self._open()
        self.columns, self.notes = clean_header(self._reader.schema.names)

    def blocks(self) -> Iterator[tuple[Sequence[int], Sequence[Sequence[str] | BadRow]]]:
        """The numbers of the rows of a batch, the first of the file being 1, and their cells."""
        while (batch := self._next_batch()) is not None:
            columns = [_as_texts(self._values(batch, at)) for at in range(len(self.columns))]
            rows = list(zip(*columns, strict=True))
            yield range(self._done + 1, self._done + len(rows) + 1), rows
            self._done += len(rows)

    def position(self) -> int:
        """Always the size: a Parquet file is not read from front to back."""
        return self.size

    def close(self) -> None:
        """Nothing: the reader lets the file go by itself."""

    def _open(self) -> RecordBatchReader:
        try:
            return read_parquet(self._path, batch_size=_BATCH)
        except BaseException as problem:  # noqa: BLE001 - panics of Rust are none but this
            raise self._error(problem) from None

    def _next_batch(self) -> RecordBatch | None:
        try:
            return self._reader.read_next_batch()
        except StopIteration:
            return None
        except BaseException as problem:  # noqa: BLE001 - panics of Rust are none but this
            raise self._error(problem) from None

    def _values(self, batch: RecordBatch, at: int) -> list[object]:
        try:
            return list(batch.column(at).to_pylist())
        except BaseException as problem:  # noqa: BLE001 - panics of Rust are none but this
            raise self._error(problem) from None

    def _error(self, problem: BaseException) -> BaseException:
        """The reader is written in Rust, where a broken file is a panic, which is no `Exception` here."""
        if isinstance(problem, KeyboardInterrupt | SystemExit | GeneratorExit):
            return problem
        return UnreadableFileError(
            f"{self._path}: the Parquet file is broken or uses what cannot be read here, after"
            f" {self._done:,} rows; write it anew, or save it as CSV"
        )


def _check_ends(path: Path, size: int) -> None:
    """Refuse a file that was cut off, before the reader stumbles over it."""
    with path.open("rb") as file:
        file.seek(max(0, size - _FOOTER))
        footer = file.read()
    if not footer.endswith(PARQUET_MAGIC) or int.from_bytes(footer[:4], "little") + 12 > size:
        raise UnreadableFileError(
            f"{path}: the Parquet file is not complete: its end is missing; copy or write it anew"
        )


def _as_texts(values: list[object]) -> list[str]:
    return [value if type(value) is str else _as_text(value) for value in values]


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value.replace("\0", "")
        case bool():
            return "true" if value else "false"
        case float():
            return "" if isnan(value) else str(int(value)) if value.is_integer() else repr(value)
        case Decimal():
            return format(value, "f")
        case datetime() | date():
            return value.isoformat().removesuffix("T00:00:00")
        case bytes():
            return value.decode("utf-8", "replace")
        case list():
            return "; ".join(filter(None, map(_as_text, value)))
        case _:
            return str(value)
