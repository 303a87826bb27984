"""Gives every column a name of its own, whatever the header line looks like."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST_NAME = 200
_DATA_CELL = re.compile(
    r"^(?:[^\s@]+@[^\s@]+\.[a-z]{2,}|[+-]?\d+(?:[.,]\d+)*"
    r"|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[ T].*)?|\+?[\d ()/-]{7,})$",
    re.IGNORECASE,
)
RESERVED_NAMES = frozenset({"(occurrence)", "(whole row)"})


def looks_like_data(first_row: Sequence[str]) -> bool:
    """Whether the first row is no header: it holds an e-mail address, a date, a number or a telephone number.

    Years and small numbers alone prove nothing: they head the columns of some reports.
    """
    filled = [cell.strip() for cell in first_row if cell.strip()]
    data = [cell for cell in filled if _DATA_CELL.match(cell)]
    telling = [cell for cell in data if not (cell.isdigit() and len(cell) <= 4)]
    return bool(telling) or (bool(data) and len(data) * 2 > len(filled))


def clean_header(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """Column names, none empty and none twice, and a note for everything that had to be changed."""
    names: list[str] = []
    notes: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(header, start=1):
        name = " ".join("".join(c if c.isprintable() else " " for c in cell).split())[:_LONGEST_NAME]
        if not name:
            name = f"Column {position}"
            notes.append(f"Column {position} has no name in the header; it is called “{name}” here.")
        unique = _unused(name, taken)
        if unique != name:
            notes.append(f"Column {position} is named “{name}” like another; it is called “{unique}” here.")
        taken.add(unique)
        names.append(unique)
    return names, notes


def numbered_columns(width: int) -> tuple[list[str], list[str]]:
    """Names for the columns of a file without a header, and the note that says so."""
    note = (
        "The first line looks like data, not like a header: the columns are numbered and no row is left out."
    )
    return [f"Column {position}" for position in range(1, width + 1)], [note]


def _unused(name: str, taken: set[str]) -> str:
    if name not in taken and name not in RESERVED_NAMES:
        return name
    count = 2
    while f"{name} ({count})" in taken:
        count += 1
    return f"{name} ({count})"
