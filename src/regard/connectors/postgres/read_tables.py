"""Reads whole tables of a PostgreSQL source in the order of their keys, and single rows by key. Blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import psycopg2
import psycopg2.errors

from regard.connectors.connector_contract import SourceUnavailableError
from regard.connectors.postgres.describe_source_table import SourceTable
from regard.connectors.postgres.find_obstacles import full_name, quote
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
                cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
                cursor.execute("SELECT clock_timestamp()")
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


def reading_statement(table: SourceTable, after: Sequence[str]) -> tuple[str, list[str]]:
    """The statement that reads a table by key, and its values.

    Children of a table by inheritance speak for themselves, partitions do not.
    """
    only = "" if table.partitioned else "ONLY "
    statement = f"SELECT {_names(one.name for one in table.columns)} FROM {only}{_safe(full_name(table))}"  # noqa: S608 - quoted
    conditions = [f"({_safe(table.row_filter)})"] if table.row_filter else []
    values: list[str] = []
    if table.key and after:
        conditions.append(f"({_names(table.key)}) > ({_places(table)})")
        values = list(after)
    if conditions:
        statement += f" WHERE {' AND '.join(conditions)}"
    if table.key:
        statement += f" ORDER BY {_names(table.key)}"
    return statement, values


def fetch_rows(
    connection: Connection, table: SourceTable, keys: Iterable[Sequence[str]], columns: Sequence[str]
) -> dict[tuple[str, ...], Texts]:
    """The present values of some columns of the rows with these keys; rows that are gone are left out.

    Empty also when the table has no such column any more: then it is about to be read again as a whole.
    """
    wanted = [tuple(one) for one in keys]
    if not wanted or not table.key:
        return {}
    rows = ", ".join([f"({_places(table)})"] * len(wanted))
    statement = (
        f"SELECT {_names((*table.key, *columns))} FROM {_safe(full_name(table))}"  # noqa: S608 - quoted
        f" WHERE ({_names(table.key)}) IN ({rows})"
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, [text for one in wanted for text in one])
            found = cursor.fetchall()
    except (psycopg2.errors.UndefinedColumn, psycopg2.errors.UndefinedTable):
        return {}
    width = len(table.key)
    return {tuple(one[:width]): dict(zip(columns, one[width:], strict=True)) for one in found}


def _names(names: Iterable[str]) -> str:
    return _safe(", ".join(quote(one) for one in names))


def _places(table: SourceTable) -> str:
    """Where the values of a key go, each read as its column's type."""
    declared = {one.name: one.declared for one in table.columns}
    return ", ".join(f"%s::{_safe(declared[name])}" for name in table.key)


def _safe(text: str) -> str:
    # psycopg2 takes a single % for the place of a value.
    return text.replace("%", "%%")
