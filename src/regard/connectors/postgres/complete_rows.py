"""Asks a PostgreSQL source by key for what its log left out: large values that an update did not touch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import psycopg2

from regard.connectors.connector_contract import SourceUnavailableError
from regard.connectors.postgres.derive_row_changes import Change
from regard.connectors.postgres.describe_source_table import SourceTable
from regard.connectors.postgres.open_postgres import Connection, tell_code
from regard.connectors.postgres.read_tables import Texts, fetch_rows

Group = dict[tuple[tuple[str, str], tuple[str, ...]], list[Change]]


class RowCompleter:
    """Completes changes over one connection of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __call__(
        self, changes: Sequence[Change], tables: Mapping[tuple[str, str], SourceTable]
    ) -> list[Change]:
        """The changes, whole. One whose row is gone is left out: what became of it follows in the log."""
        groups = _group(changes)
        if not groups:
            return list(changes)
        found: dict[tuple[str, str], Texts] = {}
        for (name, columns), group in groups.items():
            keys = [tuple(text for _, text in one.key) for one in group]
            rows = await asyncio.to_thread(self._fetch, tables[name], keys, columns)
            for one, key in zip(group, keys, strict=True):
                if key in rows:
                    found[one.stream, one.external_id] = rows[key]
        return [
            one.completed(found[one.stream, one.external_id]) if one.missing else one
            for one in changes
            if not one.missing or (one.stream, one.external_id) in found
        ]

    def _fetch(
        self, table: SourceTable, keys: Sequence[tuple[str, ...]], columns: tuple[str, ...]
    ) -> dict[tuple[str, ...], Texts]:
        try:
            return fetch_rows(self._connection, table, keys, columns)
        except psycopg2.Error as problem:
            raise SourceUnavailableError(
                f"Large values of {table.stream} cannot be read{tell_code(problem)}. Regard tries again;"
                " check that its user may still read the table."
            ) from problem


def _group(changes: Iterable[Change]) -> Group:
    groups: Group = {}
    for change in changes:
        if change.missing:
            groups.setdefault((change.table, change.missing), []).append(change)
    return groups
