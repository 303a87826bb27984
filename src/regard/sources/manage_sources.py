"""Sets sources up and lists them with what they have sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.kit.errors import RegardError
from regard.kit.tell_dates import tell_day

_QUERIES = NamedQueries(__package__, "sources.sql")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_LONGEST_TITLE = 200
# Judgements of people stand in the log under this name.
_RESERVED = frozenset({"regard"})


class SourceRefusedError(RegardError):
    """A source cannot be set up like this."""

    code = "source_refused"
    status = 422


class SourceExistsError(RegardError):
    """A source of that slug exists."""

    code = "source_exists"
    status = 409


class NoSuchSourceError(RegardError):
    """No source has that slug."""

    code = "no_such_source"
    status = 404


class SourceRemovedError(NoSuchSourceError):
    """The source was removed; it can be brought back."""

    code = "source_removed"


@dataclass(frozen=True, slots=True)
class Source:
    """A configured outside system; `country` (ISO 3166) and `currency` (ISO 4217) are its defaults."""

    slug: str
    title: str
    connector: str
    country: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A source with what it has sent; `last_hour` counts the events of the last sixty minutes, to the minute.

    `lag_seconds` is how long after it happened (or was changed) the newest thing known of the source was
    received; None where that happened before the source was set up, for then the delay is nobody's.
    """

    source: Source
    created_at: datetime
    accepted: int
    duplicate: int
    rejected: int
    last_received_at: datetime | None
    last_occurred_at: datetime | None
    last_hour: int
    lag_seconds: float | None


async def create_source(connection: Connection, source: Source, now: datetime) -> None:
    """Set a source up; raises `SourceRefusedError` or `SourceExistsError`."""
    _check(source)
    added = await connection.fetchval(
        _QUERIES["add_source"],
        source.slug,
        source.title.strip(),
        source.connector,
        source.country,
        source.currency,
        now,
    )
    if added is None:
        raise await _explain_taken(connection, source.slug)


async def change_source(connection: Connection, wanted: Source) -> None:
    """Give a source another title or country; raises `NoSuchSourceError` or `SourceRefusedError`.

    Ids, settings and history stay: they know the slug. With another country the worker reads the records anew
    within a second: their national numbers mean others now.
    """
    await read_source(connection, wanted.slug)
    _check(wanted)
    await connection.execute(_QUERIES["change_source"], wanted.slug, wanted.title.strip(), wanted.country)


async def read_countries(connection: Connection) -> dict[str, str]:
    """The country of each source that has one."""
    rows = await connection.fetch(_QUERIES["read_countries"])
    return {row["slug"]: row["country"] for row in rows}


async def read_source(connection: Connection, slug: str) -> Source:
    """The source of that slug; raises `NoSuchSourceError`."""
    row = await connection.fetchrow(_QUERIES["read_source"], slug) if "\0" not in slug else None
    if row is None:
        raise NoSuchSourceError(f"There is no source “{slug[:64]}”. Set it up first, or correct the name.")
    if row["removed_at"] is not None:
        raise SourceRemovedError(
            f"The source “{slug}” was removed on {tell_day(row['removed_at'])}."
            " Bring it back first, in the list of removed sources."
        )
    return source_of(row)


async def read_any_source(connection: Connection, slug: str) -> Source:
    """The same, also of a source that was removed; raises `NoSuchSourceError`."""
    row = await connection.fetchrow(_QUERIES["read_source"], slug) if "\0" not in slug else None
    if row is None:
        raise NoSuchSourceError(f"There is no source “{slug[:64]}”.")
    return source_of(row)


async def list_sources(connection: Connection, now: datetime, slug: str | None = None) -> list[SourceReport]:
    """All sources (or the one named) with their traffic, by title."""
    rows = await connection.fetch(_QUERIES["list_sources"], now, slug)
    return [_report(row) for row in rows]


def source_of(row: asyncpg.Record) -> Source:
    """A source from a row with its columns."""
    return Source(row["slug"], row["title"], row["connector"], row["country"], row["currency"])


async def _explain_taken(connection: Connection, slug: str) -> SourceExistsError:
    row = await connection.fetchrow(_QUERIES["read_source"], slug)
    if row is not None and row["removed_at"] is not None:
        return SourceExistsError(
            f"A source “{slug}” was removed on {tell_day(row['removed_at'])}; its records bear that name."
            " Bring it back in the list of removed sources, or choose another slug."
        )
    return SourceExistsError(f"There is a source “{slug}” already. Choose another slug.")


def _report(row: asyncpg.Record) -> SourceReport:
    received, occurred, newest = row["last_received_at"], row["last_occurred_at"], row["newest_received_at"]
    known = newest is not None and occurred is not None and occurred >= row["created_at"]
    return SourceReport(
        source=source_of(row),
        created_at=row["created_at"],
        accepted=row["accepted"],
        duplicate=row["duplicate"],
        rejected=row["rejected"],
        last_received_at=received,
        last_occurred_at=occurred,
        last_hour=row["last_hour"],
        lag_seconds=(newest - occurred).total_seconds() if known else None,
    )


def _check(source: Source) -> None:
    if not _SLUG.fullmatch(source.slug) or source.slug in _RESERVED:
        raise SourceRefusedError(
            "“slug” must be 1 to 63 small letters, digits, - and _, beginning with a letter or digit,"
            " and not “regard”; for example “shop”."
        )
    if not source.title.strip() or len(source.title) > _LONGEST_TITLE or "\0" in source.title:
        raise SourceRefusedError(f"“title” must have 1 to {_LONGEST_TITLE} characters.")
    for name, value, letters in (("country", source.country, 2), ("currency", source.currency, 3)):
        if value is not None and not re.fullmatch(f"[A-Z]{{{letters}}}", value):
            raise SourceRefusedError(
                f"“{name}” must be {letters} capital letters, like DE or EUR, or be left out."
            )
