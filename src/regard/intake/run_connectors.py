"""Reads every source that has a connector: one task a source, one a stream, each on its own pauses."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg
import structlog

from regard.connectors.allow_networks import SourceNetworks
from regard.connectors.connector_catalogue import find_connector
from regard.connectors.connector_contract import Connector, SourceClient, Surroundings, Warns
from regard.connectors.load_mappings import shipped_mappings
from regard.connectors.programs.sweep_folders import sweep_folders
from regard.db.pool import Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.commit_raw_records import SourceTakenOverError
from regard.intake.fetch_wanted_records import WantedReader
from regard.intake.judge_trouble import Trouble, first_error, pause_after, tell_trouble
from regard.intake.keep_connections import QUERIES, read_connected, read_secrets, read_whole_settings
from regard.intake.keep_marks import read_marks
from regard.intake.keep_renewed_settings import Renewals, RenewedSettings
from regard.intake.keep_stream_mappings import install_mappings
from regard.intake.read_stream import StreamReader
from regard.intake.receive_raw_records import RawIntake
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.kit.name_process import is_gone
from regard.kit.work_rounds import pause
from regard.sources.manage_sources import Source, SourceRemovedError, read_source

_LOG = structlog.get_logger(__name__)
_LEASE = timedelta(seconds=30)
_ROUND = 1.0
_WATCH_SECONDS = 60.0
_CLOSE_SECONDS = 10.0
_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class ConnectorRunner:
    """Keeps the sources of this installation read; several runners share them by leases.

    `programs` is the folder whose programs may be run as connectors; None: none may. `folders` are
    those below which files may be read, `networks` says where in the network sources may stand.
    """

    def __init__(
        self, pool: Pool, keyring: Keyring, clock: Clock, owner: str, programs: Path | None = None,
        folders: tuple[Path, ...] = (), networks: SourceNetworks | None = None,
    ) -> None:  # fmt: skip
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._owner = owner
        self._programs = programs
        self._folders = folders
        self._networks = networks or SourceNetworks()
        self._intake = RawIntake(pool, keyring, clock)
        self._running: dict[str, tuple[datetime, asyncio.Task[None]]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop` is set; batches under way are committed or rolled back, never half done."""
        try:
            with suppress(*_AWAY):
                await self._release_dead()
            await asyncio.to_thread(sweep_folders)
            while not stop.is_set():
                try:
                    await self._look_around()
                except _AWAY as error:
                    _LOG.warning("connectors_wait_for_database", error=type(error).__name__)
                await pause(stop, _ROUND)
        finally:
            await self._end([*self._running])
            with suppress(*_AWAY):
                await self._pool.execute(QUERIES["release_connections"], self._owner)

    async def _look_around(self) -> None:
        """Take what nobody reads, end what was switched off, begin anew what was changed."""
        rows = await self._pool.fetch(QUERIES["claim_connections"], self._owner, self._clock.now(), _LEASE)
        wanted = {row["source"]: row["changed_at"] for row in rows}
        await self._end([
            source
            for source, (changed_at, task) in self._running.items()
            if wanted.get(source) != changed_at or task.done()
        ])  # fmt: skip
        for source, changed_at in wanted.items():
            if source not in self._running:
                task = asyncio.create_task(self._read_source(source, changed_at), name=f"source {source}")
                self._running[source] = (changed_at, task)

    async def _end(self, sources: list[str]) -> None:
        tasks = [self._running.pop(source)[1] for source in sources]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read_source(self, slug: str, changed_at: datetime) -> None:
        """Open the source and read its streams; trouble is noted and tried again, and ends nobody else."""
        failures = 0
        while True:
            try:
                await self._open_and_read(slug, changed_at)
                return
            except Exception as trouble:  # noqa: BLE001 - one source must not end the others
                error = first_error(trouble)
                if isinstance(error, SourceTakenOverError | SourceRemovedError):
                    return
                failures += 1
                await asyncio.sleep(await self._tell(slug, error, failures))

    async def _tell(self, slug: str, error: BaseException, failures: int) -> float:
        """Note the trouble of a source (our own database is none); gives the seconds until the next try."""
        if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError):
            _LOG.warning("source_interrupted", source=slug, error=type(error).__name__)
            return pause_after(Trouble("database_away", "", None, terminal=False), failures)
        trouble = tell_trouble(error)
        if not isinstance(error, RegardError | OSError):
            _LOG.error("connector_broke", source=slug, exc_info=error)
        pause = pause_after(trouble, failures)
        with suppress(*_AWAY):
            await self._note(slug, trouble.code, trouble.sentence, timedelta(seconds=pause))
        return pause

    async def _open_and_read(self, slug: str, changed_at: datetime) -> None:
        async with self._pool.acquire() as connection:
            source = await read_source(connection, slug)
            connector = find_connector(source.connector)
            if connector is None:
                return
            if connector.mappings is not None:
                async with connection.transaction():
                    await install_mappings(
                        connection, slug, shipped_mappings(connector.mappings), self._clock.now()
                    )
        if connector.open is None:
            # It only pushes: nothing to do until its settings change.
            await asyncio.Event().wait()
        client = await self._open_client(source, connector)
        try:
            await self._read_streams(source, client, changed_at)
        finally:
            # A source that cannot even be left must not hold up the others.
            with suppress(TimeoutError):
                await asyncio.wait_for(client.close(), _CLOSE_SECONDS)

    async def _open_client(self, source: Source, connector: Connector) -> SourceClient:
        assert connector.open is not None
        async with self._pool.acquire() as connection:
            # The version first: settings that are newer than it are recognised by their secrets.
            connected = await read_connected(connection, source.slug)
            settings = await read_whole_settings(connection, self._keyring, source.slug)
            secrets = await read_secrets(connection, self._keyring, source.slug)
        zone = connected.time_zone if connected else "UTC"
        version = connected.changed_at if connected else self._clock.now()
        place = Renewals(self._pool, self._keyring, self._clock, connector, source.slug)
        keep = RenewedSettings(place, version, secrets).keep
        around = Surroundings(
            source.slug, self._clock, zone, keep, self._programs, self._folders, self._networks,
            partial(self._read_marks, source.slug),
        )  # fmt: skip
        return connector.open(settings, around)

    async def _read_marks(self, slug: str, stream: str) -> dict[str, str]:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(QUERIES["await_turn"], slug)
            return await read_marks(connection, slug, stream)

    async def _read_streams(self, source: Source, client: SourceClient, changed_at: datetime) -> None:
        await client.check()
        streams = list(await client.streams())
        await self._note(source.slug, None, None)
        await self._pool.execute(
            QUERIES["add_streams"], source.slug, [one.name for one in streams],
            [one.title for one in streams], [one.poll_seconds for one in streams],
        )  # fmt: skip
        await self._pool.execute(QUERIES["retire_streams"], source.slug, [one.name for one in streams])
        wanted = WantedReader(self._pool, self._intake, self._clock, source, client)
        async with asyncio.TaskGroup() as group:
            group.create_task(wanted.run(), name=f"wanted {source.slug}")
            if isinstance(client, Warns):
                group.create_task(self._watch(source.slug, client), name=f"warnings {source.slug}")
            for spec in streams:
                reader = StreamReader(
                    self._pool, self._intake, self._clock, source, client, spec, self._owner, changed_at
                )
                group.create_task(reader.run(), name=f"stream {source.slug} {spec.name}")

    async def _watch(self, slug: str, client: Warns) -> None:
        """Keep what a person should look at; a look that fails says nothing, the reading says enough."""
        while True:
            with suppress(RegardError, OSError, TimeoutError):
                warnings = list(await client.warnings())
                await self._pool.execute(QUERIES["note_warnings"], slug, warnings)
            await asyncio.sleep(_WATCH_SECONDS)

    async def _release_dead(self) -> None:
        """A process that was killed gives back nothing; whoever follows it on this machine need not wait."""
        rows = await self._pool.fetch(QUERIES["read_owners"])
        dead = [row["owner"] for row in rows if row["owner"] != self._owner and is_gone(row["owner"])]
        if dead:
            await self._pool.execute(QUERIES["release_dead"], dead)

    async def _note(
        self, slug: str, code: str | None, sentence: str | None, pause: timedelta | None = None
    ) -> None:
        now = self._clock.now()
        again = None if pause is None else now + pause
        await self._pool.execute(QUERIES["note_connection"], slug, code, sentence, now, again)
