"""A second PostgreSQL for tests: it plays an outside system whose changes are captured."""

from __future__ import annotations

import random
import shutil
import socket
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import psycopg2

from regard.db.embedded_server import start_embedded_server

_SETTINGS = {
    "wal_level": "logical",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "max_wal_senders": "8",
    "max_replication_slots": "6",
    "max_slot_wal_keep_size": "512MB",
    "autovacuum": "off",
}


class SourceDatabase:
    """A database of the outside system, as its administrator sees it."""

    def __init__(self, server: SourcePostgres, name: str) -> None:
        self.server = server
        self.name = name
        self.connection = psycopg2.connect(server.server.url_of(name))
        self.connection.autocommit = True

    def run(self, statement: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Run SQL, each call a transaction; gives the rows if there are any."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def settings(self, **more: Any) -> dict[str, Any]:
        """The settings of a source that reads this database."""
        return {
            "host": self.server.host,
            "port": 5432,
            "database": self.name,
            "user": "regard",
            "slot": self.name,
            **more,
        }

    def slot(self) -> tuple[Any, ...] | None:
        """(confirmed position, active) of our slot."""
        rows = self.run(
            "SELECT confirmed_flush_lsn::text, active FROM pg_replication_slots WHERE slot_name = %s",
            [self.name],
        )
        return rows[0] if rows else None

    def close(self) -> None:
        self.run(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
            " WHERE active AND database = %s",
            [self.name],
        )
        for _ in range(3_000):
            if not self.run("SELECT 1 FROM pg_replication_slots WHERE active AND database = %s", [self.name]):
                break
            self.run("SELECT pg_sleep(0.02)")
        self.run(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = %s",
            [self.name],
        )
        self.connection.close()
        self.server.administer(f'DROP DATABASE "{self.name}" WITH (FORCE)')


class SourcePostgres:
    """The cluster, with `wal_level` logical."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="regard-source-"))
        self._numbers = count()
        try:
            self.host = _free_address()
            settings = {**_SETTINGS, "listen_addresses": self.host}
            self.server = start_embedded_server(self.home, settings=settings, sync=False)
            self._let_everybody_in()
        except BaseException:
            self.close()
            raise

    def create(self) -> SourceDatabase:
        """A new, empty database."""
        name = f"shop_{next(self._numbers)}"
        self.administer(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return SourceDatabase(self, name)

    def _let_everybody_in(self) -> None:
        """Also roles that tests make; the socket is in a folder of ours, the address on this machine."""
        (self.server.folders.data / "pg_hba.conf").write_text(
            "local all all trust\nlocal replication all trust\n"
            "host all all 127.0.0.0/8 trust\nhost replication all 127.0.0.0/8 trust\n"
        )
        self.administer("SELECT pg_reload_conf()")

    def administer(self, statement: str) -> None:
        connection = psycopg2.connect(self.server.url_of("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def close(self) -> None:
        if hasattr(self, "server"):
            self.server.stop()
        shutil.rmtree((self.home / "postgres").resolve(), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)


def _free_address() -> str:
    """An address of this machine on which nobody has port 5432, which the embedded server is bound to."""
    for _ in range(100):
        host = ".".join(["127", *(str(random.randint(1, 254)) for _ in range(3))])
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, 5432))
            except OSError:
                continue
            return host
    raise RuntimeError("port 5432 is taken on every address of this machine that was tried")
