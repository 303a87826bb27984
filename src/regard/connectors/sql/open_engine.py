"""Opens SQLAlchemy engines that only read and give up in time. Blocks when first used."""

from __future__ import annotations

import importlib.util
import json
import re
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import QueuePool

from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
)
from regard.connectors.sql.connect_sql import CONNECT_SECONDS, check_every_connection
from regard.connectors.sql.sql_settings import SqlSettings

# Kind -> (SQLAlchemy's name, module of the driver, our extra that brings it)
_DRIVERS = {
    "postgresql": ("postgresql+psycopg2", "psycopg2", None),
    "mysql": ("mysql+pymysql", "pymysql", "mysql"),
    "sqlite": ("sqlite", "sqlite3", None),
    "mssql": ("mssql+pymssql", "pymssql", "mssql"),
}
_SIGN_IN = "user and password are not taken; correct them, or let its administrator give access"
_MISSING = "something that the settings name is not there; correct the database, the tables or the query"
_RIGHTS = "the user lacks a right; let its administrator grant reading of the tables"
_PROOF = (
    "its certificate does not prove the server; fill in “ca” with the certificate of the authority that"
    " signed it, and correct “host” where it names another server"
)
_COLUMN = (
    "there is no column “{}”; it may have been renamed or taken away. Correct the query or the settings, or"
    " bring the column back"
)
# The one word that is told of what a database says itself: the name of a column that it does not know.
_GONE = re.compile(
    r"""column "?([\w.]{1,100})"? does not exist|unknown column '([\w.]{1,100})'"""
    r"""|no such column: "?([\w.]{1,100})|invalid column name '([\w.]{1,100})'""",
    re.IGNORECASE,
)
_QUERY = "the query cannot be read; correct it"
_FILE = "the file cannot be opened as a database; correct its path or the rights on it"
# What a refusal says in English -> what it means and what to do
_REFUSALS = {
    **dict.fromkeys(
        ("authentication failed", "access denied", "login failed", "no password supplied", "pg_hba.conf"),
        _SIGN_IN,
    ),
    **dict.fromkeys(("certificate", "root certificate file", "does not match host name"), _PROOF),
    **dict.fromkeys(("permission denied", "denied to user"), _RIGHTS),
    **dict.fromkeys(("unable to open database file", "not a database"), _FILE),
    **dict.fromkeys(("syntax error", "error in your sql syntax"), _QUERY),
    **dict.fromkeys(
        ("unknown database", "does not exist", "no such table", "doesn't exist", "invalid object name",
         "no such column", "unknown column", "invalid column name"), _MISSING,
    ),
}  # fmt: skip


def open_engine(settings: SqlSettings) -> sa.Engine:
    """An engine for these settings; raises `SettingsRefusedError` when the driver is not installed."""
    name, module, extra = _DRIVERS[settings.kind]
    if importlib.util.find_spec(module) is None:
        raise SettingsRefusedError(
            f"The driver for {settings.kind} is not installed. On the machine of Regard run:"
            f" pip install 'regard[{extra}]'"
        )
    try:
        engine = sa.create_engine(
            _url(settings, name),
            connect_args=_connect_arguments(settings),
            poolclass=QueuePool,
            pool_size=2,
            max_overflow=2,
            pool_pre_ping=True,
            **_json_reader(settings),
        )
    except NoSuchModuleError as problem:
        raise SettingsRefusedError(f"SQLAlchemy cannot speak to {settings.kind}: {problem}") from problem
    check_every_connection(engine, settings)
    statements = _session_statements(settings)
    if statements:
        sa.event.listen(engine, "connect", lambda connection, _record: _prepare(connection, statements))
    return engine


def explain_sql(problem: Exception, settings: SqlSettings) -> SourceUnavailableError | SourceRefusesError:
    """What a failure of the database means. Its own words are not told: they quote rows and secrets."""
    cause = (problem.orig if isinstance(problem, DBAPIError) else None) or problem
    told = str(cause)
    words = told.lower()
    place = f"The database “{settings.database}” ({settings.kind})"
    code = _code_of(cause)
    if gone := _GONE.search(told):
        return SourceRefusesError(f"{place} refuses{code}: {_COLUMN.format(gone[gone.lastindex or 0])}.")
    for sign, remedy in _REFUSALS.items():
        if sign in words:
            return SourceRefusesError(f"{place} refuses{code}: {remedy}.")
    if isinstance(problem, OperationalError):
        return SourceUnavailableError(
            f"{place} cannot be reached or broke off{code}. Regard tries again; look whether it runs, and"
            " whether the machine of Regard may reach it."
        )
    return SourceUnavailableError(f"{place} failed{code}. Regard tries again.")


def _code_of(cause: BaseException) -> str:
    """The SQLSTATE, or the driver's name or number of the error, in brackets; empty where it tells none."""
    state = getattr(cause, "pgcode", None) or getattr(cause, "sqlite_errorname", None)
    number = cause.args[0] if cause.args and isinstance(cause.args[0], int) else None
    return f" ({state or number})" if state or number else ""


def load_exact_json(text: str | bytes) -> object:
    """JSON whose fractions stay what they were written as."""
    return json.loads(text, parse_float=_exact_float, parse_constant=str)


def _exact_float(text: str) -> float | str:
    value = float(text)
    return value if Decimal(repr(value)) == Decimal(text) else text


def _url(settings: SqlSettings, name: str) -> sa.URL:
    if settings.kind == "sqlite":
        # `mode=ro` makes SQLite refuse to write, and to make a file that is not there.
        path = settings.database.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        return sa.URL.create(name, database=f"file:{path}", query={"mode": "ro", "uri": "true"})
    return sa.URL.create(
        name, settings.user, settings.password, settings.host, settings.port, settings.database
    )


def _connect_arguments(settings: SqlSettings) -> dict[str, Any]:
    limit = settings.timeout_seconds
    if settings.kind == "postgresql":
        options = f"-c default_transaction_read_only=on -c statement_timeout={limit * 1000} -c TimeZone=UTC"
        return {"connect_timeout": CONNECT_SECONDS, "options": options, "application_name": "regard"}
    if settings.kind == "mysql":
        more = {"connect_timeout": CONNECT_SECONDS, "read_timeout": limit, "write_timeout": limit}
        return {**more, "charset": "utf8mb4"}
    if settings.kind == "mssql":
        return {"login_timeout": CONNECT_SECONDS, "timeout": limit, "read_only": True}
    return {"timeout": min(limit, 10), "check_same_thread": False}


def _json_reader(settings: SqlSettings) -> dict[str, Any]:
    return {} if settings.kind == "mssql" else {"json_deserializer": load_exact_json}


def _session_statements(settings: SqlSettings) -> tuple[str, ...]:
    if settings.kind == "mysql":
        # TIMESTAMP columns then come in UTC, whatever the server's zone.
        return ("SET SESSION TRANSACTION READ ONLY", "SET SESSION time_zone = '+00:00'")
    if settings.kind == "sqlite":
        return ("PRAGMA query_only = ON",)
    return ()


def _prepare(connection: Any, statements: tuple[str, ...]) -> None:  # noqa: ANN401 - any driver's
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
