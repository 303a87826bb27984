"""Writes files that are either whole or not there: beside their place first, and moved when all is in."""

from __future__ import annotations

import contextlib
import csv
import os
import stat
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from regard.kit.errors import RegardError, Terminal
from regard.processes.resolve.keep_row_ids import RowIds
from regard.processes.resolve.name_clusters import customer_name


class UnwritableOutputError(RegardError, Terminal):
    """The place for the result cannot be written; told before the work begins."""

    code = "unwritable_output"
    status = 422


class WholeFile:
    """A file to write: made beside its place at once, moved there by `finish`, gone if that never comes.

    A device or a pipe, such as /dev/stdout, is written straight.
    """

    def __init__(self, path: Path, inputs: Sequence[Path]) -> None:
        if path.is_dir():
            raise UnwritableOutputError(f"{path} is a folder; name a file in it, such as {path / 'out.csv'}")
        if any(path.resolve() == other.resolve() for other in inputs):
            raise UnwritableOutputError(f"{path} is one of the files to read; name another file to write")
        self._path = path
        special = path.exists() and not stat.S_ISREG(path.stat().st_mode)
        self._part = None if special else path.with_name(f".{path.name}.{os.getpid()}.part")
        if path.exists() and not os.access(path, os.W_OK):
            raise UnwritableOutputError(f"{path} may not be written by this user; name another file")
        try:
            self.stream: TextIO = (self._part or path).open("w", encoding="utf-8", newline="")
        except OSError as problem:
            why = problem.strerror or str(problem)
            raise UnwritableOutputError(
                f"{path} cannot be written ({why}); name a file in a folder where you may write"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self.stream.close()
        if self._part is not None:
            self._part.unlink(missing_ok=True)

    def finish(self) -> None:
        """Everything is written: move it to its place."""
        try:
            self.stream.close()
            if self._part is not None:
                self._part.replace(self._path)
        except OSError as problem:
            raise UnwritableOutputError(f"{self._path} could not be written ({problem.strerror})") from None


def write_customers(
    stream: TextIO, ids: RowIds, names: array[int], progress: Callable[[int, int], None]
) -> None:
    """`source,record,customer`, one line per row in the order of the input."""
    out = csv.writer(stream, lineterminator="\n")
    out.writerow(("source", "record", "customer"))
    try:
        for row, named_by in enumerate(names):
            source, record = ids.name(row)
            own = (source, record) if named_by == row else ids.name(named_by)
            out.writerow((source, record, customer_name(*own)))
            if not row & 0x3FFF:
                progress(row, len(names))
    except OSError as problem:
        raise UnwritableOutputError(f"the result could not be written ({problem.strerror})") from None
