"""What all tests share: one PostgreSQL per run, a migrated template, a fresh database per test or module."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings

from regard.db.embedded_server import EmbeddedServer, start_embedded_server
from regard.db.migrate import migrate
from regard.db.pool import Pool, connect, open_pool
from regard.kit.clock import SetClock
from tests.source_postgres import SourceDatabase, SourcePostgres

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = "regard_template"
_QUICK_BUT_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "max_connections": "200",
}
_LONG_IN_A_BROWSER = {"test_accessibility.py", "test_first_run.py", "test_source_page.py"}
_T = TypeVar("_T")

if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    # The programs that tests start would each compile the whole product anew: seconds of every start.
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(REPOSITORY / ".pytest_cache" / "bytecode")
    sys.dont_write_bytecode = False

# The suite tries the same cases each time: a change is red for its own faults. `make laws` searches anew.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("REGARD_LAWS", "suite"))


def run_apart(work: Callable[[], Awaitable[_T]]) -> _T:
    """Run a coroutine to its end on a loop of its own, whatever loop the test has."""

    async def main() -> _T:
        return await work()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, main()).result()


@dataclass
class DatabaseFarm:
    """Makes databases on the run's server; `pattern` is a URL with `{}` where the database's name goes."""

    pattern: str
    worker: str
    numbers: Iterator[int] = field(default_factory=count)

    def url_of(self, database: str) -> str:
        return self.pattern.format(database)

    def create(self, template: str = TEMPLATE) -> str:
        """The URL of a new database, a copy of `template` (`template0`: an empty one)."""
        name = f"test_{self.worker}_{next(self.numbers)}"
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url_of(name)

    def drop(self, url: str) -> None:
        name = url.split("@/")[1].split("?", maxsplit=1)[0]
        self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _administer(self, statement: str) -> None:
        async def work() -> None:
            connection = await connect(self.url_of("postgres"))
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        run_apart(work)


class TestServer:
    """The run's PostgreSQL, in a folder that goes with it."""

    __test__ = False

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="regard-tests-"))
        try:
            self.server: EmbeddedServer = start_embedded_server(
                self.home, settings=_QUICK_BUT_FORGETFUL, sync=False
            )
            farm = DatabaseFarm(self.server.url_of("{}"), "main")
            farm._administer(f"CREATE DATABASE {TEMPLATE}")

            async def fill() -> None:
                pool = await open_pool(farm.url_of(TEMPLATE))
                await migrate(pool)
                await pool.close()

            run_apart(fill)
        except BaseException:
            self.close()
            raise

    @property
    def pattern(self) -> str:
        return self.server.url_of("{}")

    def close(self) -> None:
        if hasattr(self, "server"):
            self.server.stop()
        database = (self.home / "postgres").resolve()
        shutil.rmtree(database, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)


_SERVER = pytest.StashKey[TestServer]()


def pytest_configure(config: pytest.Config) -> None:
    """With several workers the controller runs the one server, for it outlives them all."""
    distributed = getattr(config.option, "numprocesses", None)
    if distributed and not hasattr(config, "workerinput"):
        config.stash[_SERVER] = TestServer()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker where the server is."""
    node.workerinput["regard_database"] = node.config.stash[_SERVER].pattern  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if (server := config.stash.get(_SERVER, None)) is not None:
        server.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that drive a browser come last, and skip, with the reason, where there is none.

    Its driver keeps a loop running in the process from its first test on, beside which no other can run.
    Of these the longest come first, so that all workers end at about the same time.
    """
    items.sort(key=_turn_of)
    if find_chromium() is None:
        no_browser = pytest.mark.skip(reason="no Chromium on this machine (apt-get install chromium)")
        for item in items:
            if "browser" in item.keywords:
                item.add_marker(no_browser)


def _turn_of(item: pytest.Item) -> int:
    if "tests/web/" not in item.path.as_posix():
        return 0
    return 1 if item.path.name in _LONG_IN_A_BROWSER else 2


def find_chromium() -> str | None:
    """The system's Chromium; the tests download no browser of their own."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Playwright drives the system's Chromium, which shall speak to nobody but our own server."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    more = ["--disable-component-update", "--disable-sync", "--no-first-run"]
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": [*quiet, *more]}


@pytest.fixture(scope="session")
def database_farm(request: pytest.FixtureRequest) -> Iterator[DatabaseFarm]:
    """Makes databases: `url = database_farm.create()`, `database_farm.drop(url)`."""
    workerinput = getattr(request.config, "workerinput", None)
    if workerinput is not None:
        yield DatabaseFarm(workerinput["regard_database"], workerinput["workerid"])
        return
    server = TestServer()
    try:
        yield DatabaseFarm(server.pattern, "main")
    finally:
        server.close()


@pytest.fixture
def database_url(database_farm: DatabaseFarm) -> Iterator[str]:
    """A migrated database of this test's own."""
    url = database_farm.create()
    yield url
    database_farm.drop(url)


@pytest.fixture(scope="module")
def module_database_url(database_farm: DatabaseFarm) -> Iterator[str]:
    """A migrated database that the tests of one module share."""
    url = database_farm.create()
    yield url
    database_farm.drop(url)


@pytest.fixture
def empty_database_url(database_farm: DatabaseFarm) -> Iterator[str]:
    """A database of this test's own without any table."""
    url = database_farm.create("template0")
    yield url
    database_farm.drop(url)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on a migrated database of this test's own."""
    pool = await open_pool(database_url, max_size=8)
    yield pool
    pool.terminate()


@pytest.fixture(scope="session")
def source_postgres() -> Iterator[SourcePostgres]:
    """A PostgreSQL of its own that plays an outside system: its log tells the changes of rows."""
    server = SourcePostgres()
    yield server
    server.close()


@pytest.fixture
def source_database(source_postgres: SourcePostgres) -> Iterator[SourceDatabase]:
    """An empty database of that outside system, of this test's own."""
    database = source_postgres.create()
    yield database
    database.close()


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands at noon of 1 June 2026 (UTC) until the test moves it with `advance`."""
    return SetClock(datetime(2026, 6, 1, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the checkout; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("REGARD_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the shared data sets are not beside the checkout (../shared/data)")
    return folder
