"""The program `regard doctor`: looks at an installation, says what is well and what to do about the rest."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import resources

from regard.access.audit_reads import verify_audit
from regard.db.migrate import check_history, read_history, read_migrations
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, describe_address, open_pool
from regard.eventlog.check_keyring import check_root_key
from regard.eventlog.seal_bodies import Keyring, load_root_key
from regard.identity.keep_models import ModelShelf, shipped_model
from regard.kit.errors import RegardError
from regard.pipeline.count_parked import count_parked
from regard.processes.open_database import OpenedDatabase
from regard.processes.settings import Settings

_QUERIES = NamedQueries(__package__, "check_installation.sql")
_LEAST_FREE_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and a sentence about it."""

    well: bool
    about: str
    sentence: str


async def check_installation(settings: Settings, database: OpenedDatabase) -> list[Finding]:
    """Everything that can be looked at without changing anything."""
    return [
        await _look("data folder", lambda: _check_home(settings)),
        await _look("database", lambda: _check_database(database)),
        await _look("root key", lambda: _check_key(settings, database)),
        await _look("customers", lambda: _ask_tables("customers", database, _check_customers)),
        await _look("matching model", lambda: _check_model(settings, database)),
        await _look("audit", lambda: _ask_tables("audit", database, _check_audit)),
        await _look("web interface", _check_interface),
        await _look("web server", lambda: _check_server(settings)),
    ]


async def _look(about: str, check: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        return await check()
    except RegardError as problem:
        return Finding(well=False, about=about, sentence=str(problem))


async def _check_home(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free
    sentence = f"{settings.home}, {free / 1024**3:.1f} GiB free"
    if free < _LEAST_FREE_BYTES:
        return Finding(well=False, about="data folder", sentence=f"{sentence}: make room, 1 GiB is the least")
    return Finding(well=True, about="data folder", sentence=sentence)


async def _check_database(database: OpenedDatabase) -> Finding:
    wanted = read_migrations()
    pool = await open_pool(database.url, max_size=2, application_name="regard doctor")
    try:
        async with pool.acquire() as connection:
            history = await read_history(connection)
            version = await connection.fetchval(_QUERIES["read_version"])
    finally:
        await pool.close()
    check_history(wanted, history)
    where = "embedded" if database.embedded else describe_address(database.url)
    sentence = f"PostgreSQL {version}, {where}, {len(history)} of {len(wanted)} migrations"
    if len(history) < len(wanted):
        return Finding(well=False, about="database", sentence=f"{sentence}: run `regard migrate`")
    return Finding(well=True, about="database", sentence=sentence)


async def _check_key(settings: Settings, database: OpenedDatabase) -> Finding:
    path = settings.key_path
    pool = await open_pool(database.url, max_size=2, application_name="regard doctor")
    try:
        async with pool.acquire() as connection:
            if await read_history(connection):
                await check_root_key(connection, path)
    finally:
        await pool.close()
    if not path.exists():
        sentence = f"{path} is not there yet; the first start makes it"
        return Finding(well=True, about="root key", sentence=sentence)
    return Finding(well=True, about="root key", sentence=f"{path} fits the database; keep a copy elsewhere")


async def _ask_tables(
    about: str, database: OpenedDatabase, check: Callable[[Connection], Awaitable[Finding]]
) -> Finding:
    """Look into tables that are there only once the database is up to date."""
    pool = await open_pool(database.url, max_size=2, application_name="regard doctor")
    try:
        async with pool.acquire() as connection:
            if len(await read_history(connection)) < len(read_migrations()):
                sentence = "not looked at before the database is up to date"
                return Finding(well=True, about=about, sentence=sentence)
            return await check(connection)
    finally:
        await pool.close()


async def _check_customers(connection: Connection) -> Finding:
    parked = await count_parked(connection)
    if not parked:
        return Finding(well=True, about="customers", sentence="every event that was read could be applied")
    named = ", ".join(f"{count} of {source}" for source, count in sorted(parked.items()))
    sentence = (
        f"{sum(parked.values())} acknowledged events could not be applied ({named}):"
        " update Regard and run `regard rebuild`, which reads them again"
    )
    return Finding(well=False, about="customers", sentence=sentence)


async def _check_model(settings: Settings, database: OpenedDatabase) -> Finding:
    path = settings.key_path
    if not path.exists():
        return Finding(well=True, about="matching model", sentence="not looked at before there is a root key")

    async def check(connection: Connection) -> Finding:
        shelf = ModelShelf(Keyring(load_root_key(path)))
        version = await shelf.chosen_version(connection)
        decided = await shelf.decided_version(connection) or shipped_model().version
        if version is None:
            return Finding(well=True, about="matching model", sentence=f"nobody chose one, {decided} decides")
        try:
            await shelf.read(connection, version)
        except RegardError as problem:
            sentence = (
                f"{version} was chosen and cannot be read ({problem}); {decided} decides meanwhile: bring the"
                " model as a file, or restore `identity.model` and `eventlog.subject_key`, and start again;"
                " or choose another model"
            )
            return Finding(well=False, about="matching model", sentence=sentence)
        if decided == version:
            return Finding(well=True, about="matching model", sentence=f"{version} was chosen and decides")
        sentence = f"{version} was chosen, {decided} decides until a worker has decided anew"
        return Finding(well=True, about="matching model", sentence=sentence)

    return await _ask_tables("matching model", database, check)


async def _check_audit(connection: Connection) -> Finding:
    rows = await verify_audit(connection)
    return Finding(well=True, about="audit", sentence=f"{rows} rows, chain unbroken")


async def _check_interface() -> Finding:
    if resources.files("regard").joinpath("ui", "index.html").is_file():
        return Finding(well=True, about="web interface", sentence="built")
    sentence = "not built: in a checkout run `python hatch_build.py`, or install a released wheel"
    return Finding(well=False, about="web interface", sentence=sentence)


async def _check_server(settings: Settings) -> Finding:
    status = ask_health(settings)
    if status is None:
        return Finding(well=True, about="web server", sentence=f"nothing answers at {settings.address}")
    sentence = f"{settings.address} answers with status {status}"
    return Finding(well=status == http.HTTPStatus.OK, about="web server", sentence=sentence)


def ask_health(settings: Settings) -> int | None:
    """The HTTP status of the health address of a running server; None when nothing answers."""
    host = settings.address.removeprefix("http://").rsplit(":", 1)[0].strip("[]")
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        connection.request("GET", "/api/v1/health")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
