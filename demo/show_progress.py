"""One line that tells how far the filling is: rows, rate, what is left."""

import sys
import time
from typing import TextIO


class Progress:
    """Counts rows up to a total. A terminal sees one line redrawn, anything else a line every few seconds."""

    def __init__(self, total: int, stream: TextIO = sys.stdout) -> None:
        """`total` rows are expected."""
        self._total = max(total, 1)
        self._stream = stream
        self._redraws = stream.isatty()
        self._started = time.monotonic()
        self._shown = 0.0
        self.rows = 0

    def add(self, rows: int, what: str) -> None:
        """`rows` more are through; `what` is being sent."""
        self.rows += rows
        now = time.monotonic()
        if now - self._shown >= (0.1 if self._redraws else 5.0):
            self._shown = now
            self._write(self.line(what, now - self._started), end="" if self._redraws else "\n")

    def line(self, what: str, seconds: float) -> str:
        """The line as text."""
        rate = self.rows / seconds if seconds > 0 else 0.0
        rest = max(self._total - self.rows, 0)
        left = "nearly there" if not rest else f"{rest / rate:.0f} s left" if rate else "starting"
        return (
            f"{min(100 * self.rows // self._total, 100):3d} %  {self.rows:,} of {self._total:,} rows"
            f"  {rate:,.0f} rows/s  {left}  {what}"
        )

    def finish(self, sentence: str) -> None:
        """Replaces the line by a last sentence."""
        self._write(sentence, end="\n")

    def _write(self, text: str, end: str) -> None:
        self._stream.write(f"\r\x1b[K{text}{end}" if self._redraws else f"{text}{end}")
        self._stream.flush()
