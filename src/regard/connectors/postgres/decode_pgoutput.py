"""Decodes the messages of PostgreSQL's logical replication plug-in `pgoutput`, protocol version 1. Pure.

The layouts are those of PostgreSQL's documentation, "Logical Replication Message Formats". Numbers are big
endian; texts end with a zero byte; times are microseconds since 2000-01-01 UTC.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Literal

from regard.connectors.connector_contract import SourceMisbehavesError

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Unchanged(Enum):
    """Stands for a large value (TOAST) that an update left as it was and that was therefore not sent."""

    VALUE = "unchanged"


UNCHANGED = Unchanged.VALUE
Value = str | None | Unchanged
Row = tuple[Value, ...]
Identity = Literal["d", "n", "f", "i"]
"""Replica identity: default (primary key), nothing, full row, index."""

_IDENTITIES: dict[str, Identity] = {"d": "d", "n": "n", "f": "f", "i": "i"}


@dataclass(frozen=True, slots=True)
class Begin:
    """A transaction begins; `final_lsn` is where its commit record lies."""

    final_lsn: int
    committed_at: datetime
    xid: int


@dataclass(frozen=True, slots=True)
class Commit:
    """It ends; `end_lsn` is the position behind it, the one to confirm."""

    commit_lsn: int
    end_lsn: int
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class RelationColumn:
    """A column as it is sent; `is_key` when it belongs to the replica identity (all do when that is full)."""

    name: str
    type_oid: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """The shape of a table, sent before its first row and again when it has changed."""

    oid: int
    schema: str
    table: str
    identity: Identity
    columns: tuple[RelationColumn, ...]


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type that does not come with PostgreSQL; of a domain, the type beneath it."""

    oid: int
    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class Insert:
    """A new row."""

    relation: int
    new: Row


@dataclass(frozen=True, slots=True)
class Update:
    """A changed row; `old` is there when the key changed (only its key is filled) or the identity is full."""

    relation: int
    new: Row
    old: Row | None = None
    old_is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """A deleted row: its key, or all of it when the identity is full."""

    relation: int
    old: Row
    old_is_whole: bool


@dataclass(frozen=True, slots=True)
class Truncate:
    """Tables that were emptied."""

    relations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LogicalMessage:
    """Something that a program wrote into the log itself."""

    prefix: str
    content: bytes
    lsn: int
    transactional: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """The transaction came to the source by replication from elsewhere."""

    name: str
    lsn: int


Message = Begin | Commit | Relation | TypeName | Insert | Update | Delete | Truncate | LogicalMessage | Origin


class _Reader:
    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._at = 0

    def take(self, count: int) -> bytes:
        end = self._at + count
        if count < 0 or end > len(self._payload):
            raise SourceMisbehavesError(
                f"a replication message ends after {len(self._payload)} bytes though it announces more"
            )
        part = self._payload[self._at : end]
        self._at = end
        return part

    def byte(self) -> str:
        return chr(self.take(1)[0])

    def int16(self) -> int:
        return int(struct.unpack("!H", self.take(2))[0])

    def int32(self) -> int:
        return int(struct.unpack("!I", self.take(4))[0])

    def int64(self) -> int:
        return int(struct.unpack("!q", self.take(8))[0])

    def time(self) -> datetime:
        microseconds = self.int64()
        try:
            return _EPOCH + timedelta(microseconds=microseconds)
        except OverflowError:
            raise SourceMisbehavesError("a replication message has a time beyond the year 9999") from None

    def text(self) -> str:
        end = self._payload.find(b"\0", self._at)
        if end < 0:
            raise SourceMisbehavesError("a replication message has a text without an end")
        part = self._payload[self._at : end]
        self._at = end + 1
        return part.decode("utf-8", "replace")

    def row(self) -> Row:
        return tuple(self._value() for _ in range(self.int16()))

    def _value(self) -> Value:
        kind = self.byte()
        if kind == "n":
            return None
        if kind == "u":
            return UNCHANGED
        if kind == "t":
            return self.take(self.int32()).decode("utf-8", "replace")
        raise SourceMisbehavesError(f"a replication message has a value of the unknown kind {kind!r}")


def decode_message(payload: bytes) -> Message:
    """What one message says; raises `SourceMisbehavesError` when it is cut off or of an unknown kind."""
    reader = _Reader(payload)
    kind = reader.byte()
    decode = _DECODERS.get(kind)
    if decode is None:
        raise SourceMisbehavesError(
            f"the source sends replication messages of the unknown kind {kind!r}; "
            "the plug-in of the slot must be pgoutput"
        )
    return decode(reader)


def _begin(reader: _Reader) -> Begin:
    return Begin(reader.int64(), reader.time(), reader.int32())


def _commit(reader: _Reader) -> Commit:
    reader.byte()  # flags, none defined
    return Commit(reader.int64(), reader.int64(), reader.time())


def _relation(reader: _Reader) -> Relation:
    oid, schema, table, identity = reader.int32(), reader.text(), reader.text(), reader.byte()
    columns = []
    for _ in range(reader.int16()):
        is_key = reader.byte() == "\x01"
        name, type_oid = reader.text(), reader.int32()
        reader.int32()  # type modifier
        columns.append(RelationColumn(name, type_oid, is_key))
    # An empty name stands for pg_catalog.
    return Relation(oid, schema or "pg_catalog", table, _identity(identity), tuple(columns))


def _identity(letter: str) -> Identity:
    known = _IDENTITIES.get(letter)
    if known is not None:
        return known
    raise SourceMisbehavesError(f"a replication message has the unknown replica identity {letter!r}")


def _type(reader: _Reader) -> TypeName:
    return TypeName(reader.int32(), reader.text() or "pg_catalog", reader.text())


def _insert(reader: _Reader) -> Insert:
    relation = reader.int32()
    reader.byte()  # 'N'
    return Insert(relation, reader.row())


def _update(reader: _Reader) -> Update:
    relation, part = reader.int32(), reader.byte()
    if part == "N":
        return Update(relation, reader.row())
    old = reader.row()
    reader.byte()  # 'N'
    return Update(relation, reader.row(), old, part == "O")


def _delete(reader: _Reader) -> Delete:
    relation, part = reader.int32(), reader.byte()
    return Delete(relation, reader.row(), part == "O")


def _truncate(reader: _Reader) -> Truncate:
    count = reader.int32()
    reader.byte()  # CASCADE, RESTART IDENTITY
    return Truncate(tuple(reader.int32() for _ in range(count)))


def _message(reader: _Reader) -> LogicalMessage:
    transactional = reader.byte() == "\x01"
    lsn, prefix = reader.int64(), reader.text()
    return LogicalMessage(prefix, reader.take(reader.int32()), lsn, transactional)


def _origin(reader: _Reader) -> Origin:
    lsn = reader.int64()
    return Origin(reader.text(), lsn)


_DECODERS: dict[str, Callable[[_Reader], Message]] = {
    "B": _begin,
    "C": _commit,
    "R": _relation,
    "Y": _type,
    "I": _insert,
    "U": _update,
    "D": _delete,
    "T": _truncate,
    "M": _message,
    "O": _origin,
}
