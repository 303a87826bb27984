"""Writes messages of the replication protocol as PostgreSQL does, to read them back in tests."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

from regard.connectors.postgres.decode_pgoutput import (
    UNCHANGED,
    Begin,
    Commit,
    Delete,
    Insert,
    LogicalMessage,
    Message,
    Origin,
    Relation,
    Row,
    Truncate,
    TypeName,
    Update,
)

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _time(at: datetime) -> bytes:
    return struct.pack("!q", (at - _EPOCH) // timedelta(microseconds=1))


def _text(text: str) -> bytes:
    return text.encode() + b"\0"


def _row(row: Row) -> bytes:
    parts = [struct.pack("!H", len(row))]
    for value in row:
        if value is None:
            parts.append(b"n")
        elif value is UNCHANGED:
            parts.append(b"u")
        else:
            assert isinstance(value, str)
            parts.append(b"t" + struct.pack("!I", len(value.encode())) + value.encode())
    return b"".join(parts)


def encode_message(message: Message) -> bytes:  # noqa: C901 - one case a kind of message
    """The bytes of a message."""
    match message:
        case Begin(lsn, at, xid):
            return b"B" + struct.pack("!q", lsn) + _time(at) + struct.pack("!I", xid)
        case Commit(lsn, end, at):
            return b"C\0" + struct.pack("!qq", lsn, end) + _time(at)
        case Relation(oid, schema, table, identity, columns):
            parts = [b"R", struct.pack("!I", oid), _text(schema), _text(table), identity.encode()]
            parts.append(struct.pack("!H", len(columns)))
            for one in columns:
                parts += [bytes([one.is_key]), _text(one.name), struct.pack("!Ii", one.type_oid, -1)]
            return b"".join(parts)
        case TypeName(oid, schema, name):
            return b"Y" + struct.pack("!I", oid) + _text(schema) + _text(name)
        case Insert(relation, new):
            return b"I" + struct.pack("!I", relation) + b"N" + _row(new)
        case Update(relation, new, old, whole):
            before = b"" if old is None else (b"O" if whole else b"K") + _row(old)
            return b"U" + struct.pack("!I", relation) + before + b"N" + _row(new)
        case Delete(relation, old, whole):
            return b"D" + struct.pack("!I", relation) + (b"O" if whole else b"K") + _row(old)
        case Truncate(relations):
            return (
                b"T" + struct.pack("!IB", len(relations), 0) + struct.pack(f"!{len(relations)}I", *relations)
            )
        case LogicalMessage(prefix, content, lsn, transactional):
            head = bytes([transactional]) + struct.pack("!q", lsn) + _text(prefix)
            return b"M" + head + struct.pack("!I", len(content)) + content
        case Origin(name, lsn):
            return b"O" + struct.pack("!q", lsn) + _text(name)
