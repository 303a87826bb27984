"""Removes from a PostgreSQL source what Regard made there: the slot and the publication. Blocks."""

from __future__ import annotations

import psycopg2
import psycopg2.errors

from regard.connectors.connector_contract import SourceUnavailableError
from regard.connectors.postgres.find_obstacles import quote
from regard.connectors.postgres.open_postgres import Connection, open_writer, tell_code
from regard.connectors.postgres.postgres_settings import PostgresSettings
from regard.kit.errors import RegardError

_PAUSE_SECONDS = 3.0


def leave_postgres(settings: PostgresSettings) -> list[str]:
    """Drop slot and publication; sentences on what had to stay.

    Raises `SourceUnavailableError`, with `retry_after` while somebody still reads from the slot.
    """
    remedy = f"Have its administrator run: SELECT pg_drop_replication_slot('{settings.slot}');"
    keeps = f"The server keeps its log for the slot “{settings.slot}” for as long as that is there. {remedy}"
    try:
        connection = open_writer(settings)
    except RegardError as problem:
        raise SourceUnavailableError(f"{problem} {keeps}") from problem
    try:
        _drop_slot(connection, settings)
        return _drop_publication(connection, settings)
    except psycopg2.errors.ObjectInUse as problem:
        raise SourceUnavailableError(
            f"Somebody still reads from the slot “{settings.slot}”. {remedy}", _PAUSE_SECONDS
        ) from problem
    except psycopg2.Error as problem:
        raise SourceUnavailableError(
            f"PostgreSQL refused or broke off{tell_code(problem)}. {keeps}"
        ) from problem
    finally:
        connection.close()


def _drop_slot(connection: Connection, settings: PostgresSettings) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s",
            [settings.slot],
        )


def _drop_publication(connection: Connection, settings: PostgresSettings) -> list[str]:
    """Only one that is ours to make, and that no other slot of the database may be read with."""
    name = settings.publication
    if not settings.create_publication:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(p.pubowner, 'USAGE'), EXISTS (SELECT FROM pg_replication_slots s"
            " WHERE s.database = current_database() AND s.plugin = 'pgoutput' AND NOT s.temporary)"
            " FROM pg_publication p WHERE p.pubname = %s",
            [name],
        )
        found = cursor.fetchone()
        if found is None:
            return []
        ours, used = found
        if ours and not used:
            cursor.execute(f"DROP PUBLICATION IF EXISTS {quote(name)}")
            return []
    why = "other slots of the database may be read with it" if used else "it belongs to another user"
    remedy = f"DROP PUBLICATION {quote(name)};"
    return [f"The publication “{name}” stays, because {why}. It costs nothing. To remove it, run: {remedy}"]
