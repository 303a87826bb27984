"""Reads whole tables of a PostgreSQL source in the order of their keys, and single rows by key. Blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import psycopg2
import psycopg2.errors
from psycopg2 import sql

from regard.connectors.connector_contract import SourceUnavailableError
from regard.connectors.postgres.describe_source_table import SourceTable
from regard.connectors.postgres.inspect_postgres import STATEMENTS
from regard.connectors.postgres.open_postgres import Connection, open_reader
from regard.connectors.postgres.postgres_settings import PostgresSettings

Texts = dict[str, str | None]

_FIRST_FETCH = 100
_MOST_ROWS = 1_000
_GOOD_BYTES = 2_000_000


class TableReader:
    """Reads tables in the state of an exported snapshot.

    At most a thousand rows are in memory at a time, fewer when they are large.
    """

    def __init__(self, settings: PostgresSettings, snapshot: str) -> None:
        self._connection = open_reader(settings, autocommit=False)
        self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        self._cursor: Any = None
        self._columns: list[str] = []
        self._count = _FIRST_FETCH
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(STATEMENTS["share_snapshot"], {"snapshot": snapshot})
                cursor.execute(STATEMENTS["tell_time"])
                row = cursor.fetchone()
        except psycopg2.Error as problem:
            self.close()
            raise SourceUnavailableError(
                "The state of the source that was to be read is gone; its connection broke. Regard"
                " tries again."
            ) from problem
        self.now = datetime.fromisoformat(row[0]) if row else None

    def begin(self, table: SourceTable, after: Sequence[str]) -> None:
        """Start with a table, behind the row with this key (empty: with the first)."""
        if self._cursor is not None:
            self._cursor.close()
        self._columns = [one.name for one in table.columns]
        self._count = _FIRST_FETCH
        self._cursor = self._connection.cursor(name="regard_reading")
        self._cursor.execute(*reading_statement(table, after))

    def rows(self) -> list[Texts]:
        """The next rows; empty at the end of the table."""
        fetched = self._cursor.fetchmany(self._count)
        size = sum(len(text) for row in fetched for text in row if text is not None)
        average = max(1, size // max(1, len(fetched)))
        self._count = min(_MOST_ROWS, max(1, _GOOD_BYTES // average))
        return [dict(zip(self._columns, row, strict=True)) for row in fetched]

    def close(self) -> None:
        """End the transaction and the connection."""
        self._connection.close()


def reading_statement(table: SourceTable, after: Sequence[str]) -> tuple[sql.Composed, list[str]]:
    """The statement that reads a table by key, and its values.

    It cannot stand in a file: its names are those of the source, composed and quoted by psycopg2. Children of
    a table by inheritance speak for themselves, partitions do not.
    """
    only = sql.SQL("" if table.partitioned else "ONLY ")
    parts = [
        sql.SQL("SELECT {names} FROM {only}{table}").format(
            names=_names(one.name for one in table.columns), only=only, table=_table(table)
        )
    ]
    conditions: list[sql.Composable] = []
    if table.row_filter:
        # The source's own words for the rows of its publication.
        conditions.append(sql.SQL("({})").format(_verbatim(table.row_filter)))
    values: list[str] = []
    if table.key and after:
        conditions.append(sql.SQL("({}) > ({})").format(_names(table.key), _places(table)))
        values = list(after)
    if conditions:
        parts.append(sql.SQL("WHERE {}").format(sql.SQL(" AND ").join(conditions)))
    if table.key:
        parts.append(sql.SQL("ORDER BY {}").format(_names(table.key)))
    return sql.SQL(" ").join(parts), values


def fetch_rows(
    connection: Connection, table: SourceTable, keys: Iterable[Sequence[str]], columns: Sequence[str]
) -> dict[tuple[str, ...], Texts]:
    """The present values of some columns of the rows with these keys; rows that are gone are left out.

    Empty also when the table has no such column any more: then it is about to be read again as a whole.
    """
    wanted = [tuple(one) for one in keys]
    if not wanted or not table.key:
        return {}
    one = sql.SQL("({})").format(_places(table))
    statement = sql.SQL("SELECT {names} FROM {table} WHERE ({key}) IN ({rows})").format(
        names=_names((*table.key, *columns)),
        table=_table(table),
        key=_names(table.key),
        rows=sql.SQL(", ").join([one] * len(wanted)),
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, [text for one in wanted for text in one])
            found = cursor.fetchall()
    except (psycopg2.errors.UndefinedColumn, psycopg2.errors.UndefinedTable):
        return {}
    width = len(table.key)
    return {tuple(one[:width]): dict(zip(columns, one[width:], strict=True)) for one in found}


def _table(table: SourceTable) -> sql.Identifier:
    return sql.Identifier(_doubled(table.schema), _doubled(table.table))


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(_doubled(one)) for one in names)


def _places(table: SourceTable) -> sql.Composed:
    """Where the values of a key go, each read as its column's type."""
    declared = {one.name: one.declared for one in table.columns}
    return sql.SQL(", ").join(sql.SQL("%s::") + _verbatim(declared[name]) for name in table.key)


def _verbatim(text: str) -> sql.SQL:
    """What the catalogue of the source gave as SQL: a condition or a type."""
    return sql.SQL(_doubled(text))


def _doubled(text: str) -> str:
    # psycopg2 takes a single % for the place of a value, in names too.
    return text.replace("%", "%%")
