"""Asks a PostgreSQL source over one connection kept for that, and has it prepared for change capture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg2

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.postgres.find_obstacles import Finding, find_obstacles
from regard.connectors.postgres.inspect_postgres import SourceState, inspect_postgres, measure_lag
from regard.connectors.postgres.open_postgres import Connection, open_reader, open_replication, tell_code
from regard.connectors.postgres.postgres_settings import PostgresSettings
from regard.connectors.postgres.prepare_postgres import prepare_publication
from regard.kit.clock import Clock

_T = TypeVar("_T")


class SourceDesk:
    """Where questions to the source are asked; every error is one of the connector contract."""

    def __init__(self, settings: PostgresSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._reader: Connection | None = None

    async def findings(self) -> list[Finding]:
        """All that is missing and all that should be known, what is missing first."""
        return find_obstacles(await self.inspect(), self._settings, self._clock.now())

    async def lag(self) -> dict[str, Any]:
        """How much of the source's log waits for Regard.

        `bytes_behind`, `bytes_retained` (what the source keeps on disk for us), `bytes_until_lost` (None: no
        limit is set), `wal_status`, `active`, and `alarm`: whether a person should look.
        """
        measured = await self.ask(lambda reader: measure_lag(reader, self._settings))
        if measured is None:
            return {"bytes_behind": None, "bytes_retained": None, "alarm": False, "active": False}
        left = measured["bytes_until_lost"]
        alarm = (measured["bytes_retained"] or 0) > self._settings.alarm_bytes
        close = left is not None and left < self._settings.alarm_bytes // 10
        lost = measured["wal_status"] in ("lost", "unreserved")
        return {**measured, "alarm": alarm or close or lost}

    async def prepare(self) -> SourceState:
        """What the source has now, after making what we may make; raises when something is missing."""
        source = await self.inspect()
        self._refuse_missing(source)
        if await asyncio.to_thread(prepare_publication, source, self._settings):
            source = await self.inspect()
            self._refuse_missing(source)
        return source

    def _refuse_missing(self, source: SourceState) -> None:
        missing = [one for one in find_obstacles(source, self._settings, self._clock.now()) if one.missing]
        if missing:
            raise SourceRefusesError(" ".join(str(one) for one in missing))

    def identify_system(self) -> str:
        """The identifier of the cluster; blocks."""
        connection = open_replication(self._settings)
        try:
            with connection.cursor() as cursor:
                cursor.execute("IDENTIFY_SYSTEM")
                row = cursor.fetchone()
                return str(row[0]) if row else ""
        except psycopg2.Error as problem:
            raise explain_break(problem) from problem
        finally:
            connection.close()

    async def inspect(self) -> SourceState:
        """The present state of the source."""
        return await self.ask(lambda reader: inspect_postgres(reader, self._settings))

    async def ask(self, question: Callable[[Connection], _T]) -> _T:
        """Ask over the connection that is kept for questions; it is opened anew after it broke."""

        def ask() -> _T:
            if self._reader is None or self._reader.closed:
                self._reader = open_reader(self._settings)
            return question(self._reader)

        try:
            return await asyncio.to_thread(ask)
        except psycopg2.Error as problem:
            await self.close()
            raise explain_break(problem) from problem

    async def close(self) -> None:
        """Give back the connection."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def explain_break(problem: psycopg2.Error) -> SourceUnavailableError:
    """What it means that a connection broke in the middle of something."""
    return SourceUnavailableError(
        f"PostgreSQL did not answer to the end{tell_code(problem)}. Regard tries again; if it lasts, look"
        " into the log of that server."
    )
