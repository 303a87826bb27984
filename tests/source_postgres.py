"""A second PostgreSQL for tests: it plays an outside system whose changes are captured."""

from __future__ import annotations

import shutil
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
            "host": str(self.server.server.folders.socket),
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
        for _ in range(200):
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
            self.server = start_embedded_server(self.home, settings=_SETTINGS, sync=False)
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
        """Also roles that tests make; the socket is in a folder of ours."""
        (self.server.folders.data / "pg_hba.conf").write_text(
            "local all all trust\nlocal replication all trust\n"
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
