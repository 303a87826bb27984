"""Brings the tables of a database up to date: plain SQL files, forward only, each applied once.

A file is called `NNNN_pre_what.sql` (applied before a new program starts, the old one still works with it) or
`NNNN_post_what.sql` (only the new program works with it). Each runs in its own transaction, under a lock row;
a file that is one CREATE INDEX CONCURRENTLY runs in none, so that nobody waits for a large table's index.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import asyncpg
import structlog

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, Pool
from regard.kit.errors import RegardError, Transient

_LOG = structlog.get_logger(__name__)
_QUERIES = NamedQueries(__package__, "migrate.sql")
_FILE_NAME = re.compile(r"^(?P<number>\d{4})_(?:pre|post)_[a-z0-9_]+\.sql$")
_CONCURRENT = re.compile(
    r"\s*CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?P<name>\w+) ON (?P<schema>\w+)\.", re.ASCII
)
_COMMENT = re.compile(r"^--.*$", re.MULTILINE)
_TRIES_FOR_LOCK = 5
_TURN_SECONDS = 0.1


class MigrationError(RegardError):
    """The database cannot be brought up to date as it is."""

    code = "migration"


class MigrationBlockedError(MigrationError, Transient):
    """Another program held a lock on a table for too long."""

    code = "migration_blocked"
    status = 503


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, its name with ending, and its SQL."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, the same whatever line endings the checkout has."""
        return hashlib.sha256(self.sql.replace("\r\n", "\n").encode()).hexdigest()

    @property
    def index(self) -> str | None:
        """The index that the file builds while others write, with its schema; None for any other file."""
        found = _CONCURRENT.match(_COMMENT.sub("", self.sql))
        return f"{found['schema']}.{found['name']}" if found else None


def read_migrations(package: str = "regard.migrations") -> list[Migration]:
    """All migrations of `package`, in order."""
    files = [file for file in resources.files(package).iterdir() if file.name.endswith(".sql")]
    return order_migrations([(file.name, file.read_text(encoding="utf-8")) for file in files])


def order_migrations(files: Sequence[tuple[str, str]]) -> list[Migration]:
    """Migrations from (name, sql), sorted; raises when a name or a number is wrong."""
    migrations: dict[int, Migration] = {}
    for name, sql in sorted(files):
        match = _FILE_NAME.match(name)
        if match is None:
            raise MigrationError(f"migrations/{name}: call it NNNN_pre_what.sql or NNNN_post_what.sql.")
        number = int(match["number"])
        if number in migrations:
            raise MigrationError(
                f"migrations/{name} has the same number as {migrations[number].name}."
                " Give it the next free one."
            )
        migrations[number] = Migration(number, name, sql)
    return list(migrations.values())


async def migrate(pool: Pool, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Apply what is missing and return the names of the files applied.

    Several programs may call this at once: a lock row makes them take turns.
    """
    wanted = read_migrations() if migrations is None else list(migrations)
    async with pool.acquire() as connection:
        await _prepare(connection)
        check_history(wanted, await read_history(connection))
    return [migration.name for migration in wanted if await _apply_patiently(pool, migration)]


def check_history(wanted: Sequence[Migration], history: dict[int, tuple[str, str]]) -> None:
    """Raise when the database was not made by these files; `history` maps number to (name, checksum)."""
    known = {migration.number: migration for migration in wanted}
    for number, (name, checksum) in sorted(history.items()):
        ours = known.get(number)
        if ours is None:
            raise MigrationError(
                f"The database holds migration {name}, which this version of Regard does not know:"
                " a newer version has been here. Start that version, or restore a backup made before it."
            )
        if ours.checksum != checksum:
            raise MigrationError(
                f"migrations/{ours.name} is not the text that was applied to this database as {name}."
                " Put the applied text back and write the change as a new migration with the next number."
            )


async def _prepare(connection: Connection) -> None:
    try:
        await connection.execute(_QUERIES["prepare"])
    except (asyncpg.UniqueViolationError, asyncpg.DuplicateTableError, asyncpg.DuplicateSchemaError):
        # IF NOT EXISTS is not safe against a twin that creates the same at the same moment; it exists now.
        await connection.execute(_QUERIES["prepare"])


async def read_history(connection: Connection) -> dict[int, tuple[str, str]]:
    """What was applied to this database: number -> (name, checksum); empty for a new one."""
    if not await connection.fetchval(_QUERIES["has_history"]):
        return {}
    rows = await connection.fetch(_QUERIES["read_history"])
    return {row["number"]: (row["name"], row["checksum"]) for row in rows}


async def _apply_patiently(pool: Pool, migration: Migration) -> bool:
    for attempt in range(_TRIES_FOR_LOCK):
        try:
            return await _take_turns(pool, migration)
        except asyncpg.LockNotAvailableError:
            _LOG.warning("migration_waits_for_lock", migration=migration.name, attempt=attempt + 1)
            await asyncio.sleep(0.5 * 2**attempt)
    raise MigrationBlockedError(
        f"migrations/{migration.name} could not get its table locks in {_TRIES_FOR_LOCK} tries."
        " Stop long-running queries or other programs on this database and start again; nothing was changed."
    )


async def _take_turns(pool: Pool, migration: Migration) -> bool:
    while True:
        applied = await _apply_in_turn(pool, migration)
        if applied is not None:
            return applied
        await asyncio.sleep(_TURN_SECONDS)


async def _apply_in_turn(pool: Pool, migration: Migration) -> bool | None:
    """Whether the migration was applied now, False when it had been before; None in another's turn."""
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(_QUERIES["take_turn"]) is None:
            return None
        if await connection.fetchval(_QUERIES["is_applied"], migration.number):
            return False
        # Without parameters, which also closes what the questions before left open: whoever builds an index
        # waits for every older snapshot.
        await connection.execute(_QUERIES["limit_lock_wait"])
        if migration.index is None:
            await _execute(connection, migration)
        else:
            # This transaction keeps the turn; the index is built beside it, anew after a try that broke off.
            async with pool.acquire() as builder:
                await builder.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {migration.index}")
                await _execute(builder, migration)
        await connection.execute(_QUERIES["remember"], migration.number, migration.name, migration.checksum)
    _LOG.info("migration_applied", migration=migration.name)
    return True


async def _execute(connection: Connection, migration: Migration) -> None:
    try:
        await connection.execute(migration.sql)
    except asyncpg.LockNotAvailableError:
        raise
    except asyncpg.PostgresError as problem:
        raise MigrationError(
            f"migrations/{migration.name}{_line_of(problem, migration.sql)} failed: {problem}."
            " Nothing of it was kept; correct the file and start again."
        ) from problem


def _line_of(problem: asyncpg.PostgresError, sql: str) -> str:
    position = problem.as_dict().get("position")
    if not position:
        return ""
    return f", line {sql.count(chr(10), 0, int(position)) + 1},"
