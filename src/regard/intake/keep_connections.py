"""Keeps how each source is reached: settings in the open, secrets sealed under the source's own key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from regard.connectors.connector_contract import Connector, SettingsRefusedError
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.append_events import ensure_subject_keys
from regard.eventlog.read_keys import read_subject_keys
from regard.eventlog.seal_bodies import Keyring, seal, unseal
from regard.events.envelope import RecordKey
from regard.intake.keep_raw_heads import QUERIES as HEADS
from regard.kit.errors import RegardError

QUERIES = NamedQueries(__package__, "connections.sql")


class NoConnectionError(RegardError):
    """The source is not one that Regard reaches by settings."""

    code = "no_connection"
    status = 404


@dataclass(frozen=True, slots=True)
class Connected:
    """How a source is reached; `settings` without its secrets, `secret_names` those that are kept."""

    source: str
    settings: Mapping[str, Any]
    enabled: bool
    time_zone: str
    freshness_seconds: int | None
    changed_at: datetime
    changed_by: str
    shown: bool = True
    checked_at: datetime | None = None
    error_code: str | None = None
    error: str | None = None
    error_at: datetime | None = None


def secret_names(connector: Connector) -> frozenset[str]:
    """The settings of a connector that are secrets: `"writeOnly": true` in its schema."""
    properties = connector.settings_schema.get("properties", {})
    return frozenset(name for name, one in properties.items() if one.get("writeOnly"))


def check_settings(connector: Connector, settings: Mapping[str, Any], time_zone: str) -> None:
    """Raise `SettingsRefusedError` naming the setting that does not fit, never its value."""
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise SettingsRefusedError(
            f"“{time_zone[:60]}” is no time zone; write one such as Europe/Berlin or UTC."
        ) from None
    problem = best_match(Draft202012Validator(dict(connector.settings_schema)).iter_errors(dict(settings)))
    if problem is None:
        return
    place = ".".join(str(part) for part in problem.absolute_path)
    known = connector.settings_schema.get("properties", {})
    if problem.validator == "required":
        missing = next((name for name in problem.validator_value if name not in problem.instance), "?")
        title = known.get(missing, {}).get("title", missing)
        raise SettingsRefusedError(f"“{title}” ({missing}) is missing; fill it in.")
    if problem.validator == "additionalProperties":
        names = ", ".join(sorted(known))
        raise SettingsRefusedError(f"a setting is not known to this connector; known are {names}.")
    wanted = problem.schema.get("description") or f"it must fit {problem.validator} {problem.validator_value}"
    raise SettingsRefusedError(f"“{place or 'settings'}” is not as it should be: {wanted}"[:600])


async def save_connection(
    connection: Connection,
    keyring: Keyring,
    connector: Connector,
    wanted: Connected,
    secrets: Mapping[str, Any],
) -> None:
    """Keep the settings in the caller's transaction; secrets not given stay as they are.

    Where `shown` changes, all records of the source are read again: they state everything, or nothing.
    Raises `SettingsRefusedError`.
    """
    before = await read_connected(connection, wanted.source)
    kept = await read_secrets(connection, keyring, wanted.source)
    merged = {**kept, **{name: value for name, value in secrets.items() if value not in (None, "")}}
    check_settings(connector, {**wanted.settings, **merged}, wanted.time_zone)
    sealed = await seal_secrets(connection, keyring, wanted.source, merged) if secrets else None
    await connection.execute(
        QUERIES["save_connection"], wanted.source, json.dumps(dict(wanted.settings)), sealed, wanted.enabled,
        wanted.time_zone, wanted.freshness_seconds, wanted.changed_at, wanted.changed_by, wanted.shown,
    )  # fmt: skip
    if before is not None and before.shown != wanted.shown:
        await connection.execute(HEADS["read_all_again"], wanted.source)


async def read_connected(connection: Connection, source: str) -> Connected | None:
    """How a source is reached, without secrets; None when nothing was set."""
    row = await connection.fetchrow(QUERIES["read_connection"], source)
    return connected_of(row) if row else None


async def read_whole_settings(connection: Connection, keyring: Keyring, source: str) -> dict[str, Any]:
    """The settings with their secrets, for the connector alone; raises `NoConnectionError`."""
    row = await connection.fetchrow(QUERIES["read_connection"], source)
    if row is None:
        raise NoConnectionError(f"The source “{source}” has no settings; fill them in first.")
    return {**json.loads(row["settings"]), **await read_secrets(connection, keyring, source)}


async def read_secrets(connection: Connection, keyring: Keyring, source: str) -> dict[str, Any]:
    """The secret settings of a source."""
    row = await connection.fetchrow(QUERIES["read_connection"], source)
    return await open_secrets(connection, keyring, source, row["secrets"] if row else None)


async def open_secrets(
    connection: Connection, keyring: Keyring, source: str, sealed: bytes | None
) -> dict[str, Any]:
    """What `seal_secrets` sealed; empty where there is nothing, or its key was destroyed."""
    subject = _subject(source)
    key = (await read_subject_keys(connection, keyring, {subject})).get(subject) if sealed else None
    if sealed is None or key is None:
        return {}
    found: dict[str, Any] = json.loads(unseal(key, sealed, subject.bytes))
    return found


def connected_of(row: asyncpg.Record) -> Connected:
    """A connection from its row."""
    return Connected(
        source=row["source"], settings=json.loads(row["settings"]), enabled=row["enabled"],
        time_zone=row["time_zone"], freshness_seconds=row["freshness_seconds"], changed_at=row["changed_at"],
        changed_by=row["changed_by"], shown=row["shown"], checked_at=row["checked_at"],
        error_code=row["error_code"], error=row["error"], error_at=row["error_at"],
    )  # fmt: skip


async def seal_secrets(
    connection: Connection, keyring: Keyring, source: str, secrets: Mapping[str, Any]
) -> bytes:
    """Secrets of a source under its own key, which is made in the caller's transaction."""
    subject = _subject(source)
    keys, _ = await ensure_subject_keys(connection, keyring, {subject})
    return seal(keys[subject], json.dumps(dict(secrets)).encode(), subject.bytes)


def _subject(source: str) -> UUID:
    return RecordKey(source, "~connection", "secrets").record_id
