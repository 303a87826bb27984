"""Asks a PostgreSQL source what it has and allows. Blocks; call it from a thread."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from regard.connectors.postgres.describe_source_table import SourceColumn, SourceTable
from regard.connectors.postgres.open_postgres import Connection, ask, read_statements
from regard.connectors.postgres.postgres_settings import PostgresSettings

STATEMENTS = read_statements(__package__, "statements.sql")


@dataclass(frozen=True, slots=True)
class Publication:
    """The list of tables whose changes are sent."""

    owned: bool
    all_tables: bool
    all_changes: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """The bookmark that the source keeps; positions are text such as `0/16B3748`."""

    plugin: str
    here: bool
    active: bool
    invalid: bool
    confirmed: str | None
    wal_status: str | None = None


@dataclass(frozen=True, slots=True)
class SourceState:
    """All that is known about a source. `tables` are those that the settings mean, published or not."""

    server: Mapping[str, Any]
    tables: Sequence[SourceTable]
    publication: Publication | None
    slot: Slot | None

    @property
    def now(self) -> datetime:
        """The time on the source's clock."""
        return datetime.fromisoformat(self.server["now"])

    @property
    def published(self) -> list[SourceTable]:
        """The tables whose changes are sent."""
        return [one for one in self.tables if one.published]


def inspect_postgres(connection: Connection, settings: PostgresSettings) -> SourceState:
    """The present state of the source."""
    values = {"slot": settings.slot, "publication": settings.publication}
    server = json.loads(ask(connection, STATEMENTS["describe_server"], values)[0])
    publications = ask(connection, STATEMENTS["describe_publication"], values)
    slots = ask(connection, STATEMENTS["describe_slot"], values)
    described = json.loads(publications[0]) if publications else {"tables": []}
    listed = {(one["schema"], one["table"]): one for one in described["tables"]}
    rows = [json.loads(text) for text in ask(connection, STATEMENTS["describe_tables"], values)]
    tables = [
        _publish(_table(row), listed.get((row["schema"], row["table"])))
        for row in rows
        if settings.means(row["schema"], row["table"]) and _is_candidate(row, listed, settings)
    ]
    publication = None
    if publications:
        publication = Publication(described["owned"], described["all_tables"], described["changes"])
    return SourceState(server, tables, publication, _slot(slots))


def measure_lag(connection: Connection, settings: PostgresSettings) -> dict[str, Any] | None:
    """How much of the source's log waits for Regard; None when there is no slot."""
    texts = ask(connection, STATEMENTS["measure_lag"], {"slot": settings.slot})
    if not texts:
        return None
    lag: dict[str, Any] = json.loads(texts[0])
    return lag


def _is_candidate(
    row: Mapping[str, Any], listed: Mapping[tuple[str, str], Any], settings: PostgresSettings
) -> bool:
    """Whether a relation counts: published ones do, partitions follow their parent, views only when named."""
    name = (row["schema"], row["table"])
    if name in listed or ".".join(name) in settings.exact_tables:
        return True
    ordinary = row["kind"] in ("r", "p") and row["persistence"] == "p" and not row["partition"]
    return ordinary and bool(settings.patterns)


def _table(row: Mapping[str, Any]) -> SourceTable:
    return SourceTable(
        oid=row["oid"],
        schema=row["schema"],
        table=row["table"],
        identity=row["identity"],
        columns=tuple(SourceColumn(one["name"], one["declared"], one["base"]) for one in row["columns"]),
        primary_key=tuple(row["primary_key"]),
        identity_index=tuple(row["identity_index"]),
        readable=row["readable"],
        replicable=row["kind"] in ("r", "p") and row["persistence"] == "p",
        filtered_by_row=row["filtered"],
        owned=row["owned"],
        partitioned=row["kind"] == "p",
    )


def _publish(table: SourceTable, listed: Mapping[str, Any] | None) -> SourceTable:
    if listed is None:
        return table
    columns = table.columns
    if listed["columns"] is not None:
        columns = tuple(one for one in columns if one.name in listed["columns"])
    return replace(
        table, published=True, columns=columns, row_filter=listed["filter"], member=listed["member"]
    )


def _slot(texts: Sequence[str]) -> Slot | None:
    if not texts:
        return None
    row = json.loads(texts[0])
    return Slot(
        row["plugin"],
        row["here"] or False,
        row["active"],
        row["invalid"],
        row["confirmed"],
        row["wal_status"],
    )
