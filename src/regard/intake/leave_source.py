"""Clears up in the outside system of a source what Regard made there, before the source is given up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from regard.connectors.allow_networks import SourceNetworks
from regard.connectors.connector_catalogue import find_connector
from regard.connectors.connector_contract import Leaves, SourceUnavailableError, Surroundings
from regard.db.pool import Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.keep_connections import read_connected, read_whole_settings
from regard.kit.clock import Clock
from regard.kit.errors import OUR_FAULT, RegardError
from regard.sources.manage_sources import read_any_source

_LOG = structlog.get_logger(__name__)
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 3.0
_CLOSE_SECONDS = 10.0


class SourceLeaver:
    """Leaves sources; what cannot be done is told, and holds nothing up.

    `programs`, `folders` and `networks` as for whoever reads them.
    """

    def __init__(
        self, pool: Pool, keyring: Keyring, clock: Clock, programs: Path | None = None,
        folders: tuple[Path, ...] = (), networks: SourceNetworks | None = None,
    ) -> None:  # fmt: skip
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._programs = programs
        self._folders = folders
        self._networks = networks or SourceNetworks()

    async def leave(self, slug: str) -> Sequence[str]:
        """Sentences on what was left behind in the outside system of a removed source."""
        try:
            return await self._leave(slug)
        except (RegardError, OSError, TimeoutError) as error:
            why = str(error) if isinstance(error, RegardError) else "It does not answer."
        except Exception as error:  # noqa: BLE001 - a fault of a connector must not keep the source
            _LOG.exception("leaving_failed", source=slug, error=type(error).__name__)
            why = f"It stopped because of {OUR_FAULT}."
        return [f"What Regard made in the outside system could not be cleared up there. {why}"[:1_000]]

    async def _leave(self, slug: str) -> Sequence[str]:
        async with self._pool.acquire() as connection:
            source = await read_any_source(connection, slug)
            connected = await read_connected(connection, slug)
            connector = find_connector(source.connector)
            if connected is None or connector is None or connector.open is None or not connected.settings:
                return []
            settings = await read_whole_settings(connection, self._keyring, slug)
        around = Surroundings(
            slug, self._clock, connected.time_zone, None, self._programs, self._folders, self._networks
        )
        client = connector.open(settings, around)
        try:
            return await self._insist(client) if isinstance(client, Leaves) else []
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(client.close(), _CLOSE_SECONDS)

    async def _insist(self, client: Leaves) -> Sequence[str]:
        """Whoever read the source may hold it for a moment yet."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                try:
                    return await client.leave()
                except SourceUnavailableError as error:
                    if error.retry_after is None:
                        raise
                    await asyncio.sleep(_PAUSE_SECONDS)
