"""How each source is reached: its settings, whether they work, and how far its streams were read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from regard.api.ask_secrets_anew import ask_secrets_anew
from regard.api.authenticate import require_right
from regard.api.services import Services
from regard.api.tell_connections import tell_connection, tell_connector, tell_streams
from regard.connectors.connector_catalogue import find_connector, list_connectors
from regard.connectors.connector_contract import (
    Connector,
    Settings,
    SettingsRefusedError,
    SourceClient,
    SourceUnavailableError,
    StreamSpec,
    Surroundings,
)
from regard.connectors.load_mappings import shipped_mappings
from regard.connectors.signatures.check_webhook_secret import check_webhook_secret
from regard.connectors.webhooks.webhook_catalogue import OLD_SECRET, SECRET
from regard.intake.keep_connections import (
    QUERIES,
    Connected,
    check_settings,
    read_connected,
    read_secrets,
    save_connection,
    secret_names,
)
from regard.intake.keep_renewed_settings import (
    Renewals,
    RenewedSettings,
    TriedSettings,
    secrets_among,
    take_renewed,
)
from regard.intake.keep_stream_mappings import install_mappings
from regard.kit.errors import RegardError
from regard.sources.manage_sources import Source, read_source

RIGHT = "sources"
_CHECK_SECONDS = 30.0
_T = TypeVar("_T")


class ConnectionBody(BaseModel):
    """How a source is reached. Secrets that are left out stay as they are.

    A source that is not `shown` is filled, and its records state nothing yet.
    """

    settings: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, Any] = Field(default_factory=dict)
    enabled: bool = True
    shown: bool = True
    time_zone: str = Field(default="UTC", max_length=60)
    freshness_seconds: int | None = Field(default=None, ge=1, le=31_536_000)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Settings that are tried for a source, and what is kept for it."""

    source: str
    connector: Connector
    before: Connected | None
    kept: Mapping[str, Any]
    settings: Mapping[str, Any]

    def ask_secrets_anew(self, body: ConnectionBody) -> None:
        """Raise when a kept secret would go to another place than it was given for."""
        before = self.before.settings if self.before else {}
        ask_secrets_anew(before, body.settings, self.kept, _given(self.connector, body))


def routes(services: Services) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["connections"])
    _add_catalogue(router, services)
    _add_settings(router, services)
    _add_discovery(router, services)
    _add_streams(router, services)
    return router


def _add_catalogue(router: APIRouter, services: Services) -> None:
    @router.get("/connectors", operation_id="listConnectors")
    async def read_all(request: Request) -> dict[str, Any]:
        """The kinds of source there are, with the JSON schema of their settings."""
        await require_right(request, services.sign_in, RIGHT)
        return {"connectors": [tell_connector(one) for one in list_connectors()]}


def _add_settings(router: APIRouter, services: Services) -> None:
    pool, clock, keyring = services.pool, services.clock, services.keyring

    @router.get("/sources/{source}/connection", operation_id="readConnection")
    async def read(request: Request, source: str) -> dict[str, Any]:
        """The settings without their secrets, whether they work, and what went wrong last."""
        await require_right(request, services.sign_in, RIGHT)
        async with pool.acquire() as connection:
            known = await read_source(connection, source)
            kept = await read_secrets(connection, keyring, source)
            return tell_connection(known, await read_connected(connection, source), kept)

    @router.put("/sources/{source}/connection", operation_id="changeConnection")
    async def change(request: Request, source: str, body: ConnectionBody) -> dict[str, Any]:
        """Change the settings; the source is read with them within a second."""
        principal = await require_right(request, services.sign_in, RIGHT)
        async with pool.acquire() as connection, connection.transaction():
            known = await read_source(connection, source)
            connector = _connector_of(known)
            before = await read_connected(connection, source)
            kept = await read_secrets(connection, keyring, source)
            given = _given(connector, body)
            ask_secrets_anew(before.settings if before else {}, body.settings, kept, given)
            whole = await take_renewed(
                connection, keyring, connector, source, {**kept, **body.settings, **given}
            )
            # What was not sent among the open settings is kept sealed.
            opened = {name: one for name, one in whole.items() if name in body.settings}
            secrets = {name: one for name, one in whole.items() if name not in opened}
            secrets |= secrets_among(connector, opened)
            wanted = _wanted(known, connector, body, opened, principal.username, services)
            await save_connection(connection, keyring, connector, wanted, secrets)
            if connector.mappings is not None:
                mappings = shipped_mappings(connector.mappings)
                await install_mappings(connection, source, mappings, clock.now())
            kept = await read_secrets(connection, keyring, source)
            return tell_connection(known, await read_connected(connection, source), kept)

    @router.post("/sources/{source}/connection/check", operation_id="checkConnection")
    async def check(request: Request, source: str, body: ConnectionBody) -> dict[str, Any]:
        """Try settings without keeping them: reach the source once and list its streams."""
        await require_right(request, services.sign_in, RIGHT)
        trial = await _begin_trial(services, source, body)
        connector, settings = trial.connector, trial.settings
        try:
            trial.ask_secrets_anew(body)
            check_settings(connector, settings, body.time_zone)
            notes = _look_at_secret(connector, settings, clock.now())
            streams = await _try(connector, settings, _around(trial, body.time_zone, services))
        except RegardError as error:
            return {"works": False, "code": error.code, "detail": str(error), "streams": [], "notes": []}
        told = [{"name": one.name, "title": one.title, "poll_seconds": one.poll_seconds} for one in streams]
        return {"works": True, "code": None, "detail": None, "streams": told, "notes": notes}


