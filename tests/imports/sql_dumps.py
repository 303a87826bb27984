"""Makes CSV files from the INSERT statements of a SQL dump, so that real tables can be imported as files."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

_TOKEN = re.compile(r"\s*(?:N?'((?:[^']|'')*)'|(NULL)|([-+\w.]+)|([(),;]))", re.IGNORECASE)


def write_csv(dump: Path, table: str, target: Path) -> int:
    """Write a table of a dump as CSV with a header; gives the number of rows."""
    text = gzip.decompress(dump.read_bytes()).decode("utf-8")
    columns = _columns(text, table)
    count = 0
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in _rows(text, table):
            assert len(row) == len(columns)
            writer.writerow(row)
            count += 1
    return count


def _columns(text: str, table: str) -> list[str]:
    match = re.search(rf"CREATE TABLE {table}\s*\((.*?)\n\);", text, re.DOTALL)
    assert match
    lines = [line.strip() for line in match[1].splitlines()]
    return [line.split()[0] for line in lines if line and not line.startswith(("CONSTRAINT", "PRIMARY"))]


def _rows(text: str, table: str) -> Iterator[list[str]]:
    for match in re.finditer(rf"INSERT INTO {table}\s*(?:\([^)]*\))?\s*VALUES", text):
        position = match.end()
        row: list[str] = []
        while True:
            token = _TOKEN.match(text, position)
            assert token, text[position : position + 80]
            position = token.end()
            quoted, null, bare, mark = token.groups()
            if mark == ";":
                break
            if mark == "(":
                row = []
            elif mark == ")":
                yield row
            elif quoted is not None:
                row.append(quoted.replace("''", "'"))
            elif null:
                row.append("")
            elif bare is not None:
                row.append(bare)
