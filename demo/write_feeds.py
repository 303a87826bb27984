"""Output files: JSON Lines with the disorder of real deliveries, CSV, truth. Streamed, memory stays flat."""

import csv
import heapq
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from demo.garble_text import Flaws
from demo.roll_dice import Dice

_ENCODER = msgspec.json.Encoder()


class Feed:
    """One JSON Lines file. Some lines come late, some twice, as `flaws` says."""

    def __init__(self, path: Path, dice: Dice, flaws: Flaws) -> None:
        """Opens the file; `dice` decides about the disorder alone."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = path.open("wb")
        self._dice = dice
        self._flaws = flaws
        self._late: list[tuple[int, int, bytes]] = []
        self.lines = 0
        self._put = 0

    def put(self, body: Mapping[str, Any]) -> None:
        """Writes the body, or holds it back for some lines; perhaps again later."""
        line = _ENCODER.encode(body) + b"\n"
        self._put += 1
        if self._dice.chance(self._flaws.disorder):
            self._hold(line)
        else:
            self._write(line)
        if self._dice.chance(self._flaws.duplicates):
            self._hold(line)
        while self._late and self._late[0][0] <= self._put:
            self._write(heapq.heappop(self._late)[2])

    def _hold(self, line: bytes) -> None:
        heapq.heappush(self._late, (self._put + self._dice.between(2, 400), len(self._late), line))

    def _write(self, line: bytes) -> None:
        self._file.write(line)
        self.lines += 1

    def close(self) -> None:
        """Writes what is held back and closes the file."""
        while self._late:
            self._write(heapq.heappop(self._late)[2])
        self._file.close()


class BatchFeed:
    """Messages of the event API, up to a hundred in a batch a line."""

    def __init__(self, feed: Feed) -> None:
        """Batches go to `feed`."""
        self._feed = feed
        self._batch: list[dict[str, Any]] = []
        self.messages = 0

    def put(self, message: dict[str, Any]) -> None:
        """Adds a message; a full batch is written."""
        self._batch.append(message)
        self.messages += 1
        if len(self._batch) >= 100:
            self.flush()

    def flush(self) -> None:
        """Writes the batch begun. `sentAt` is left to the sender: a server trusts it to correct clocks."""
        if self._batch:
            self._feed.put({"batch": self._batch})
            self._batch = []


class Table:
    """One CSV file."""

    def __init__(
        self, path: Path, header: Iterable[str], *, delimiter: str = ",", mark: bool = False
    ) -> None:
        """`mark` starts the file with a byte order mark, as spreadsheet programs do."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8-sig" if mark else "utf-8", newline="")
        self._writer = csv.writer(self._file, delimiter=delimiter)
        self._writer.writerow(header)
        self.lines = 0

    def put(self, row: Iterable[object]) -> None:
        """Writes a row."""
        self._writer.writerow(row)
        self.lines += 1

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
