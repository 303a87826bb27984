"""Finds out what the columns of a table or query are, which name a row and which tells changes. Blocks."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from regard.connectors.connector_contract import SettingsRefusedError
from regard.connectors.sql.sql_settings import StreamSettings

CURSOR_LABEL = "regard_cursor_value"
_MOST_TOLD = 10


@dataclass(frozen=True, slots=True)
class SqlStream:
    """A table or query ready to be read. `utc` are columns whose times without zone are in UTC.

    `cursor` is the expression that is compared, read as what it holds; None: full comparison.
    """

    settings: StreamSettings
    selectable: FromClause
    columns: tuple[str, ...]
    key: tuple[str, ...]
    cursor: ColumnElement[Any] | None
    utc: frozenset[str] = frozenset()

    @property
    def shape(self) -> str:
        """A short digest of the names of columns and key."""
        text = json.dumps([self.columns, self.key, self.settings.cursor])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def cursor_is_utc(self) -> bool:
        """Whether times of the cursor that carry no zone are in UTC."""
        return self.settings.cursor in self.utc

    def column(self, name: str) -> ColumnElement[Any]:
        """A column by its name."""
        found: ColumnElement[Any] = self.selectable.c[name]
        return found


def reflect_sql_stream(engine: sa.Engine, settings: StreamSettings) -> SqlStream:
    """What the database says about it; raises `SettingsRefusedError` when the settings do not fit."""
    selectable = _table(engine, settings) if settings.table else _query(engine, settings)
    names = tuple(column.name for column in selectable.c)
    key = settings.key or tuple(column.name for column in selectable.primary_key)
    for what, name in [*(("key", one) for one in key), ("cursor", settings.cursor)]:
        if name is not None and name not in names:
            raise SettingsRefusedError(
                f"“{settings.name}” has no column “{name}”, which is named as its {what}. It has:"
                f" {', '.join(names[:40])}."
            )
    if settings.cursor and not key:
        raise SettingsRefusedError(
            f"“{settings.name}” has no primary key. Name under “Key columns” what tells its rows apart, or"
            " leave the column of changes out, so that everything is compared."
        )
    utc = frozenset(
        column.name
        for column in selectable.c
        if engine.dialect.name in ("mysql", "mariadb") and isinstance(column.type, sa.TIMESTAMP)
    )
    return SqlStream(settings, selectable, names, tuple(key), _cursor(engine, settings, selectable), utc)


def tell_change(before: SqlStream, now: SqlStream) -> str | None:
    """Which columns came and went between two looks at a table or query, in words; None when none did."""
    gone = [name for name in before.columns if name not in now.columns]
    new = [name for name in now.columns if name not in before.columns]
    said = [_tell_columns(names, word) for names, word in ((gone, "gone"), (new, "new")) if names]
    if not said:
        return None
    return f"The columns of “{now.settings.name}” changed: {' and '.join(said)}. Regard reads it anew."


def _tell_columns(names: list[str], word: str) -> str:
    told = ", ".join(f"“{name}”" for name in names[:_MOST_TOLD]) + (" …" if len(names) > _MOST_TOLD else "")
    return f"{told} {'is' if len(names) == 1 else 'are'} {word}"


def _table(engine: sa.Engine, settings: StreamSettings) -> FromClause:
    schema, _, name = (settings.table or "").rpartition(".")
    try:
        table = sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=engine, resolve_fks=False)
    except NoSuchTableError as problem:
        raise SettingsRefusedError(
            f"There is no table “{settings.table}” that this user may see. Correct its name, or grant the"
            " right to read it."
        ) from problem
    for column in table.columns:
        if _is_misread(engine.dialect.name, column.type):
            column.type = sa.types.NullType()
    return table


def _query(engine: sa.Engine, settings: StreamSettings) -> FromClause:
    text = (settings.query or "").replace(":", "\\:")
    probe = sa.text(f"SELECT * FROM ({text}) regard_query WHERE 1 = 0")  # noqa: S608 - the user's own query
    with engine.connect() as connection:
        names = list(connection.execute(probe).keys())
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
    return sa.text(text).columns(*columns).subquery("regard_query")


def _is_misread(dialect: str, kind: sa.types.TypeEngine[Any]) -> bool:
    """Whether SQLAlchemy would make something else of the values than they are.

    SQLite keeps what it was given, whatever a column is declared as; a TIME of MySQL may be minus 30 hours.
    """
    if dialect == "sqlite":
        return not isinstance(kind, sa.Boolean)
    return dialect in ("mysql", "mariadb") and isinstance(kind, sa.Time)


def _cursor(engine: sa.Engine, settings: StreamSettings, selectable: FromClause) -> ColumnElement[Any] | None:
    if settings.cursor is None:
        return None
    column: ColumnElement[Any] = selectable.c[settings.cursor]
    if isinstance(column.type, mssql.TIMESTAMP):
        # The rowversion of SQL Server, eight bytes that grow with every change; no time, whatever its name.
        return sa.cast(column, sa.BigInteger)
    lite = engine.dialect.name == "sqlite"
    if settings.cursor_type == "number" and (lite or isinstance(column.type, sa.String | sa.types.NullType)):
        return sa.cast(column, sa.BigInteger)
    if settings.cursor_type == "time" and not lite and isinstance(column.type, sa.String):
        return sa.cast(column, sa.DateTime)
    return column
