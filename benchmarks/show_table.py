"""The table of figures: plain text that can be pasted anywhere, and lines of progress beside it."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

_STARTED = time.monotonic()


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, what it is held against, and their ratio."""

    what: str
    measured: str
    beside: str = ""
    ratio: str = ""


@dataclass(slots=True)
class Table:
    """Rows under headings, in the order in which they were measured."""

    sections: list[tuple[str, list[Row]]] = field(default_factory=list)

    def section(self, title: str) -> None:
        """Begin a group of figures."""
        self.sections.append((title, []))

    def put(
        self, what: str, value: float, unit: str = "", *, beside: float | None = None, named: str = ""
    ) -> None:
        """A figure; `beside` is what it is held against, in the same unit, and `named` says what that is."""
        other = f"{named} {_with_unit(beside, unit)}".strip() if beside is not None else named
        ratio = f"{value / beside:.2f}" if beside else ""
        self._add(Row(what, _with_unit(value, unit), other, ratio))

    def say(self, what: str, measured: str, beside: str = "") -> None:
        """A figure that is words."""
        self._add(Row(what, measured, beside))

    def _add(self, row: Row) -> None:
        self.sections[-1][1].append(row)
        tell(f"  {row.what}: {row.measured}" + (f"  ({row.beside}, ratio {row.ratio})" if row.ratio else ""))

    def text(self) -> str:
        """The whole table."""
        rows = [row for _, group in self.sections for row in group]
        widths = [
            max((len(getattr(row, name)) for row in rows), default=0)
            for name in ("what", "measured", "beside")
        ]
        lines = [_line(Row("what", "measured", "beside it", "ratio"), widths)]
        lines.append("-" * len(lines[0]))
        for title, group in self.sections:
            if group:
                lines += ["", title.upper(), *(_line(row, widths) for row in group)]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles in milliseconds of a number of latencies."""

    count: int
    p50: float
    p95: float
    p99: float
    most: float

    @classmethod
    def of_seconds(cls, seconds: Sequence[float]) -> Spread:
        """The percentiles of latencies given in seconds, in any order."""
        ordered = sorted(seconds)
        return cls(len(ordered), *(1000 * at_share(ordered, share) for share in (0.5, 0.95, 0.99, 1.0)))

    def words(self) -> str:
        """p50, p95 and p99 in one cell."""
        return f"p50 {number(self.p50)}  p95 {number(self.p95)}  p99 {number(self.p99)} ms"


def at_share(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the ordered values does not exceed; 0 of none."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def middle(values: Sequence[float]) -> float:
    """The median; 0 of none."""
    return median(values) if values else 0.0


def tell(line: str) -> None:
    """A line of progress, apart from the table."""
    print(f"[{time.monotonic() - _STARTED:6.1f} s] {line}", file=sys.stderr, flush=True)


def number(value: float) -> str:
    """Short: three digits that matter, thousands apart."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2
    return f"{value:,.{digits}f}"


def _with_unit(value: float, unit: str) -> str:
    shown = f"{value:,.0f}" if float(value).is_integer() else number(value)
    return f"{shown} {unit}".strip()


def _line(row: Row, widths: Sequence[int]) -> str:
    what, measured, beside = widths
    cells = f"{row.what:<{what}}  {row.measured:>{measured}}  {row.beside:>{beside}}  {row.ratio:>6}"
    return cells.rstrip()
