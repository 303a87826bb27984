"""Database sources lead to databases in the network, never to Regard's own nor to its files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from regard.connectors.check_hosts import check_host
from regard.connectors.connector_contract import SettingsRefusedError, Surroundings
from regard.connectors.postgres.postgres_settings import read_postgres_settings
from regard.connectors.sql.sql_settings import read_sql_settings
from regard.connectors.sql.sql_source import open_sql_source
from regard.kit.clock import SetClock

STREAMS = [{"table": "t"}]
LOCAL_HOSTS = [
    "/var/run/postgresql",
    "@abstract",
    " ",
    "",
    "db,/tmp",
    "/tmp,db",
    "db?host=/tmp",
    "db\0",
    "a b",
]


@pytest.mark.parametrize("host", LOCAL_HOSTS)
def test_a_socket_of_this_machine_is_no_host(host: str) -> None:
    with pytest.raises(SettingsRefusedError, match="host"):
        read_postgres_settings({"host": host, "database": "shop", "user": "u"})
    if host:  # left out it is localhost, which is reached over the network
        for kind in ("postgresql", "mysql", "mssql"):
            with pytest.raises(SettingsRefusedError, match="host"):
                read_sql_settings({"kind": kind, "host": host, "database": "shop", "streams": STREAMS})


@pytest.mark.parametrize("database", ["host=/tmp dbname=x", "postgresql:///x?host=/tmp", "postgres://x"])
def test_a_connection_string_is_no_database(database: str) -> None:
    with pytest.raises(SettingsRefusedError, match="connection string"):
        read_postgres_settings({"host": "db", "database": database, "user": "u"})
    with pytest.raises(SettingsRefusedError, match="connection string"):
        read_sql_settings({"kind": "postgresql", "database": database, "streams": STREAMS})


@pytest.mark.parametrize(
    "host", ["localhost", "db.example.com", "10.0.0.5", "::1", "fe80::1%eth0", "[::1]", "erp_db", "sql\\PROD"]
)
def test_names_and_addresses_of_the_network_are_hosts(host: str) -> None:
    assert check_host(host) == host


@pytest.mark.parametrize("more", [{"hostaddr": "127.0.0.1"}, {"service": "own"}])
def test_nothing_else_of_the_driver_can_be_set(more: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefusedError, match="There is no setting"):
        read_postgres_settings({"host": "db", "database": "shop", "user": "u", **more})


def test_a_sqlite_file_lies_below_the_inbox_or_an_allowed_folder(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    inbox = home / "inbox"
    for folder in (inbox, other, home / "keys"):
        folder.mkdir(parents=True)
    (inbox / "way_out.db").symlink_to(home / "keys" / "root.db")
    around = Surroundings("erp", SetClock(datetime(2026, 6, 1, tzinfo=UTC)), folders=(inbox, other, tmp_path))
    for path in ("a.db", str(inbox / "a.db"), str(other / "a.db")):
        open_sql_source({"kind": "sqlite", "database": path, "streams": STREAMS}, around)
    for path in ("../keys/root.db", str(home / "keys" / "root.db"), "way_out.db", "/etc/passwd"):
        with pytest.raises(SettingsRefusedError, match="may not be read"):
            open_sql_source({"kind": "sqlite", "database": path, "streams": STREAMS}, around)
    with pytest.raises(SettingsRefusedError, match="not an address"):
        open_sql_source({"kind": "sqlite", "database": "file:a.db?mode=rwc", "streams": STREAMS}, around)
    nowhere = Surroundings("erp", SetClock(datetime(2026, 6, 1, tzinfo=UTC)))
    with pytest.raises(SettingsRefusedError, match="REGARD_WATCH_FOLDERS"):
        open_sql_source({"kind": "sqlite", "database": "a.db", "streams": STREAMS}, nowhere)
