"""Shows imports in a terminal: the proposal as a table, progress on one line, the account."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Sequence
from typing import TextIO

from regard.connectors.files.propose_mapping import remarks_on
from regard.intake.account_rows import Account
from regard.intake.import_file import Progress
from regard.intake.keep_imports import FileImport
from regard.processes.show_safely import shown

_WIDEST = 34
_SECONDS_BETWEEN = 0.2


def proposal_lines(file: FileImport) -> list[str]:
    """What the file is, what its columns mean, with samples."""
    format_ = file.format
    written = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(format_.delimiter or "", "")
    parts = [format_.type.upper(), format_.encoding or "", written, "gzip" if format_.compressed else "",
             f"sheet “{format_.sheet}”" if format_.sheet else ""]  # fmt: skip
    mapping = file.mapping
    currency = f", currency {mapping.currency}" if mapping.currency else ""
    rows = [("COLUMN", "MEANS", "SAMPLES")]
    rows += [
        (column.name, _meaning(file, column.name), " · ".join(file.samples.get(column.name, [])[:3]))
        for column in file.columns
    ]
    lines = [
        f"{shown(file.filename)}: {', '.join(filter(None, parts))}, {file.survey.size_bytes:,} bytes",
        f"Rows are {mapping.target}, stream {shown(mapping.stream)}{currency}, times in {mapping.time_zone}",
        "",
        *_table(rows),
        "",
    ]
    return lines + [f"* {shown(note)}" for note in [*file.notes, *remarks_on(file.mapping)]]


def account_lines(filename: str, account: Account, *, dry_run: bool) -> list[str]:
    """What became of the rows, and why some were not taken."""
    would = "would be " if dry_run else ""
    total = (
        f"{shown(filename)}: read {account.read:,} = {would}stored {account.stored:,}"
        f" + {would}unchanged {account.unchanged:,} + {would}quarantined {account.quarantined:,}"
    )
    lines = [total]
    if account.empty:
        lines.append(f"  {account.empty:,} lines hold nothing but separators and are no rows")
    lines += [f"  {reason.count:,} × {reason.code}: {shown(reason.example)}" for reason in account.reasons]
    if dry_run:
        lines.append("Nothing was stored: this was a dry run.")
    return lines


class ProgressLine:
    """One line that is written over again: share, rows, rate. Silent where nobody watches."""

    def __init__(self, stream: TextIO, filename: str, size_bytes: int) -> None:
        self._stream = stream
        self._filename = shown(filename)[:_WIDEST]
        self._size = max(1, size_bytes)
        self._watched = stream.isatty()
        self._began = time.monotonic()
        self._last = 0.0

    def show(self, progress: Progress) -> None:
        """Show how far it is."""
        now = time.monotonic()
        if not self._watched or now - self._last < _SECONDS_BETWEEN:
            return
        self._last = now
        share = min(100, progress.bytes_read * 100 // self._size)
        rows = progress.account.read
        rate = rows / max(0.001, now - self._began)
        self._stream.write(f"\r{self._filename}  {share:3d} %  {rows:,} rows  {rate:,.0f} rows/s\033[K")
        self._stream.flush()

    def end(self) -> None:
        """Clear the line."""
        if self._watched and self._last:
            self._stream.write("\r\033[K")
            self._stream.flush()


def _meaning(file: FileImport, column: str) -> str:
    mapping = file.mapping
    roles = []
    if column in mapping.id:
        roles.append("id")
    if mapping.party and mapping.party.column == column:
        roles.append(f"id of {mapping.party.stream}")
    if column == mapping.occurred_at:
        roles.append("when it happened")
    if column == mapping.updated_at:
        roles.append("last change")
    field = mapping.columns.get(column)
    if field is not None:
        roles.append(field)
    return ", ".join(roles) or "kept under its own name"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    clean = [[_cut(shown(cell)) for cell in row] for row in rows]
    widths = [max(_width(row[position]) for row in clean) for position in range(len(clean[0]))]
    return [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in clean
    ]


def _cut(text: str) -> str:
    kept, width = "", 0
    for character in text:
        width += _width(character)
        if width > _WIDEST:
            return kept[:-1] + "…"
        kept += character
    return kept


def _width(text: str) -> int:
    """Columns that a text takes in a terminal: East Asian characters take two, marks none (UAX #11)."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
