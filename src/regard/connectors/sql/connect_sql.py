"""Connects a driver to an address that was checked, with the name kept for the proof of the certificate."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

import sqlalchemy as sa

from regard.connectors.allow_networks import reach_host
from regard.connectors.connector_contract import SettingsRefusedError, SourceUnavailableError
from regard.connectors.postgres.open_postgres import name_addresses
from regard.connectors.sql.sql_settings import SqlSettings
from regard.connectors.trust_certificates import lend_ca, make_tls_context

CONNECT_SECONDS = 10
_INSISTS = (1, 2)
_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}


def check_every_connection(engine: sa.Engine, settings: SqlSettings) -> None:
    """Let every new connection of an engine go to a checked address only; nothing to do for files."""
    if settings.kind != "sqlite":
        sa.event.listen(
            engine,
            "do_connect",
            lambda dialect, _record, given, named: _connect(settings, dialect, given, named),
        )


def _connect(settings: SqlSettings, dialect: Any, given: Sequence[Any], named: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any driver's
    host, _, instance = settings.host.partition("\\")
    port = settings.port or _PORTS[settings.kind]
    database = settings.database if settings.kind == "postgresql" else None
    addresses = reach_host(host, port, settings.networks, database=database)
    if settings.kind == "postgresql":
        with lend_ca(settings.ca) as authority:
            more: dict[str, Any] = {"sslmode": settings.sslmode, "sslrootcert": authority}
            return dialect.connect(*given, **{**named, **name_addresses(host, addresses), **more})
    if settings.kind == "mysql":
        _refuse_silent_driver(settings.sslmode)
        # The driver takes an open connection, and still proves the certificate by the name.
        tls: dict[str, Any] = {"defer_connect": True, "ssl": make_tls_context(settings.sslmode, settings.ca)}
        tls["ssl_disabled"] = settings.sslmode == "disable"
        connection = dialect.connect(*given, **{**named, **tls})
        connection.connect(_open_socket(settings, addresses, port))
        return connection
    return dialect.connect(*given, **{**named, **name_server(addresses[0], instance, settings.port)})


def _refuse_silent_driver(sslmode: str) -> None:
    """Before 1.2 the driver goes on unencrypted when the server offers no TLS, whatever it was told."""
    if sslmode not in ("disable", "prefer") and _version_of("pymysql") < _INSISTS:
        raise SettingsRefusedError(
            "The driver for mysql is too old to insist on encryption. On the machine of Regard run:"
            " pip install 'pymysql>=1.2'"
        )


def _version_of(package: str) -> tuple[int, ...]:
    """The first two numbers of its version: 1.10 is later than 1.2."""
    return tuple(int(number) for number in re.findall(r"\d+", metadata.version(package))[:2])


def name_server(address: str, instance: str, port: int | None) -> dict[str, str]:
    """What the driver for SQL Server is told. Pure."""
    named = {"host": f"{address}\\{instance}" if instance else address}
    return {**named, "port": str(port)} if port else named


def _open_socket(settings: SqlSettings, addresses: Sequence[str], port: int) -> socket.socket:
    for address in addresses:
        try:
            opened = socket.create_connection((address, port), CONNECT_SECONDS)
        except OSError:
            continue
        opened.settimeout(None)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened
    raise SourceUnavailableError(
        f"The database “{settings.database}” ({settings.kind}) cannot be reached at {settings.host}:{port}."
        " Regard tries again."
    )