def _add_discovery(router: APIRouter, services: Services) -> None:
    @router.post("/sources/{source}/connection/find", operation_id="findInSource")
    async def find(request: Request, source: str, body: ConnectionBody) -> dict[str, Any]:
        """Look what the source has that its settings may name, such as tables. Nothing is kept."""
        await require_right(request, services.sign_in, RIGHT)
        trial = await _begin_trial(services, source, body)
        connector = trial.connector
        try:
            trial.ask_secrets_anew(body)
            if connector.discovery is None:
                raise SettingsRefusedError("Of this kind of source nothing can be found before it is read.")
            sample = {connector.discovery.setting: [dict(connector.discovery.sample)]}
            check_settings(connector, {**trial.settings, **sample}, body.time_zone)
            around = _around(trial, body.time_zone, services)
            found = await _in_time(connector.discovery.find(trial.settings, around))
        except RegardError as error:
            return {"works": False, "code": error.code, "detail": str(error), "found": []}
        return {"works": True, "code": None, "detail": None, "found": [asdict(one) for one in found]}


async def _begin_trial(services: Services, source: str, body: ConnectionBody) -> _Trial:
    async with services.pool.acquire() as connection:
        known = await read_source(connection, source)
        before = await read_connected(connection, source)
        kept = await read_secrets(connection, services.keyring, source)
    connector = _connector_of(known)
    settings = {**kept, **body.settings, **_given(connector, body)}
    return _Trial(source, connector, before, kept, settings)


def _around(trial: _Trial, time_zone: str, services: Services) -> Surroundings:
    return Surroundings(
        trial.source, services.clock, time_zone, _keeper(trial, services),
        services.settings.home / "connectors", services.settings.watched, services.settings.networks,
    )  # fmt: skip


def _add_streams(router: APIRouter, services: Services) -> None:
    pool = services.pool

    @router.get("/sources/{source}/streams", operation_id="listStreams")
    async def read_streams(request: Request, source: str) -> dict[str, Any]:
        """What is known of each stream: how far it was read, what came, and what went wrong."""
        await require_right(request, services.sign_in, RIGHT)
        async with pool.acquire() as connection:
            await read_source(connection, source)
            return {"streams": await tell_streams(connection, source)}

    @router.post("/sources/{source}/streams/{stream}/reread", operation_id="rereadStream", status_code=204)
    async def reread(request: Request, source: str, stream: str) -> None:
        """Read the stream again from its beginning; what did not change stays as it is."""
        principal = await require_right(request, services.sign_in, RIGHT)
        async with pool.acquire() as connection, connection.transaction():
            await read_source(connection, source)
            await connection.execute(QUERIES["reset_stream"], source, stream)
            # The runner begins anew with a connection that changed.
            await connection.execute(
                QUERIES["touch_connection"], source, services.clock.now(), principal.username
            )


def _keeper(trial: _Trial, services: Services) -> Callable[[Settings], Awaitable[None]]:
    """Keeps a credential that was renewed while settings were tried: the old one may work no more.

    Other credentials than the kept ones are not saved by being tried.
    """
    place = Renewals(services.pool, services.keyring, services.clock, trial.connector, trial.source)
    same = secrets_among(trial.connector, trial.settings) == secrets_among(trial.connector, trial.kept)
    if trial.before is None or not same:
        return TriedSettings(place, trial.settings).keep
    return RenewedSettings(place, trial.before.changed_at, trial.kept).keep


def _look_at_secret(connector: Connector, settings: Mapping[str, Any], now: datetime) -> list[str]:
    """What to know of the secret of pushes; raises `SettingsRefusedError` for one that can prove nothing."""
    if connector.webhook is None or SECRET not in connector.settings_schema.get("properties", {}):
        return []
    given = [str(settings[name]) for name in (SECRET, OLD_SECRET) if settings.get(name)]
    if not given:
        return ["There is no webhook secret yet: pushes are turned away, and only what is read comes."]
    check_webhook_secret(connector.webhook, "\n".join(given), now)
    return []


async def _try(connector: Connector, settings: Mapping[str, Any], around: Surroundings) -> list[StreamSpec]:
    if connector.open is None:
        return []
    client = connector.open(settings, around)
    try:
        return await _in_time(_streams_of(client))
    finally:
        await client.close()


async def _streams_of(client: SourceClient) -> list[StreamSpec]:
    await client.check()
    return list(await client.streams())


async def _in_time(asked: Awaitable[_T]) -> _T:
    """What a source answers; raises `SourceUnavailableError` when it does not."""
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await asked
    except TimeoutError:
        raise SourceUnavailableError(
            "The source does not answer in time; check its address, and whether a firewall lies between."
        ) from None
    except OSError:
        raise SourceUnavailableError(
            "The source cannot be reached; check its address and whether this machine may reach it."
        ) from None


def _connector_of(source: Source) -> Connector:
    connector = find_connector(source.connector)
    if connector is None:
        raise SettingsRefusedError(f"The connector “{source.connector}” is not part of this installation.")
    return connector


def _wanted(
    source: Source,
    connector: Connector,
    body: ConnectionBody,
    opened: Mapping[str, Any],
    by: str,
    services: Services,
) -> Connected:
    secret = secret_names(connector)
    return Connected(
        source=source.slug,
        settings={name: value for name, value in opened.items() if name not in secret},
        enabled=body.enabled,
        shown=body.shown,
        time_zone=body.time_zone,
        freshness_seconds=body.freshness_seconds,
        changed_at=services.clock.now(),
        changed_by=by,
    )


def _given(connector: Connector, body: ConnectionBody) -> dict[str, Any]:
    """Secrets that were sent, among the settings too; an empty one keeps what is there."""
    own = {name: value for name, value in body.secrets.items() if value not in (None, "")}
    return {**secrets_among(connector, body.settings), **own}
