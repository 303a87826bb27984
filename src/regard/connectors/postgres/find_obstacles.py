"""Says what stands between Regard and the changes of a PostgreSQL source, each with the statement that helps.

Pure: it judges a state that was read before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from regard.connectors.postgres.describe_source_table import SourceTable
from regard.connectors.postgres.inspect_postgres import SourceState
from regard.connectors.postgres.postgres_settings import PostgresSettings

_OLDEST_VERSION = 120_000
_STANDBY_VERSION = 160_000
_CLOCK_TOLERANCE_SECONDS = 300
_LONG_TRANSACTION_SECONDS = 60
CHANGES = "insert, update, delete, truncate"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know about a source. `missing`: without it no change can be captured; else a warning.

    `remedy` is SQL for the source's administrator, or empty.
    """

    sentence: str
    remedy: str = ""
    missing: bool = True

    def __str__(self) -> str:
        return f"{self.sentence} Run: {self.remedy}" if self.remedy else self.sentence


def find_obstacles(state: SourceState, settings: PostgresSettings, now: datetime) -> list[Finding]:
    """All findings, what is missing first."""
    found = [
        *_of_server(state),
        *_of_role(state, settings),
        *_of_slot(state, settings),
        *_of_tables(state, settings),
        *_of_publication(state, settings),
        *_of_clock(state, now),
    ]
    return sorted(found, key=lambda one: not one.missing)


def quote(name: str) -> str:
    """A name as SQL writes it when it may hold anything."""
    return '"' + name.replace('"', '""') + '"'


def full_name(table: SourceTable) -> str:
    """Schema and table, quoted."""
    return f"{quote(table.schema)}.{quote(table.table)}"


def publication_statement(settings: PostgresSettings, tables: list[SourceTable]) -> str:
    """The statement that makes the publication; partitions speak as their parent."""
    names = ", ".join(full_name(one) for one in tables)
    return (
        f"CREATE PUBLICATION {quote(settings.publication)} FOR TABLE {names}"
        f" WITH (publish = '{CHANGES}', publish_via_partition_root = true);"
    )


def wanted_tables(state: SourceState) -> list[SourceTable]:
    """The tables that a publication of ours would list.

    Not those without replica identity: the source would refuse every update and delete of their rows from the
    moment they are published.
    """
    return [one for one in state.tables if one.usable]


def _of_server(state: SourceState) -> Iterator[Finding]:
    server = state.server
    if server["version"] < _OLDEST_VERSION:
        yield Finding(
            f"The server is PostgreSQL {server['version'] // 10_000}; change capture needs 12 or later. Use"
            " the connector “SQL database (polling)” instead."
        )
    if server["wal_level"] != "logical":
        yield Finding(
            f"The server writes its log with wal_level “{server['wal_level']}”, which does not tell the"
            " changes of rows. Where that may not be changed, use the connector “SQL database (polling)”"
            " instead.",
            "ALTER SYSTEM SET wal_level = 'logical'; -- then restart PostgreSQL",
        )
    if server["in_recovery"] and server["version"] < _STANDBY_VERSION:
        yield Finding("The server is a standby, which cannot do this before PostgreSQL 16. Name its primary.")
    if server["max_slot_wal_keep_size"] in (None, "-1"):
        yield Finding(
            "Nothing limits what the server keeps for a reader that has stopped, so its disk may fill while"
            " Regard is down. Regard reads all again when the limit was reached.",
            "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'; SELECT pg_reload_conf();",
            missing=False,
        )
    if server["encoding"] == "SQL_ASCII":
        yield Finding(
            "The database has the encoding SQL_ASCII, so nobody knows how its letters are written. Regard"
            " takes them for UTF-8.",
            missing=False,
        )


def _of_role(state: SourceState, settings: PostgresSettings) -> Iterator[Finding]:
    if not state.server["may_replicate"]:
        yield Finding(
            f"The user “{settings.user}” has not the attribute REPLICATION.",
            f"ALTER ROLE {quote(settings.user)} REPLICATION;",
        )
    if any(one.filtered_by_row for one in state.tables) and not state.server["bypasses_rows"]:
        names = ", ".join(one.stream for one in state.tables if one.filtered_by_row)
        yield Finding(
            f"Row-level security hides rows of {names} from the first reading, though not from the changes.",
            f"ALTER ROLE {quote(settings.user)} BYPASSRLS;",
            missing=False,
        )


