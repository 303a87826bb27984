"""How far a manifest's stream was read: the cursor that is kept with its records.

    {"known": {partition: position}, "floor": position, "parents": {stream: cursor},
     "round": {"end": position, "done": [marks], "at": {"mark", "start", "token", "high"}}}

`known` says up to where each partition was read; for more than 10,000 partitions only the position up to
which all of them are known is kept, in `floor`. `round` stands in it while a reading is under way: which
partitions are done, and the window and page that come next. Nothing in it lies behind a record that was not
handed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from regard.connectors.connector_contract import Cursor

MOST_PARTITIONS = 10_000
_MOST_DONE = 100_000


def mark_of(key: str) -> str:
    """A short sign for a partition."""
    return hashlib.blake2b(key.encode(), digest_size=6).hexdigest() if key else ""


@dataclass(slots=True)
class Place:
    """Within a partition: the window that comes next, its page, and the highest position seen."""

    mark: str
    start: str = ""
    token: Any = None
    high: str = ""


@dataclass(slots=True)
class Progress:
    """The state of one stream; changed while it is read."""

    known: dict[str, str] = field(default_factory=dict)
    floor: str = ""
    parents: dict[str, Any] = field(default_factory=dict)
    end: str = ""
    done: set[str] = field(default_factory=set)
    place: Place | None = None
    under_way: bool = False
    parents_after: dict[str, Any] = field(default_factory=dict)
    forgets_done: bool = False

    def begin(self, end: str) -> None:
        """A new round, unless one is under way."""
        if not self.under_way:
            self.under_way, self.end, self.done, self.place = True, end, set(), None

    def position_of(self, mark: str) -> str:
        """Up to where a partition is known."""
        return self.known.get(mark, self.floor)

    def finish_partition(self, mark: str, position: str) -> None:
        """A partition was read to its end."""
        if position:
            self.known[mark] = position
        self.done.add(mark)
        self.place = None

    def finish_round(self, share: Callable[[Collection[str], str], str], *, one_position: bool) -> None:
        """All partitions were read: those that no longer exist are forgotten, many become one.

        `share` gives the position up to which all are known, from that of each and the end of the round.
        """
        if not self.parents:
            self.known = {mark: one for mark, one in self.known.items() if mark in self.done}
        if self.known and (one_position or len(self.known) > MOST_PARTITIONS):
            self.floor, self.known = max(self.floor, share(self.known.values(), self.end)), {}
        self.parents = {**self.parents, **self.parents_after}
        self.under_way, self.end, self.done, self.place = False, "", set(), None

    def size(self) -> int:
        """How many entries a cursor has now."""
        return len(self.known) + (len(self.done) if self.under_way else 0)

    def write(self) -> Cursor:
        """The cursor."""
        cursor: dict[str, Any] = {"known": dict(self.known)}
        if self.floor:
            cursor["floor"] = self.floor
        if self.parents:
            cursor["parents"] = self.parents
        if self.under_way:
            # Without the list of what is done, an interrupted round begins anew: that costs time, no record.
            # With parents read by their changes it must: one may have changed since its part was done.
            forgets = self.forgets_done or len(self.done) > _MOST_DONE
            cursor["round"] = {"end": self.end, "done": [] if forgets else sorted(self.done)}
            if self.place is not None:
                place = self.place
                cursor["round"]["at"] = {
                    "mark": place.mark, "start": place.start, "token": place.token, "high": place.high,
                }  # fmt: skip
        return cursor


def read_progress(cursor: Cursor | None) -> Progress:
    """The state that a cursor tells."""
    if not cursor:
        return Progress()
    progress = Progress(
        dict(cursor.get("known") or {}), cursor.get("floor") or "", dict(cursor.get("parents") or {})
    )
    turn: Mapping[str, Any] | None = cursor.get("round")
    if turn:
        progress.under_way, progress.end, progress.done = True, turn["end"], set(turn["done"])
        at = turn.get("at")
        progress.place = Place(at["mark"], at["start"], at["token"], at["high"]) if at else None
    return progress
