"""Opens connections to a PostgreSQL source: plain ones that give every value as text, and replication ones.

Everything here blocks; call it from a thread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from regard.connectors.allow_networks import reach_host
from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.postgres.convert_pg_text import SESSION
from regard.connectors.postgres.postgres_settings import PostgresSettings
from regard.connectors.trust_certificates import lend_ca

Connection = psycopg2.extensions.connection

_HEADER = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_PATIENCE_SECONDS = 10
# What libpq says when waiting does not help; it speaks English unless the server was told otherwise.
_ACCESS = "Correct the settings, or let its administrator give access"
_REFUSALS = {
    "no pg_hba.conf entry": "Its administrator must add a line for this user to pg_hba.conf and reload",
    "authentication failed": "Correct user and password",
    "no password supplied": "Fill in the password",
    "root certificate file": "Its certificate cannot be checked without that of the authority; fill in “ca”",
    "does not match host name": "Its certificate names another server; correct “host” or the certificate",
    "certificate verify failed": "Its certificate was signed by nobody whom “ca” names (or by itself); fill"
    " in “ca” with the certificate of the authority that signed it",
    "does not exist": "The database or the user is not there; correct the settings",
    "does not support SSL": "It does not encrypt; choose another encryption, or let it be switched on there",
    "certificate": "The certificate does not prove the server; correct it there, or choose “require”",
    "must be superuser or replication role": "Its administrator must give the user the attribute REPLICATION",
    "permission denied": _ACCESS,
    "is not permitted": _ACCESS,
}


def read_statements(package: str, filename: str) -> dict[str, str]:
    """The SQL statements of a file in a package, by the names over them."""
    text = resources.files(package).joinpath(filename).read_text(encoding="utf-8")
    _, *parts = _HEADER.split(text)
    return {name: body.strip().removesuffix(";") for name, body in zip(parts[::2], parts[1::2], strict=True)}


def open_reader(settings: PostgresSettings, *, autocommit: bool = True) -> Connection:
    """A connection that only reads and gives every value as PostgreSQL's text."""
    connection = _connect(settings, replication=False)
    raw = psycopg2.extensions.new_type(
        tuple(psycopg2.extensions.string_types), "REGARD_TEXT", lambda value, _cursor: value
    )
    psycopg2.extensions.register_type(raw, connection)
    if autocommit:
        connection.set_session(readonly=True, autocommit=True)
    return connection


def open_writer(settings: PostgresSettings) -> Connection:
    """A connection for the few statements that change the source: publication and slot."""
    connection = _connect(settings, replication=False)
    connection.autocommit = True
    return connection


def open_replication(settings: PostgresSettings) -> Connection:
    """A connection that speaks the replication protocol."""
    return _connect(settings, replication=True)


def _connect(settings: PostgresSettings, *, replication: bool) -> Connection:
    options = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    if not replication:
        options += " -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
    addresses = reach_host(settings.host, settings.port, settings.networks, database=settings.database)
    named: dict[str, Any] = dict(name_addresses(settings.host, addresses))
    if replication:
        named["connection_factory"] = psycopg2.extras.LogicalReplicationConnection
    try:
        with lend_ca(settings.ca) as authority:
            connection: Connection = psycopg2.connect(
                port=settings.port,
                dbname=settings.database,
                user=settings.user,
                password=settings.password,
                sslmode=settings.sslmode,
                sslrootcert=authority,
                connect_timeout=_PATIENCE_SECONDS,
                application_name="regard",
                options=options,
                keepalives_idle=30,
                keepalives_interval=10,
                keepalives_count=3,
                **named,
            )
        return connection
    except psycopg2.OperationalError as problem:
        raise explain_connection(problem, settings) from problem


def name_addresses(host: str, addresses: Sequence[str]) -> dict[str, str]:
    """What libpq is told: the addresses to try in turn, and for each the name that the server must prove."""
    return {"host": ",".join([host] * len(addresses)), "hostaddr": ",".join(addresses)}


def explain_connection(
    problem: psycopg2.Error, settings: PostgresSettings
) -> SourceUnavailableError | SourceRefusesError:
    """What it means that the server cannot be reached or lets us not in."""
    place = f"PostgreSQL at {settings.host}:{settings.port}, database “{settings.database}”"
    reason = " ".join(str(problem).split())  # read, never told: it may quote settings
    for sign, remedy in _REFUSALS.items():
        if sign in reason:
            return SourceRefusesError(f"{place} refuses the user “{settings.user}”. {remedy}.")
    return SourceUnavailableError(f"{place} cannot be reached. Regard tries again.")


def tell_code(problem: psycopg2.Error) -> str:
    """The SQLSTATE in brackets, by which an administrator finds the fault; "" where the server gave none.

    The words of a database are not told: they may quote rows.
    """
    return f" ({problem.pgcode})" if problem.pgcode else ""


def ask(connection: Connection, statement: str, values: Mapping[str, Any]) -> list[str]:
    """The first column of all rows, as text."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]