def _of_slot(state: SourceState, settings: PostgresSettings) -> Iterator[Finding]:
    server, slot = state.server, state.slot
    if slot is not None:
        if slot.plugin != "pgoutput" or not slot.here:
            yield Finding(
                f"The replication slot “{settings.slot}” belongs to something else. Choose another name for"
                " the slot."
            )
        return
    for used, limit, what in (
        (server["slots_used"], "max_replication_slots", "replication slot"),
        (server["senders_used"], "max_wal_senders", "WAL sender"),
    ):
        if used >= server[limit]:
            yield Finding(
                f"The server has no free {what} ({used} of {server[limit]} are in use).",
                f"ALTER SYSTEM SET {limit} = {used + 4}; -- then restart PostgreSQL",
            )
    if server["oldest_transaction_seconds"] > _LONG_TRANSACTION_SECONDS:
        yield Finding(
            f"A transaction has been open for {server['oldest_transaction_seconds']:.0f} seconds; a"
            " replication slot can be made only when it has ended.",
            missing=False,
        )


def _of_tables(state: SourceState, settings: PostgresSettings) -> Iterator[Finding]:
    there = {f"{one.schema}.{one.table}" for one in state.tables}
    for name in settings.exact_tables:
        if name not in there:
            yield Finding(
                f"There is no table {name} in the database “{settings.database}”. Correct the setting"
                " “Tables”."
            )
    if not state.tables:
        yield Finding("The settings mean no table of this database. Correct the setting “Tables”.")
    for table in state.tables:
        yield from _of_table(table, settings)


def _of_table(table: SourceTable, settings: PostgresSettings) -> Iterator[Finding]:
    needed = table.published or _is_named(table, settings)
    otherwise = "cannot be captured." if needed else "is left out."
    if not table.replicable:
        yield Finding(
            f"{table.stream} is a view, a foreign or an unlogged table, whose changes are not logged;"
            f" it {otherwise}",
            missing=needed,
        )
        return
    if not table.readable:
        yield Finding(
            f"The user “{settings.user}” may not read {table.stream}, so it {otherwise}",
            f"GRANT USAGE ON SCHEMA {quote(table.schema)} TO {quote(settings.user)};"
            f" GRANT SELECT ON {full_name(table)} TO {quote(settings.user)};",
            missing=needed,
        )
    if not table.tells_changes:
        yield Finding(
            f"{table.stream} has no primary key to tell its rows apart, so it {otherwise}",
            f"ALTER TABLE {full_name(table)} REPLICA IDENTITY FULL;",
            missing=needed,
        )
    elif not table.key:
        yield Finding(
            f"{table.stream} has no primary key: the id of a record is a digest of its whole row. A changed"
            " row is a new record, and rows that are alike in every column are one.",
            missing=False,
        )


def _of_publication(state: SourceState, settings: PostgresSettings) -> Iterator[Finding]:
    wanted = wanted_tables(state)
    publication = state.publication
    if publication is None:
        foreign = [one for one in wanted if not one.owned]
        # Those that were asked for by name will be usable once their own findings are mended.
        named = [one for one in state.tables if _is_named(one, settings) and one.replicable]
        to_be = [*wanted, *(one for one in named if one not in wanted)]
        if not settings.create_publication or not state.server["may_create"] or foreign:
            yield Finding(
                f"There is no publication “{settings.publication}”"
                + (", and this user may not make it." if settings.create_publication else "."),
                publication_statement(settings, to_be) if to_be else "",
            )
        return
    if not publication.all_changes:
        yield Finding(
            f"The publication “{settings.publication}” does not send all kinds of changes.",
            f"ALTER PUBLICATION {quote(settings.publication)} SET (publish = '{CHANGES}');",
        )
    absent = [one for one in wanted if not one.published]
    may_add = settings.create_publication and publication.owned and all(one.owned for one in absent)
    if absent and settings.patterns and not may_add:
        names = ", ".join(full_name(one) for one in absent)
        yield Finding(
            f"The publication “{settings.publication}” lacks {', '.join(one.stream for one in absent)}.",
            f"ALTER PUBLICATION {quote(settings.publication)} ADD TABLE {names};",
            missing=any(_is_named(one, settings) for one in absent),
        )


def _is_named(table: SourceTable, settings: PostgresSettings) -> bool:
    return f"{table.schema}.{table.table}" in settings.exact_tables


def _of_clock(state: SourceState, now: datetime) -> Iterator[Finding]:
    apart = (state.now - now).total_seconds()
    if abs(apart) > _CLOCK_TOLERANCE_SECONDS:
        yield Finding(
            f"The source's clock is {abs(apart):,.0f} seconds {'ahead of' if apart > 0 else 'behind'} ours."
            " Times from the future are taken as now; set the clock right.",
            missing=False,
        )
