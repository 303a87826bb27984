"""Looks which tables and views a SQL database has, and how each would be read. Blocks in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Inspector
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import SQLAlchemyError

from regard.connectors.connector_contract import FoundEntry, Settings, Surroundings
from regard.connectors.sql.open_engine import explain_sql, open_engine
from regard.connectors.sql.sql_settings import settle_sql_settings

# Streams are what is asked for here; one must stand there to have the settings read.
SAMPLE_STREAM: Mapping[str, Any] = {"table": "any"}
_MOST = 500
_OWN_SCHEMAS = frozenset({"information_schema", "sys", "guest"})
_OWN_STARTS = ("pg_", "db_")
# Names of columns that tell when a row changed last, without signs between their words; the first wins.
_CHANGED = (
    "updatedat", "modifiedat", "changedat", "lastmodified", "lastmodifiedat", "lastmodifieddate",
    "lastupdated", "lastupdatedat", "lastchanged", "updatedon", "modifiedon", "changedon", "updated",
    "modified", "updatedate", "modifydate", "modifieddate", "updateddate", "dateupdated", "datemodified",
    "dateupd", "writedate", "systemmodstamp", "geaendertam", "geandertam", "aktualisiertam",
    "dataaktualizacji", "fechamodificacion",
)  # fmt: skip


async def find_tables(settings: Settings, surroundings: Surroundings) -> Sequence[FoundEntry]:
    """The first tables and views that this user may see, whatever streams the settings name, by name.

    Raises as opening and checking the source do.
    """
    read = settle_sql_settings({**settings, "streams": [SAMPLE_STREAM]}, surroundings)
    engine = open_engine(read)
    try:
        return await asyncio.to_thread(_look, engine)
    except SQLAlchemyError as problem:
        raise explain_sql(problem, read) from problem
    finally:
        await asyncio.to_thread(engine.dispose)


def _look(engine: sa.Engine) -> list[FoundEntry]:
    inspector = sa.inspect(engine)
    found: list[FoundEntry] = []
    for schema in _schemas(inspector, engine.dialect.name):
        tables = inspector.get_table_names(schema)
        names = sorted({*tables, *inspector.get_view_names(schema)})[: _MOST - len(found)]
        if not names:
            continue
        columns = inspector.get_multi_columns(schema=schema, filter_names=names, kind=ObjectKind.ANY)
        keys = inspector.get_multi_pk_constraint(schema=schema, filter_names=names)
        keyed = {name for (_, name), key in keys.items() if key["constrained_columns"]}
        by_name = {name: some for (_, name), some in columns.items()}
        found += [_entry(schema, name, by_name[name], name in keyed) for name in names if name in by_name]
    return found


def _schemas(inspector: Inspector, dialect: str) -> Iterator[str | None]:
    """The user's own schema under no name, then the others of the database."""
    yield None
    if dialect in ("postgresql", "mssql"):
        for schema in sorted(inspector.get_schema_names()):
            own = schema.lower() in _OWN_SCHEMAS or schema.lower().startswith(_OWN_STARTS)
            if schema != inspector.default_schema_name and not own:
                yield schema


def _entry(schema: str | None, name: str, columns: Iterable[Mapping[str, Any]], keyed: bool) -> FoundEntry:  # noqa: FBT001
    table = f"{schema}.{name}" if schema else name
    cursor = _changed_column(columns) if keyed else None
    if cursor:
        return FoundEntry(table, f"changes by “{cursor}”", {"table": table, "cursor": cursor})
    why = "compared as a whole" if keyed else "no primary key; compared as a whole"
    return FoundEntry(table, why, {"table": table})


def _changed_column(columns: Iterable[Mapping[str, Any]]) -> str | None:
    """The column of times whose name says that it is of the last change."""
    named = {
        "".join(sign for sign in one["name"].lower() if sign.isalnum()): str(one["name"])
        for one in columns
        if isinstance(one["type"], sa.DateTime)
    }
    return next((named[name] for name in _CHANGED if name in named), None)
