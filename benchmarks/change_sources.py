"""Three sources whose one person can be changed: by signed webhooks, by change capture, by polling.

Each is real: a sender of webhooks over HTTP, a PostgreSQL of its own with logical replication, a SQLite file
that is polled with the shortest interval there is.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from demo.call_api import ApiClient
from tests.source_postgres import SourceDatabase, SourcePostgres

from benchmarks.drive_client import ClientFailedError
from benchmarks.run_installation import HOST, Installation
from regard.access.create_users import DEMO_PASSWORD
from regard.events.envelope import RecordKey

_SECRET = "benchmark-secret-of-the-sender"  # noqa: S105 - it guards nothing
_GOAL_PUSH, _GOAL_POLL = 1_000.0, 5_000.0


@dataclass(frozen=True, slots=True)
class ChangingSource:
    """A source with one person in it; `change` gives the person a new name, `goal` is in milliseconds."""

    slug: str
    change: Callable[[str], None]
    goal: float

    @property
    def person(self) -> UUID:
        """The record, by which its customer is found too."""
        return RecordKey(self.slug, "people", "1").record_id


@contextmanager
def changing_sources(place: Installation) -> Iterator[list[ChangingSource]]:
    """The three, connected and mapped; `regard intake` may be started inside the block."""
    shop = SourcePostgres()
    database = shop.create()
    client = ApiClient(HOST, place.port)
    client.sign_in("administrator", DEMO_PASSWORD)
    try:
        yield [_pushed(place, client), _captured(database, client), _polled(place, client)]
    finally:
        client.close()
        # Whoever still reads the database ends first: its slot cannot be dropped before.
        place.stop("intake")
        database.close()
        shop.close()


def _pushed(place: Installation, client: ApiClient) -> ChangingSource:
    # Pushes that say nothing of their kind are the stream of records.
    _connect(client, "pushed", "webhook", {}, {"webhook_secret": _SECRET}, stream="records")
    return ChangingSource("pushed", lambda name: _push(place.port, name), _GOAL_PUSH)


def _captured(database: SourceDatabase, client: ApiClient) -> ChangingSource:
    database.run("CREATE TABLE people (id bigint PRIMARY KEY, name text)")
    _connect(client, "captured", "postgres_changes", database.settings(), {}, stream="people")

    def change(name: str) -> None:
        database.run(
            "INSERT INTO people VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET name = excluded.name", [name]
        )

    return ChangingSource("captured", change, _GOAL_PUSH)


def _polled(place: Installation, client: ApiClient) -> ChangingSource:
    path = place.home / "inbox" / "people.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, "Begun Person")
    stream = {"table": "people", "cursor": "changed", "cursor_type": "number", "poll_seconds": 1}
    settings = {"kind": "sqlite", "database": str(path), "streams": [stream]}
    _connect(client, "polled", "sql", settings, {}, stream="people")
    return ChangingSource("polled", lambda name: _write(path, name), _GOAL_POLL)


def _connect(
    client: ApiClient,
    slug: str,
    connector: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    *,
    stream: str,
) -> None:
    client.post("/sources", {"slug": slug, "title": slug, "connector": connector})
    item = {"target": "person", "stream": "people", "id": "id", "fields": {"full_name": "name"}}
    client.put(f"/sources/{slug}/streams/{stream}/mapping", {"mapping": {"stream": stream, "items": [item]}})
    client.put(f"/sources/{slug}/connection", {"settings": settings, "secrets": secrets})


def _push(port: int, name: str) -> None:
    body = json.dumps({"id": "1", "name": name, "updated_at": time.time()}).encode()
    sign = hmac.new(_SECRET.encode(), body, hashlib.sha256).hexdigest()
    with closing(http.client.HTTPConnection(HOST, port, timeout=30)) as sender:
        sender.request("POST", "/hooks/pushed", body, {"X-Signature": sign})
        answer = sender.getresponse()
        content = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise ClientFailedError(f"a webhook was answered with {answer.status}: {content[:300]!r}")


def _write(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY, name TEXT, changed INTEGER)"
        )
        changed = time.time_ns() // 1_000_000
        connection.execute("INSERT OR REPLACE INTO people VALUES (1, ?, ?)", (name, changed))
