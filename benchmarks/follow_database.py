"""`python -m benchmarks.follow_database`: how soon a change in a source's PostgreSQL is in the profile.

Measured from the end of the source's commit to the moment at which the row that the view reads has it, with
`regard intake` and `regard worker` running. Needs no browser and no network.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.run_installation import Installation
from regard.connectors.connector_catalogue import find_connector
from regard.connectors.mapping.propose_stream_mapping import propose_stream_mapping
from regard.db.embedded_server import EmbeddedServer, start_embedded_server
from regard.db.pool import Connection, connect
from regard.eventlog.check_keyring import open_keyring
from regard.intake.keep_connections import Connected, save_connection
from regard.intake.keep_stream_mappings import save_mapping
from regard.sources.manage_sources import Source, create_source

_SHOP = """
CREATE TABLE customer (id bigint PRIMARY KEY, first_name text, last_name text, email text);
INSERT INTO customer SELECT n, 'Ann' || n, 'Weber' || n, 'ann' || n || '@example.org'
FROM generate_series(1, %s) n
"""
_GOLDEN = "SELECT golden::text FROM profiles.profile WHERE golden::text LIKE '%' || $1 || '%'"
_PATIENCE = 120.0


async def measure(place: Installation, shop: EmbeddedServer, customers: int, changes: int) -> list[float]:
    """Seconds from commit to profile, one value a change."""
    source = psycopg2.connect(shop.url_of("postgres"))
    source.autocommit = True
    cursor = source.cursor()
    cursor.execute(_SHOP, [customers])
    own = await connect(place.url)
    try:
        await _connect_shop(own, place, shop)
        place.launch("worker")
        place.launch("intake")
        await _until(own, f"ann{customers}@example.org")
        delays = []
        for number in range(changes):
            email = f"new{number}x@example.org"
            key = 1 + number * 7919 % customers
            cursor.execute("UPDATE customer SET email = %s WHERE id = %s", [email, key])
            begun = time.perf_counter()
            await _until(own, email)
            delays.append(time.perf_counter() - begun)
            await asyncio.sleep(0.1)
        return delays
    finally:
        await own.close()
        source.close()


async def _connect_shop(own: Connection, place: Installation, shop: EmbeddedServer) -> None:
    now = datetime.now(UTC)
    connector = find_connector("postgres_changes")
    assert connector is not None
    settings = {"host": str(shop.folders.socket), "database": "postgres", "user": "regard"}
    wanted = Connected(
        "cdc_shop", settings, enabled=True, time_zone="UTC", freshness_seconds=None, changed_at=now,
        changed_by="benchmark",
    )  # fmt: skip
    sample: dict[str, Any] = {"id": 1, "first_name": "Ann", "last_name": "Weber", "email": "ann@example.org"}
    keyring = await open_keyring(own, place.home / "root.key")
    async with own.transaction():
        await create_source(own, Source("cdc_shop", "Shop", "postgres_changes", currency="EUR"), now)
        await save_connection(own, keyring, connector, wanted, {})
        mapping = propose_stream_mapping("customer", [sample], (), "EUR").mapping
        await save_mapping(own, "cdc_shop", mapping, "benchmark", now)


async def _until(own: Connection, text: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not await own.fetchval(_GOLDEN, text):
        if time.monotonic() > end:
            raise TimeoutError(f"“{text}” is in no profile; see intake.log and worker.log")
        await asyncio.sleep(0.002)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--changes", type=int, default=200)
    options = parser.parse_args()
    home, away = (Path(tempfile.mkdtemp(prefix=f"regard-{one}-")) for one in ("own", "shop"))
    shop = start_embedded_server(away, settings={"wal_level": "logical"}, sync=False)
    try:
        with Installation(home) as place:
            delays = sorted(asyncio.run(measure(place, shop, options.customers, options.changes)))
    finally:
        shop.stop()
        for one in (home, away):
            shutil.rmtree(one, ignore_errors=True)
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    figures = {
        name: f"{delays[int(share * (len(delays) - 1))] * 1000:.0f} ms" for name, share in shares.items()
    }
    print(json.dumps({"changes": len(delays), **figures, "worst": f"{delays[-1] * 1000:.0f} ms"}))


if __name__ == "__main__":
    main()
