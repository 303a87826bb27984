"""Opens a file as a table: finds out from name and content what it is, and takes a sample of it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from regard.connectors.files.describe_table import (
    Cells,
    Limits,
    Row,
    Table,
    TableSample,
    UnreadableFileError,
    shorten,
)
from regard.connectors.files.detect_delimiter import detect_delimiter
from regard.connectors.files.inflate_stream import CountedFile
from regard.connectors.files.read_csv import CsvTable
from regard.connectors.files.read_json import JsonTable
from regard.connectors.files.survey_file import Survey

_SAMPLE_ROWS = 2_000
_SAMPLE_CHARACTERS = 8_000_000
_SAMPLE_ITEMS = 20_000
_HEAD = 64 * 1024
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = {
    b"%PDF": "a PDF document", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture",
    b"PAR1": "a Parquet file", b"SQLite format 3": "an SQLite database", b"7z\xbc\xaf": "a 7z archive",
    b"BZh": "a bzip2 archive", b"\xfd7zXZ": "an xz archive", b"\x28\xb5\x2f\xfd": "a zstd archive",
}  # fmt: skip


def open_table(path: Path, filename: str, survey: Survey, limits: Limits | None = None) -> Table:
    """The open table of a surveyed file; raises `UnreadableFileError` when there is none in it."""
    limits = limits or Limits()
    if survey.size_bytes == 0:
        raise UnreadableFileError(f"{filename} is empty; choose a file with a header line and rows")
    head = _read_head(path, filename, limits)
    if head.startswith(_ZIP):
        return _open_workbook(path, filename, limits)
    _refuse_others(head, filename)
    file = CountedFile(path, filename, limits)
    try:
        return _open_text(file, head, filename, survey, limits)
    except BaseException:
        file.close()
        raise


def sample_table(path: Path, filename: str, survey: Survey, limits: Limits | None = None) -> TableSample:
    """Format, columns and the first sound rows of a surveyed file."""
    table = open_table(path, filename, survey, limits)
    rows: list[Cells] = []
    room = _SAMPLE_CHARACTERS
    try:
        for seen, item in enumerate(table.rows()):
            if isinstance(item, Row):
                rows.append(item.cells)
                room -= sum(map(len, item.cells.values()))
            if len(rows) >= _SAMPLE_ROWS or room <= 0 or seen >= _SAMPLE_ITEMS:
                break
    finally:
        table.close()
    return TableSample(table.format, table.columns, rows, table.notes)


def _open_workbook(path: Path, filename: str, limits: Limits) -> Table:
    # Its library takes longer to load than a small file of another kind to be read.
    workbooks = import_module("regard.connectors.files.read_workbook")
    table: Table = workbooks.WorkbookTable(path, filename, limits)
    return table


def _read_head(path: Path, filename: str, limits: Limits) -> bytes:
    file = CountedFile(path, filename, limits)
    try:
        return file.stream.read(_HEAD)
    finally:
        file.close()


def _open_text(file: CountedFile, head: bytes, filename: str, survey: Survey, limits: Limits) -> Table:
    text = head.decode(survey.encoding, "replace").lstrip("\ufeff")
    start = text.lstrip()
    if not start:
        raise UnreadableFileError(f"{filename} is empty; choose a file with a header line and rows")
    if start[0] == "{" and not _is_one_document(start):
        return JsonTable(file, filename, survey.encoding, limits, array=False)
    if start[0] == "{" or (start[0] == "[" and start[1:].lstrip()[:1] in ("{", "]")):
        return JsonTable(file, filename, survey.encoding, limits, array=True)
    if start[:5].lower() in ("<html", "<!doc", "<?xml"):
        raise UnreadableFileError(
            f"{filename} is a web page or XML, not a table; save it as CSV and import that"
        )
    returns = "\n" not in text and "\r" in text
    lines = text.replace("\r", "\n") if returns else text
    if _looks_binary(text):
        raise UnreadableFileError(
            f"{filename} is not a table (it begins with “{shorten(ascii(text[:12]), 30)}”);"
            " choose a CSV, JSON Lines or Excel file"
        )
    delimiter = detect_delimiter(lines)
    return CsvTable(file, filename, survey.encoding, delimiter, limits, carriage_returns=returns)


def _is_one_document(start: str) -> bool:
    """Whether an object goes on over several lines, so that the file is one JSON document."""
    first, _, rest = start.partition("\n")
    return bool(rest.strip()) and not first.rstrip().endswith("}")


def _looks_binary(text: str) -> bool:
    """Control characters that no text holds; a few NULs are left to the rows they stand in."""
    odd = sum(1 for c in text if c < " " and c not in "\t\r\n\0\x0b\x0c\x1a\x1b")
    nuls = text.count("\0")
    return odd * 50 > len(text) or nuls * 4 > len(text)


def _refuse_others(head: bytes, filename: str) -> None:
    if head.startswith(_OLD_EXCEL):
        raise UnreadableFileError(
            f"{filename} is an old Excel file (.xls); save it as .xlsx or .csv and import that"
        )
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise UnreadableFileError(
                f"{filename} is {name}, not a table; choose a CSV, JSON Lines or Excel file"
            )
