"""Where change capture stands: position in the source's log, tables already read, the table being read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from regard.connectors.connector_contract import Cursor
from regard.connectors.postgres.assemble_transactions import Position

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table that was read whole: `shape` is the fingerprint of its columns then.

    The reading saw all that was committed before `as_of` in the source's log.
    """

    shape: str
    as_of: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A table that is being read: the key of the last row taken, as text."""

    stream: str
    table: ReadTable
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplicationCursor:
    """The state behind a batch.

    `system` is the identifier of the source's cluster, `slot` the slot that the position belongs to. `at` is
    the latest time that was given to a record.
    """

    system: str
    slot: str
    position: Position
    at: datetime
    tables: Mapping[str, ReadTable] = field(default_factory=dict)
    reading: Reading | None = None

    def to_json(self) -> Cursor:
        """The JSON object that is kept."""
        whole: dict[str, Any] = {
            "system": self.system,
            "slot": self.slot,
            "lsn": format_lsn(self.position.lsn),
            "at": self.at.isoformat(),
            "tables": {stream: _dump_table(one) for stream, one in self.tables.items()},
        }
        if self.position.inside:
            whole |= {"inside": format_lsn(self.position.inside), "done": self.position.done}
        if self.reading is not None:
            reading = self.reading
            whole["reading"] = {
                "stream": reading.stream,
                "after": list(reading.after),
                **_dump_table(reading.table),
            }
        return whole

    def stamp(self, changed_at: datetime, now: datetime) -> datetime:
        """The time that records get which follow on this cursor.

        It is when the source says they changed, but never in our future, for a clock that is years ahead
        would outrank every other source; and always later than what came before, for the order of the log
        decides which state of a record is the last, not a clock that was set back.
        """
        return max(min(changed_at, now), self.at + _TICK)

    def moved(self, position: Position, at: datetime | None = None) -> ReplicationCursor:
        """Further on in the log."""
        return replace(self, position=position, at=at or self.at)

    def read_to(self, reading: Reading, at: datetime) -> ReplicationCursor:
        """In the middle of reading a table."""
        return replace(self, reading=reading, at=at)

    def finished(self, reading: Reading, at: datetime) -> ReplicationCursor:
        """That table has been read whole."""
        tables = {**self.tables, reading.stream: reading.table}
        return replace(self, tables=tables, reading=None, at=at)


def load_cursor(cursor: Cursor | None) -> ReplicationCursor | None:
    """The kept state; None when there is none."""
    if not cursor:
        return None
    reading = cursor.get("reading")
    return ReplicationCursor(
        system=cursor["system"],
        slot=cursor["slot"],
        position=Position(
            parse_lsn(cursor["lsn"]), parse_lsn(cursor.get("inside", "0/0")), cursor.get("done", 0)
        ),
        at=datetime.fromisoformat(cursor["at"]).astimezone(UTC),
        tables={stream: _load_table(one) for stream, one in cursor.get("tables", {}).items()},
        reading=Reading(reading["stream"], _load_table(reading), tuple(reading["after"]))
        if reading
        else None,
    )


def _dump_table(table: ReadTable) -> dict[str, str]:
    return {"shape": table.shape, "as_of": format_lsn(table.as_of)}


def _load_table(kept: Mapping[str, Any]) -> ReadTable:
    return ReadTable(kept["shape"], parse_lsn(kept["as_of"]))


def parse_lsn(text: str) -> int:
    """A position in the log as a number, from PostgreSQL's `16/B374D848`."""
    high, _, low = text.partition("/")
    return int(high, 16) << 32 | int(low, 16)


def format_lsn(lsn: int) -> str:
    """A position in the log as PostgreSQL writes it."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"
