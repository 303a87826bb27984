"""Keeps credentials that a source itself renewed: only those, never over what a person saved meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regard.connectors.connector_contract import Connector, Settings
from regard.connectors.merge_settings import merge
from regard.db.pool import Connection, Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.keep_connections import QUERIES, open_secrets, seal_secrets, secret_names
from regard.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class Renewals:
    """Where renewed credentials of one source are kept."""

    pool: Pool
    keyring: Keyring
    clock: Clock
    connector: Connector
    source: str


class RenewedSettings:
    """The keeper of one opened reader; `version` and `secrets` are those that the reader was opened with."""

    def __init__(self, place: Renewals, version: datetime, secrets: Mapping[str, Any]) -> None:
        self._place = place
        self._version = version
        self._secrets = dict(secrets)

    async def keep(self, renewed: Settings) -> None:
        """Lay what was renewed over the settings as they are now; readers go on.

        Settings that a person saved meanwhile stay. Where that person gave other credentials, what was
        renewed belongs to the old ones and is dropped.
        """
        place = self._place
        async with place.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(QUERIES["lock_settings"], place.source)
            if row is None:
                return
            kept = await open_secrets(connection, place.keyring, place.source, row["secrets"])
            if row["changed_at"] != self._version and kept != self._secrets:
                return
            opened = json.loads(row["settings"])
            merged = merge({**opened, **kept}, renewed)
            secrets = {name: one for name, one in merged.items() if self._is_secret(name, opened, kept)}
            opened = {name: one for name, one in merged.items() if name not in secrets}
            sealed = await seal_secrets(connection, place.keyring, place.source, secrets)
            await connection.execute(
                QUERIES["keep_renewed"], place.source, json.dumps(opened), sealed, row["changed_at"]
            )
        self._secrets = secrets

    def _is_secret(self, name: str, opened: Mapping[str, Any], kept: Mapping[str, Any]) -> bool:
        """What the schema does not know as open, and was not so before, may be a token."""
        known = self._place.connector.settings_schema.get("properties", {})
        return name in kept or name in secret_names(self._place.connector) or not {name} & {*known, *opened}


class TriedSettings:
    """The keeper of settings that are only tried: what was renewed waits until those settings are saved."""

    def __init__(self, place: Renewals, tried: Settings) -> None:
        self._place = place
        self._tried = secrets_among(place.connector, tried)
        self._renewed: dict[str, Any] = {}

    async def keep(self, renewed: Settings) -> None:
        """Keep it beside the settings: the credentials that were tried may work no more."""
        place = self._place
        self._renewed = merge(self._renewed, renewed)
        whole = {"tried": self._tried, "renewed": self._renewed}
        async with place.pool.acquire() as connection, connection.transaction():
            sealed = await seal_secrets(connection, place.keyring, place.source, whole)
            await connection.execute(QUERIES["keep_trial"], place.source, sealed, place.clock.now())


async def take_renewed(
    connection: Connection, keyring: Keyring, connector: Connector, source: str, settings: Settings
) -> dict[str, Any]:
    """The settings with what their trial renewed, in the caller's transaction; the trial is over then."""
    row = await connection.fetchrow(QUERIES["take_trial"], source)
    trial = await open_secrets(connection, keyring, source, row["secrets"] if row else None)
    if trial.get("tried") != secrets_among(connector, settings):
        return dict(settings)
    return merge(settings, trial["renewed"])


def secrets_among(connector: Connector, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are secrets and filled in."""
    secret = secret_names(connector)
    return {name: value for name, value in settings.items() if name in secret and value not in (None, "")}
