"""What a published table looks like, under which stream its rows go, and what names a row. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regard.connectors.postgres.decode_pgoutput import Identity

LONGEST_ID = 500


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A published column; `base` names its type: of a domain the one beneath, of an array with `_` before."""

    name: str
    declared: str
    base: str


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table of the source as its catalogue describes it now.

    `row_filter` is the condition of the publication, SQL of the source's own; `member` names its place there:
    another one after it was taken out and put back, when changes may have gone untold.
    """

    oid: int
    schema: str
    table: str
    identity: Identity
    columns: tuple[SourceColumn, ...]
    primary_key: tuple[str, ...] = ()
    identity_index: tuple[str, ...] = ()
    row_filter: str | None = None
    member: str = ""
    published: bool = False
    readable: bool = True
    replicable: bool = True
    filtered_by_row: bool = False
    owned: bool = True
    partitioned: bool = False

    @property
    def stream(self) -> str:
        """The stream of its rows."""
        return stream_of(self.schema, self.table)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name a row, in the order of the table; empty when only the whole row does."""
        return self.identity_index if self.identity == "i" else self.primary_key

    @property
    def usable(self) -> bool:
        """Whether its rows can be read and its changes captured without harm to the source."""
        return self.replicable and self.readable and self.tells_changes and bool(self.columns)

    @property
    def tells_changes(self) -> bool:
        """Whether the source accepts updates and deletes of its rows once it is published."""
        if self.identity == "d":
            return bool(self.primary_key)
        return self.identity != "n"

    @property
    def fingerprint(self) -> str:
        """Changes when the columns do, or what names a row, or when changes may have gone untold."""
        parts = [[one.name, one.declared] for one in self.columns]
        text = json.dumps([parts, list(self.key), self.row_filter, self.member])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def stream_of(schema: str, table: str) -> str:
    """The stream of a table's rows: its name, with the schema before it unless that is `public`."""
    return table if schema == "public" else f"{schema}.{table}"


def identify_row(key: Sequence[str], row: Mapping[str, str | None]) -> str:
    """The external id of a row: its key, several values joined by `|`, or a digest of the whole row.

    Columns without a value are left out of the digest, so that a new column does not make other rows of old
    ones. Keys too long to be an id are digests too.
    """
    if not key:
        filled = {name: text for name, text in row.items() if text is not None}
        return _digest(filled)
    texts = [row.get(name) or "" for name in key]
    joined = texts[0] if len(texts) == 1 else "|".join(_escape(text) for text in texts)
    return joined if len(joined) <= LONGEST_ID else _digest(dict(zip(key, texts, strict=True)))


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _digest(values: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:40]
