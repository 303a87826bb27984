"""Makes what change capture needs in the source: the publication and the replication slot. Blocks."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import psycopg2
import psycopg2.errors

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.postgres.describe_source_table import SourceTable
from regard.connectors.postgres.find_obstacles import (
    full_name,
    publication_statement,
    quote,
    wanted_tables,
)
from regard.connectors.postgres.inspect_postgres import STATEMENTS, SourceState
from regard.connectors.postgres.open_postgres import Connection, open_replication, open_writer, tell_code
from regard.connectors.postgres.postgres_settings import PostgresSettings
from regard.connectors.postgres.replication_cursor import parse_lsn


@dataclass(frozen=True, slots=True)
class ExportedSnapshot:
    """A state of the source that other sessions may read: all that was committed before `lsn`, nothing else.

    It lives as long as its connection sends no other command.
    """

    name: str
    lsn: int
    connection: Connection

    def close(self) -> None:
        """Let go of it, and of a temporary slot."""
        self.connection.close()


def prepare_publication(state: SourceState, settings: PostgresSettings) -> bool:
    """Make the publication, or add the tables that it lacks; whether anything was changed.

    Does nothing where the settings leave that to the source's administrator.
    """
    if not settings.create_publication:
        return False
    wanted = wanted_tables(state)
    absent = [one for one in wanted if not one.published]
    if state.publication is None and wanted:
        _run(settings, publication_statement(settings, wanted))
        return True
    if state.publication is not None and state.publication.owned and absent:
        addable = [one for one in absent if one.owned]
        return _add_tables(settings, addable)
    return False


def _add_tables(settings: PostgresSettings, tables: list[SourceTable]) -> bool:
    if not tables:
        return False
    names = ", ".join(full_name(one) for one in tables)
    _run(settings, f"ALTER PUBLICATION {quote(settings.publication)} ADD TABLE {names}")
    return True


def _run(settings: PostgresSettings, statement: str) -> None:
    connection = open_writer(settings)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except psycopg2.errors.DuplicateObject:
        pass  # somebody else was quicker
    except psycopg2.errors.InsufficientPrivilege as problem:
        raise SourceRefusesError(
            f"The user “{settings.user}” may not change the publication. Let the owner of the tables run:"
            f" {statement}"
        ) from problem
    finally:
        connection.close()


def drop_slot(settings: PostgresSettings) -> None:
    """Remove the slot when it is there and nobody reads from it."""
    connection = open_writer(settings)
    try:
        with connection.cursor() as cursor:
            cursor.execute(STATEMENTS["drop_slot"], {"slot": settings.slot})
    except (psycopg2.errors.ObjectInUse, psycopg2.errors.UndefinedObject):
        pass  # taken or gone in between; whoever makes it anew will see
    finally:
        connection.close()


def create_slot(settings: PostgresSettings, patience_seconds: float) -> ExportedSnapshot:
    """Make the lasting slot; the snapshot is the state that its changes begin from."""
    return _create(settings, f"{quote(settings.slot)} LOGICAL pgoutput", patience_seconds)


def export_snapshot(settings: PostgresSettings, patience_seconds: float) -> ExportedSnapshot:
    """A present state with its exact place in the log, by a slot that vanishes with the connection.

    An ordinary snapshot would not do: a change may be sent to us before other sessions see it.
    """
    number = threading.get_ident() % 1_000_000
    name = f"{settings.slot[:40]}_reading_{number}"
    return _create(settings, f"{quote(name)} TEMPORARY LOGICAL pgoutput", patience_seconds)


def _create(settings: PostgresSettings, what: str, patience_seconds: float) -> ExportedSnapshot:
    connection = open_replication(settings)
    # Making a slot waits until every running transaction has ended, however long that takes.
    alarm = threading.Timer(patience_seconds, connection.cancel)
    alarm.start()
    try:
        cursor = connection.cursor()
        cursor.execute(f"CREATE_REPLICATION_SLOT {what} EXPORT_SNAPSHOT")
        _, lsn, snapshot, _ = cursor.fetchone() or ("", "0/0", "", "")
        return ExportedSnapshot(snapshot, parse_lsn(lsn), connection)
    except psycopg2.Error as problem:
        connection.close()
        raise _explain(problem, settings, patience_seconds) from problem
    finally:
        alarm.cancel()


def _explain(problem: psycopg2.Error, settings: PostgresSettings, patience: float) -> Exception:
    if isinstance(problem, psycopg2.errors.QueryCanceled):
        return SourceUnavailableError(
            f"PostgreSQL made no replication slot within {patience:.0f} seconds because a transaction has"
            " been open for longer. Its pg_stat_activity, by xact_start, tells which. Regard tries again."
        )
    if isinstance(problem, psycopg2.errors.DuplicateObject):
        return SourceUnavailableError(
            f"The replication slot “{settings.slot}” is in use by another session. Regard tries again; when"
            " another installation uses it, choose another name for the slot."
        )
    if isinstance(problem, psycopg2.errors.ConfigurationLimitExceeded):
        return SourceUnavailableError(
            "The server has no free replication slot. Regard tries again; raise max_replication_slots there."
        )
    none = f"PostgreSQL makes no replication slot{tell_code(problem)}."
    if isinstance(
        problem, psycopg2.errors.InsufficientPrivilege | psycopg2.errors.ObjectNotInPrerequisiteState
    ):
        return SourceRefusesError(
            f"{none} Let its administrator give the user the attribute REPLICATION and set wal_level"
            " to logical."
        )
    return SourceUnavailableError(f"{none} Regard tries again; the log of that server says why.")
