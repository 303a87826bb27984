"""A source that is removed is left: what Regard made there is cleared up, and one that is gone is told."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

from regard.connectors.connector_catalogue import find_connector
from regard.intake.keep_connections import Connected, save_connection
from regard.intake.leave_source import SourceLeaver
from tests.intake.conftest import Door


async def test_a_database_that_is_gone_is_told_with_the_remedy(door: Door) -> None:
    connector = find_connector("postgres_changes")
    assert connector is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"host": "127.0.0.1", "port": port, "database": "erp", "user": "reader"}
    wanted = Connected("erp", settings, enabled=True, time_zone="UTC", freshness_seconds=None,
                       changed_at=datetime.now(UTC), changed_by="ann")  # fmt: skip
    client = await door.world.as_role("administrator")
    made = {"slug": "erp", "title": "ERP", "connector": "postgres_changes"}
    assert (await client.post("/api/v1/sources", json=made)).status_code == 201
    async with door.pool.acquire() as connection, connection.transaction():
        await save_connection(connection, door.keyring, connector, wanted, {"password": "x"})
    leaver = SourceLeaver(door.pool, door.keyring, door.world.back_end.clock)
    [told] = await leaver.leave("erp")
    assert told.startswith("What Regard made in the outside system could not be cleared up there.")
    assert "SELECT pg_drop_replication_slot" in told


async def test_a_source_in_which_nothing_was_made_is_left_without_a_word(door: Door) -> None:
    leaver = SourceLeaver(door.pool, door.keyring, door.world.back_end.clock)
    assert await leaver.leave("shop") == []
