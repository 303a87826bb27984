"""Puts the messages of the replication stream together to transactions; skips those already taken. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from regard.connectors.connector_contract import SourceMisbehavesError
from regard.connectors.postgres.decode_pgoutput import (
    Begin,
    Commit,
    Delete,
    Insert,
    Message,
    Relation,
    Truncate,
    TypeName,
    Update,
)
from regard.connectors.postgres.derive_row_changes import Change, Relations


@dataclass(frozen=True, slots=True)
class Position:
    """How far the stream has been taken: all that was committed before `lsn`.

    Of the transaction whose commit lies at `inside` (0: none) also the first `done` row messages, for one
    that is too large to be taken at once.
    """

    lsn: int
    inside: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A transaction, or a part of a large one, with the position behind it.

    Only the last state of each record is in it. `emptied` are the streams that lost all records before.
    """

    changes: Sequence[Change]
    committed_at: datetime
    position: Position
    emptied: Sequence[str] = ()


class TransactionAssembler:
    """Takes messages in the order they come and gives the pieces that are complete.

    Nothing of a transaction is given before its last message is here, but for one with more than `most`
    changes or `most_bytes`: the source sends it only after it was committed, so its parts may be taken one by
    one. `read_as_of` tells of streams how far in the log their whole reading saw: older changes are in it.
    """

    def __init__(
        self,
        position: Position,
        relations: Relations,
        *,
        read_as_of: Mapping[str, int] | None = None,
        most: int = 2_000,
        most_bytes: int = 8_388_608,
    ) -> None:
        self.position = position
        self._relations = relations
        self._read_as_of = read_as_of or {}
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._begin: Begin | None = None
        self._seen = 0
        self._already = 0
        self._changes: dict[tuple[str, str], Change] = {}

    @property
    def inside(self) -> bool:
        """Whether a transaction has begun and not ended."""
        return self._begin is not None

    def feed(self, message: Message, size: int = 0) -> list[Piece]:
        """The pieces that this message of `size` bytes completes."""
        self._bytes += size
        if isinstance(message, Begin):
            self._open(message)
        elif isinstance(message, Relation | TypeName):
            self._relations.learn(message)
        elif isinstance(message, Insert | Update | Delete):
            return self._row(message)
        elif isinstance(message, Truncate):
            return self._truncate(message)
        elif isinstance(message, Commit):
            return self._close(message)
        return []

    def _open(self, begin: Begin) -> None:
        self._begin, self._seen, self._changes, self._bytes = begin, 0, {}, 0
        self._already = self.position.done if begin.final_lsn == self.position.inside else 0

    def _row(self, message: Insert | Update | Delete) -> list[Piece]:
        begin = self._running()
        self._seen += 1
        if self._is_taken(begin):
            return []
        for change in self._relations.changes(message):
            if begin.final_lsn < self._read_as_of.get(change.stream, 0):
                continue
            at = (change.stream, change.external_id)
            self._changes[at] = _fill(change, self._changes.pop(at, None))
        full = len(self._changes) >= self._most or self._bytes >= self._most_bytes
        return [self._cut(begin, self._seen)] if full and self._changes else []

    def _truncate(self, message: Truncate) -> list[Piece]:
        begin = self._running()
        self._seen += 1
        if self._is_taken(begin):
            return []
        wanted = [oid for oid in message.relations if self._relations.is_wanted(oid)]
        streams = tuple(
            stream
            for stream in map(self._relations.stream, wanted)
            if begin.final_lsn >= self._read_as_of.get(stream, 0)
        )
        if not streams:
            return []
        for at in [one for one in self._changes if one[0] in streams]:
            del self._changes[at]
        # Behind the rows, but before this message: it must come again when only they were committed.
        earlier = [self._cut(begin, self._seen - 1)] if self._changes else []
        return [*earlier, Piece((), begin.committed_at, self._here(begin, self._seen), streams)]

    def _close(self, commit: Commit) -> list[Piece]:
        begin = self._running()
        self._begin = None
        if commit.end_lsn <= self.position.lsn:
            return []
        self.position = Position(commit.end_lsn)
        if not self._changes:
            return []
        return [Piece(tuple(self._changes.values()), begin.committed_at, self.position)]

    def _is_taken(self, begin: Begin) -> bool:
        return begin.final_lsn < self.position.lsn or self._seen <= self._already

    def _cut(self, begin: Begin, done: int) -> Piece:
        piece = Piece(tuple(self._changes.values()), begin.committed_at, self._here(begin, done))
        self._changes, self._bytes = {}, 0
        return piece

    def _here(self, begin: Begin, done: int) -> Position:
        return Position(self.position.lsn, begin.final_lsn, done)

    def _running(self) -> Begin:
        if self._begin is None:
            raise SourceMisbehavesError("the source sends rows outside a transaction")
        return self._begin


def _fill(change: Change, earlier: Change | None) -> Change:
    """Take large values that were not sent from an earlier row of the same transaction."""
    if not change.missing or earlier is None or earlier.row is None:
        return change
    known = {name: earlier.row[name] for name in change.missing if name in earlier.row}
    return change.completed(known) if len(known) == len(change.missing) else change
