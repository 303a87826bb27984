"""Counts how often each id has come so far, in bounded memory: what grows beyond it goes to a file."""

from __future__ import annotations

import hashlib
import sqlite3

_HELD = 200_000
_CREATE = "CREATE TABLE seen (key INTEGER PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID"
_READ = "SELECT times FROM seen WHERE key = ?"
_ADD = "INSERT INTO seen VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET times = times + excluded.times"


class OccurrenceCounter:
    """Says of every id the how-manyth it is; ids are told apart by 63 bits of their hash."""

    def __init__(self, held: int = _HELD) -> None:
        self._held = held
        self._recent: dict[int, int] = {}
        self._spilled: sqlite3.Connection | None = None

    def count(self, key: str) -> int:
        """1 for the first time, 2 for the second …"""
        digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        number = int.from_bytes(digest, "big") >> 1
        times = self._recent.get(number, 0) + 1
        self._recent[number] = times
        before = 0
        if self._spilled is not None:
            row = self._spilled.execute(_READ, (number,)).fetchone()
            before = row[0] if row else 0
        if len(self._recent) > self._held:
            self._spill()
        return before + times

    def close(self) -> None:
        """Drop the file, if there is one."""
        if self._spilled is not None:
            self._spilled.close()
            self._spilled = None

    def _spill(self) -> None:
        if self._spilled is None:
            # An empty name is a private file that SQLite removes itself.
            self._spilled = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._spilled.execute("PRAGMA synchronous = OFF")
            self._spilled.execute("PRAGMA journal_mode = OFF")
            self._spilled.execute("PRAGMA cache_size = -16000")
            self._spilled.execute(_CREATE)
        self._spilled.execute("BEGIN")
        self._spilled.executemany(_ADD, sorted(self._recent.items()))
        self._spilled.execute("COMMIT")
        self._recent.clear()
