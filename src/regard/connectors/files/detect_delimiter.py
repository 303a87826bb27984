"""Finds out what separates the cells of a CSV file, from its first lines."""

from __future__ import annotations

import csv
from collections import Counter

DELIMITERS = (",", ";", "\t", "|")
_LINES = 200


def detect_delimiter(text: str) -> str:
    """The delimiter under which the first lines fall into rows of one width, the header among them.

    `text` is the beginning of the file; its last line may be cut. A first line `sep=;`, as spreadsheet
    programs write it, decides at once.
    """
    announced = announced_delimiter(text)
    if announced:
        return announced
    lines = text.splitlines(keepends=True)
    lines = lines[:-1] if 1 < len(lines) <= _LINES and not text.endswith(("\n", "\r")) else lines[:_LINES]
    scored = [(_score(lines, delimiter), -rank, delimiter) for rank, delimiter in enumerate(DELIMITERS)]
    return max(scored)[2]


def announced_delimiter(text: str) -> str | None:
    """The delimiter of a first line such as `sep=;`."""
    first = text.split("\n", 1)[0].strip("\r \ufeff")
    if len(first) == 5 and first[:4].lower() == "sep=":
        return first[4]
    return "\t" if first.lower() == "sep=" else None


def _score(lines: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
    except csv.Error:
        return (0.0, 0)
    if not widths:
        return (0.0, 0)
    width, rows = Counter(widths).most_common(1)[0]
    if width < 2:
        return (0.0, 0)
    share = rows / len(widths)
    # A header of another width than the rows speaks against the delimiter, but broken files exist.
    return (round(share if widths[0] == width else share / 2, 2), width)
