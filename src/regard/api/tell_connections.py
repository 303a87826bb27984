"""What the routes of sources tell of connections, their kinds and their streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg

from regard.connectors.connector_contract import Connector
from regard.db.pool import Connection
from regard.intake.hold_vanished_fields import Hold, list_holds
from regard.intake.keep_connections import QUERIES, Connected
from regard.intake.keep_raw_heads import QUERIES as HEADS
from regard.sources.manage_sources import Source


def tell_connector(connector: Connector) -> dict[str, Any]:
    """A kind of source with the form of its settings."""
    return {
        "name": connector.name,
        "title": connector.title,
        "category": connector.category,
        "freshness": connector.freshness,
        "settings_schema": connector.settings_schema,
        "reads": connector.open is not None,
        "webhook": connector.webhook.scheme if connector.webhook else None,
        "mapped": connector.mappings is not None,
        "finds": {"setting": connector.discovery.setting, "noun": connector.discovery.noun}
        if connector.discovery
        else None,
    }


def tell_connection(
    source: Source, connected: Connected | None, secrets: Mapping[str, Any]
) -> dict[str, Any]:
    """How a source is reached; of its secrets the names alone."""
    if connected is None:
        return {
            "source": source.slug, "connector": source.connector, "settings": {}, "secrets": [],
            "enabled": False, "shown": True, "time_zone": "UTC", "freshness_seconds": None,
            "changed_at": None, "changed_by": None, "checked_at": None, "error": None,
        }  # fmt: skip
    error = None
    if connected.error is not None:
        error = {"code": connected.error_code, "detail": connected.error, "at": connected.error_at}
    return {
        "source": source.slug,
        "connector": source.connector,
        "settings": connected.settings,
        "secrets": sorted(secrets),
        "enabled": connected.enabled,
        "shown": connected.shown,
        "time_zone": connected.time_zone,
        "freshness_seconds": connected.freshness_seconds,
        "changed_at": connected.changed_at,
        "changed_by": connected.changed_by,
        "checked_at": connected.checked_at,
        "error": error,
    }


async def tell_streams(connection: Connection, source: str) -> list[dict[str, Any]]:
    """How far each stream of a source was read, and what waits."""
    rows = {row["stream"]: row for row in await connection.fetch(QUERIES["list_streams"], source)}
    heads = {row["stream"]: row for row in await connection.fetch(HEADS["count_heads"], source)}
    mappings = {row["stream"]: row for row in await connection.fetch(HEADS["latest_mappings"], source)}
    holds = {one.stream: one for one in await list_holds(connection, source)}
    names = sorted({*rows, *heads, *mappings})
    return [
        {
            **_told_stream(name, rows.get(name), heads.get(name), mappings.get(name)),
            "held": _told_hold(holds[name]) if name in holds else None,
        }
        for name in names
    ]


def _told_hold(hold: Hold) -> dict[str, Any]:
    return {
        "places": list(hold.places), "since": hold.since, "records": hold.waiting, "detail": hold.sentence,
    }  # fmt: skip


def _told_stream(
    name: str, row: asyncpg.Record | None, head: asyncpg.Record | None, mapping: asyncpg.Record | None
) -> dict[str, Any]:
    error = None
    if row is not None and row["error"] is not None:
        error = {
            "code": row["error_code"], "detail": row["error"], "at": row["error_at"],
            "retry_at": row["retry_at"], "failures": row["failures"],
        }  # fmt: skip
    return {
        "stream": name,
        "title": (row["title"] if row is not None else "") or name,
        "poll_seconds": row["poll_seconds"] if row is not None else None,
        "read_at": row["read_at"] if row is not None else None,
        "new_at": row["new_at"] if row is not None else None,
        "accepted": row["records"] if row is not None else 0,
        "reading_everything_since": row["whole_since"] if row is not None else None,
        "records": head["records"] if head is not None else 0,
        "quarantined": head["quarantined"] if head is not None else 0,
        "mapping": None
        if mapping is None
        else {"number": mapping["number"], "shipped": mapping["shipped"], "saved_at": mapping["saved_at"]},
        "waiting_for_mapping": head["behind"] if head is not None else 0,
        "error": error,
    }
