"""Chooses files by their names, and names the stream that a file's rows belong to. Pure."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

DONE = "done"
FILES = "files"

_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", ".lock", "~")
_KNOWN_ENDINGS = re.compile(r"(?:\.(?:csv|tsv|txt|json|jsonl|ndjson|xlsx|xlsm|parquet|gz))+$")
_WORDS = re.compile(r"[^\W_]+")
_NUMBERED = re.compile(r"v?\d+|\d+t\d+z?|t?\d{4,}z?|\d{1,2}h\d{0,2}")
# Words that say how a file came about, not what is in it.
_EMPTY_WORDS = frozenset(
    {"export", "exported", "dump", "full", "delta", "copy", "kopie", "part", "utc", "final"}
)
_LONGEST = 60


def is_wanted(name: str, pattern: str) -> bool:
    """Whether a file is to be read: it fits the pattern, is not hidden, half written or already done."""
    *folders, last = name.split("/")
    small = last.lower()
    if small.startswith((".", "~$", "_success")) or small.endswith(_UNFINISHED):
        return False
    if any(folder.startswith(".") or folder == DONE for folder in folders):
        return False
    patterns = [one.strip().lower() for one in pattern.split(",") if one.strip()] or ["*"]
    return any(fnmatchcase(small, one) or fnmatchcase(name.lower(), one) for one in patterns)


def name_stream(filename: str) -> str:
    """The stream of a file that has none of its own: its name without dates and numbers.

    `Customers_2026-03-01.csv` and `customers (2).csv.gz` are both `customers`.
    """
    base = _KNOWN_ENDINGS.sub("", filename.rsplit("/", 1)[-1].lower())
    words = [word for word in _WORDS.findall(base) if not _NUMBERED.fullmatch(word)]
    telling = [word for word in words if word not in _EMPTY_WORDS] or words
    return "_".join(telling)[:_LONGEST].strip("_") or FILES
