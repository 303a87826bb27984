"""What polling a SQL database needs to know, as people fill it in and as the code reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from regard.connectors.allow_networks import SourceNetworks
from regard.connectors.check_hosts import check_database, check_host
from regard.connectors.connector_contract import Settings, SettingsRefusedError, Surroundings
from regard.connectors.sql.find_sqlite_file import find_sqlite_file
from regard.connectors.trust_certificates import CA_PROPERTY, SSLMODE_PROPERTY, read_ca, read_sslmode

Kind = Literal["postgresql", "mysql", "sqlite", "mssql"]
CursorType = Literal["found", "time", "number"]
KINDS: tuple[Kind, ...] = ("postgresql", "mysql", "sqlite", "mssql")

_STREAM_PROPERTIES: Mapping[str, Any] = {
    "table": {"type": "string", "title": "Table", "description": "For example customer or sales.customer."},
    "cursor": {
        "type": "string",
        "title": "Column that tells what changed",
        "description": "A time of the last change, such as updated_at, or a number that only grows. Best with"
        " an index. Left out: everything is read and compared each time.",
    },
    "query": {
        "type": "string",
        "title": "Query",
        "description": "Instead of a table: a SELECT without ORDER BY. Name its key below.",
    },
    "name": {"type": "string", "title": "Name", "description": "Left out: the name of the table."},
    "key": {
        "type": "array",
        "items": {"type": "string"},
        "title": "Key columns",
        "description": "What names a row, always filled and never twice. Left out: the table's primary key.",
    },
    "cursor_type": {
        "type": "string",
        "enum": ["found", "time", "number"],
        "default": "found",
        "title": "What that column holds",
        "description": "Needed only when it is stored as text: '99' would come after '230'.",
    },
    "overlap": {
        "type": "number",
        "minimum": 0,
        "title": "Overlap",
        "description": "How far each reading looks back behind the last one, for rows that were committed"
        " late: seconds (60) for times, numbers (1000) for numbers.",
    },
    "poll_seconds": {
        "type": "number",
        "minimum": 1,
        "title": "Seconds between readings",
        "description": "Left out: 5 with such a column, 300 without.",
    },
    "compare_hours": {
        "type": "number",
        "minimum": 0,
        "default": 24,
        "title": "Hours between full comparisons",
        "description": "A column of changes does not tell of deleted rows; a full comparison finds them."
        " 0: never.",
    },
}

SETTINGS_SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["kind", "database", "streams"],
    "additionalProperties": False,
    "properties": {
        "kind": {
            "type": "string",
            "enum": list(KINDS),
            "title": "Kind of database",
            "description": "mysql is also MariaDB, mssql is Microsoft SQL Server.",
        },
        "host": {"type": "string", "title": "Server", "default": "localhost"},
        "port": {"type": "integer", "title": "Port", "minimum": 1, "maximum": 65535},
        "database": {
            "type": "string",
            "title": "Database",
            "description": "For SQLite: the path of the file, below the inbox in the data folder or"
            " a folder that REGARD_WATCH_FOLDERS allows.",
        },
        "user": {"type": "string", "title": "User", "description": "One that may only read is enough."},
        "password": {"type": "string", "title": "Password", "writeOnly": True},
        "sslmode": SSLMODE_PROPERTY,
        "ca": CA_PROPERTY,
        "timeout_seconds": {
            "type": "integer",
            "title": "Longest time of a statement",
            "default": 60,
            "minimum": 1,
        },
        "streams": {
            "type": "array",
            "title": "Tables and queries",
            "minItems": 1,
            "items": {"type": "object", "additionalProperties": False, "properties": _STREAM_PROPERTIES},
        },
    },
}


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """One table or query. `overlap` None: the default for the type of the cursor."""

    name: str
    table: str | None
    query: str | None
    key: tuple[str, ...] = ()
    cursor: str | None = None
    cursor_type: CursorType = "found"
    overlap: float | None = None
    poll_seconds: float = 300.0
    compare_hours: float = 24.0


@dataclass(frozen=True, slots=True)
class SqlSettings:
    """The settings with their defaults filled in."""

    kind: Kind
    database: str
    streams: tuple[StreamSettings, ...]
    host: str = "localhost"
    port: int | None = None
    user: str | None = None
    password: str | None = None
    timeout_seconds: int = 60
    sslmode: str = "prefer"
    ca: str | None = None
    networks: SourceNetworks = field(default_factory=SourceNetworks)


def read_sql_settings(settings: Settings) -> SqlSettings:
    """The settings as the code reads them; raises `SettingsRefusedError`."""
    kind = settings.get("kind")
    if kind not in KINDS:
        raise SettingsRefusedError(f"The setting “kind” must be one of {', '.join(KINDS)}; choose one.")
    if not str(settings.get("database") or "").strip():
        raise SettingsRefusedError("The setting “database” is missing; fill it in.")
    host = str(settings.get("host") or "localhost")
    if kind != "sqlite":
        check_host(host)
        check_database(settings["database"])
    streams = tuple(_read_stream(one) for one in settings.get("streams") or ())
    if not streams:
        raise SettingsRefusedError("The settings name no table; add one under “Tables and queries”.")
    names = [one.name for one in streams]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise SettingsRefusedError(f"Two streams are named “{twice}”; give one another name.")
    ca = read_ca(settings)
    if kind == "mssql" and (ca or settings.get("sslmode")):
        raise SettingsRefusedError(
            "The driver for SQL Server cannot be told how to encrypt here; leave “sslmode” and “ca” out, and"
            " let its own configuration file (freetds.conf) say it."
        )
    return SqlSettings(
        cast("Kind", kind),
        str(settings["database"]),
        streams,
        host,
        settings.get("port"),
        settings.get("user"),
        settings.get("password"),
        int(settings.get("timeout_seconds") or 60),
        read_sslmode(settings, ca),
        ca,
    )


def settle_sql_settings(settings: Settings, surroundings: Surroundings) -> SqlSettings:
    """The settings with what the machine allows: networks, and the folders in which a file may lie."""
    read = replace(read_sql_settings(settings), networks=surroundings.networks)
    if read.kind == "sqlite":
        return replace(read, database=str(find_sqlite_file(read.database, surroundings.folders)))
    return read


def _read_stream(one: Mapping[str, Any]) -> StreamSettings:
    table, query, cursor = one.get("table") or None, one.get("query") or None, one.get("cursor") or None
    name = one.get("name") or table
    if not name or (table is None) == (query is None):
        raise SettingsRefusedError("Each stream needs either a table, or a query and a name; correct it.")
    poll = one.get("poll_seconds") or (5.0 if cursor else 300.0)
    compare = one.get("compare_hours")
    return StreamSettings(
        str(name),
        table,
        query.strip().rstrip(";") if query else None,
        tuple(one.get("key") or ()),
        cursor,
        one.get("cursor_type") or "found",
        one.get("overlap"),
        float(poll),
        24.0 if compare is None else float(compare),
    )
