"""Opens the pool of database connections that a process works with."""

from __future__ import annotations

from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

import asyncpg
import asyncpg.pool

from regard.kit.errors import RegardError, Transient

Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Pool: TypeAlias = asyncpg.Pool

OLDEST_SERVER = 15


class DatabaseUnreachableError(RegardError, Transient):
    """Nothing answers under the database address, or it refuses us."""

    code = "database_unreachable"
    status = 503


class DatabaseUnsuitableError(RegardError):
    """The database answers but cannot hold Regard's data."""

    code = "database_unsuitable"


async def open_pool(
    dsn: str,
    *,
    min_size: int = 1,
    max_size: int = 10,
    application_name: str = "regard",
    command_timeout: float | None = None,
) -> Pool:
    """A pool of connections in UTC; json and jsonb come and go as text.

    `dsn` is a `postgresql://` URL. Raises `DatabaseUnreachableError` or `DatabaseUnsuitableError`, both
    naming the address without its password.
    """
    pool = asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        command_timeout=command_timeout,
        reset=_leave_as_it_is,
        server_settings={"application_name": application_name, "timezone": "UTC"},
    )
    try:
        await pool
        await _check_server(pool, dsn)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as problem:
        pool.terminate()
        raise unreachable(dsn, problem) from problem
    except BaseException:
        pool.terminate()
        raise
    return pool


async def connect(dsn: str, *, application_name: str = "regard") -> asyncpg.Connection:
    """One connection outside any pool, with the settings of the pool's."""
    try:
        return await asyncpg.connect(
            dsn, server_settings={"application_name": application_name, "timezone": "UTC"}
        )
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as problem:
        raise unreachable(dsn, problem) from problem


def unreachable(dsn: str, problem: BaseException) -> DatabaseUnreachableError:
    """The error that says which database did not answer, why, and what to look at."""
    reason = str(problem) or type(problem).__name__
    return DatabaseUnreachableError(
        f"The database {describe_address(dsn)} cannot be used: {reason}."
        " Check that the server runs and that REGARD_DATABASE_URL names the right host, port, user,"
        " password and database; leave it unset to use the embedded database."
    )


def describe_address(dsn: str) -> str:
    """User, host, port and database of a URL for messages: never the password."""
    try:
        parts = urlsplit(dsn)
        host = parts.hostname or parse_qs(parts.query).get("host", ["localhost"])[0]
        port = f":{parts.port}" if parts.port else ""
        user = f"{parts.username}@" if parts.username else ""
    except ValueError:
        return "address (not a valid postgresql:// URL)"
    return f"{user}{host}{port}/{parts.path.lstrip('/')}"


async def _leave_as_it_is(connection: Connection) -> None:
    """Nobody changes a session's settings or listens through the pool, so giving back costs no round trip."""


async def _check_server(pool: Pool, dsn: str) -> None:
    async with pool.acquire() as connection:
        version = connection.get_server_version()
        encoding = connection.get_settings().server_encoding
    if version.major < OLDEST_SERVER:
        raise DatabaseUnsuitableError(
            f"The database {describe_address(dsn)} is PostgreSQL {version.major};"
            f" Regard needs {OLDEST_SERVER} or later. Upgrade it, or leave REGARD_DATABASE_URL unset."
        )
    if encoding.upper() not in {"UTF8", "UTF-8"}:
        raise DatabaseUnsuitableError(
            f"The database {describe_address(dsn)} is encoded in {encoding}; Regard needs UTF8."
            " Create another one: CREATE DATABASE regard ENCODING 'UTF8' TEMPLATE template0."
        )
