"""Turns row messages of the replication stream into changes of records, with what the relations say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from regard.connectors.connector_contract import SourceMisbehavesError
from regard.connectors.postgres.convert_pg_text import BUILT_IN_TYPES, convert_text
from regard.connectors.postgres.decode_pgoutput import (
    UNCHANGED,
    Delete,
    Insert,
    Relation,
    Row,
    TypeName,
    Unchanged,
    Update,
)
from regard.connectors.postgres.describe_source_table import SourceTable, identify_row, stream_of


@dataclass(frozen=True, slots=True)
class Change:
    """A record that a transaction wrote: its row as text by column, None when deleted.

    `missing` are the columns that were not sent because the update left them as they were; they are to be
    asked for by key. `types` maps columns to the names of their types.
    """

    stream: str
    table: tuple[str, str]
    external_id: str
    row: Mapping[str, str | None] | None
    key: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any] | None:
        """The JSON object of the record."""
        return None if self.row is None else convert_row(self.row, self.types)

    def completed(self, values: Mapping[str, str | None]) -> Change:
        """The same with the missing columns filled."""
        return replace(self, row={**(self.row or {}), **values}, missing=())


def convert_row(row: Mapping[str, str | None], types: Mapping[str, str]) -> dict[str, Any]:
    """A row of texts as a JSON object."""
    return {
        name: None if text is None else convert_text(types.get(name, "text"), text)
        for name, text in row.items()
    }


class Relations:
    """The tables that the stream has described so far, and what the catalogue adds about their keys."""

    def __init__(self, tables: Iterable[SourceTable] = ()) -> None:
        self._relations: dict[int, Relation] = {}
        self._types: dict[int, str] = dict(BUILT_IN_TYPES)
        self._tables: dict[tuple[str, str], SourceTable] = {}
        self.set_tables(tables)

    def set_tables(self, tables: Iterable[SourceTable]) -> None:
        """Take what the catalogue says now; tables that are not among them are left out of the changes."""
        self._tables = {(one.schema, one.table): one for one in tables}

    def learn(self, message: Relation | TypeName) -> bool:
        """Remember a table or a type; whether that table was not known in this shape."""
        if isinstance(message, TypeName):
            self._types[message.oid] = message.name
            return False
        news = self._relations.get(message.oid) != message
        self._relations[message.oid] = message
        return news

    def is_wanted(self, relation: int) -> bool:
        """Whether changes of this table are to be handed on."""
        one = self._relation(relation)
        return (one.schema, one.table) in self._tables

    def stream(self, relation: int) -> str:
        """The stream of this table's rows."""
        one = self._relation(relation)
        return stream_of(one.schema, one.table)

    def changes(self, message: Insert | Update | Delete) -> list[Change]:
        """One change; two when the key of a row has changed; none for a table that is not wanted."""
        relation = self._relation(message.relation)
        if not self.is_wanted(message.relation):
            return []
        key = self._key(relation)
        if isinstance(message, Insert):
            return [self._upsert(relation, key, _by_name(relation, message.new))]
        old = _by_name(relation, message.old) if message.old is not None else None
        if isinstance(message, Delete):
            return [self._deletion(relation, key, old or {})]
        return self._update(relation, key, message, old)

    def _update(
        self, relation: Relation, key: tuple[str, ...], message: Update, old: dict[str, Any] | None
    ) -> list[Change]:
        new = _by_name(relation, message.new)
        for name, value in new.items():
            known = old is not None and (message.old_is_whole or name in key)
            if value is UNCHANGED and old is not None and known:
                new[name] = old[name]
        change = self._upsert(relation, key, new)
        if old is None:
            return [change]
        before = self._deletion(relation, key, old)
        return [change] if before.external_id == change.external_id else [before, change]

    def _upsert(
        self, relation: Relation, key: tuple[str, ...], row: dict[str, str | Unchanged | None]
    ) -> Change:
        missing = tuple(name for name, value in row.items() if value is UNCHANGED)
        texts = _texts(row)
        return Change(
            stream_of(relation.schema, relation.table),
            (relation.schema, relation.table),
            identify_row(key, texts),
            texts,
            tuple((name, texts.get(name) or "") for name in key),
            missing,
            self._types_of(relation),
        )

    def _deletion(
        self, relation: Relation, key: tuple[str, ...], row: dict[str, str | Unchanged | None]
    ) -> Change:
        stream = stream_of(relation.schema, relation.table)
        return Change(stream, (relation.schema, relation.table), identify_row(key, _texts(row)), None)

    def _types_of(self, relation: Relation) -> dict[str, str]:
        """The types of the columns: as the stream says, else as the catalogue does."""
        table = self._tables[relation.schema, relation.table]
        known = {one.name: one.base for one in table.columns}
        return {
            one.name: self._types.get(one.type_oid) or known.get(one.name, "text") for one in relation.columns
        }

    def _key(self, relation: Relation) -> tuple[str, ...]:
        if relation.identity in ("d", "i"):
            flagged = tuple(one.name for one in relation.columns if one.is_key)
            if flagged:
                return flagged
        known = self._tables[relation.schema, relation.table].primary_key
        names = {one.name for one in relation.columns}
        return known if names.issuperset(known) else ()

    def _relation(self, oid: int) -> Relation:
        relation = self._relations.get(oid)
        if relation is None:
            raise SourceMisbehavesError(f"the source sends rows of a table ({oid}) that it did not describe")
        return relation


def _by_name(relation: Relation, row: Row) -> dict[str, str | Unchanged | None]:
    if len(row) != len(relation.columns):
        raise SourceMisbehavesError(
            f"the source sends a row of {relation.table} with {len(row)} values for"
            f" {len(relation.columns)} columns"
        )
    return {column.name: value for column, value in zip(relation.columns, row, strict=True)}


def _texts(row: Mapping[str, str | Unchanged | None]) -> dict[str, str | None]:
    return {name: value for name, value in row.items() if not isinstance(value, Unchanged)}
