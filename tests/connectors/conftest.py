"""Databases that are polled or captured: each test gets one of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.connectors.capture_store import CUSTOMERS
from tests.connectors.certificates import make_certificate
from tests.connectors.polled_databases import Engine
from tests.connectors.put_programs import Put
from tests.free_port import free_port
from tests.patience import wait_until
from tests.source_postgres import SourceDatabase


def answers(port: int) -> bool:
    """Whether somebody listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "erp & co.db"
    engine = Engine(f"sqlite:///{path}", {"kind": "sqlite", "database": str(path)})
    engine.run("CREATE TABLE about (n int)")
    yield engine
    engine.close()


@pytest.fixture
def postgres(source_database: SourceDatabase) -> Iterator[Engine]:
    host = source_database.server.host
    url = sa.URL.create("postgresql+psycopg2", "regard", host=host, port=5432, database=source_database.name)
    settings = {"kind": "postgresql", "host": host, "port": 5432, "user": "regard"}
    engine = Engine(url, {**settings, "database": source_database.name})
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def mariadb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """The port of a MariaDB of this module's own on 127.0.0.1, and the certificate that it signed itself.

    Skips where it or the driver is absent.
    """
    pytest.importorskip("pymysql", reason="the extra regard[mysql] is not installed")
    program, maker = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if program is None or maker is None:
        pytest.skip("MariaDB is not installed (apt-get install mariadb-server-core)")
    home = tmp_path_factory.mktemp("mariadb")
    port = free_port()
    key, certificate = make_certificate("db.shop.example")
    (home / "server.pem").write_bytes(key + certificate)
    common = ["--no-defaults", f"--datadir={home}/data", "--user=root"]
    subprocess.run(
        [maker, *common, "--auth-root-authentication-method=normal"], check=True, capture_output=True
    )
    server = subprocess.Popen(
        [program, *common, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={home}/s",
         f"--pid-file={home}/pid", "--default-time-zone=+05:00",
         f"--ssl-cert={home}/server.pem", f"--ssl-key={home}/server.pem",
         "--innodb-flush-log-at-trx-commit=0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: answers(port), "MariaDB")
        yield port, certificate.decode()
    finally:
        server.terminate()
        server.wait(60)


@pytest.fixture
def mariadb(mariadb_server: tuple[int, str]) -> Iterator[Engine]:
    port, _ = mariadb_server
    url = sa.URL.create("mysql+pymysql", "root", host="127.0.0.1", port=port)
    maker = Engine(url, {})
    maker.run("DROP DATABASE IF EXISTS erp", "CREATE DATABASE erp CHARACTER SET utf8mb4")
    maker.close()
    settings = {"kind": "mysql", "host": "127.0.0.1", "port": port, "user": "root", "database": "erp"}
    engine = Engine(url.set(database="erp", query={"init_command": "SET time_zone = '+00:00'"}), settings)
    yield engine
    engine.close()


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def database(request: pytest.FixtureRequest) -> Engine:
    """Each database in turn."""
    engine: Engine = request.getfixturevalue(request.param)
    return engine


@pytest.fixture
def shop(source_database: SourceDatabase) -> SourceDatabase:
    """An outside database with five customers."""
    source_database.run(CUSTOMERS.format(count=5))
    return source_database


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Puts a Python program into the folder for connectors; gives its name."""

    def write(text: str, name: str = "tap-test") -> str:
        path = tmp_path / name
        path.write_text(f"#!{sys.executable}\n{textwrap.dedent(text)}")
        path.chmod(0o700)
        return name

    return write
