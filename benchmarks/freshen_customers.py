"""Benchmark `fresh`: from a change in the source to the view that shows it, by a webhook and by polling.

Everything is on this machine: the API, the worker and the intake as programs apart, a SQLite table that
is polled with the shortest interval there is, and a sender of signed webhooks. The view is asked for when the
live stream speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

from demo.call_api import ApiClient

from benchmarks.drive_client import ClientFailedError
from benchmarks.run_installation import HOST, Installation
from benchmarks.show_table import Spread, Table, tell
from benchmarks.speak_http import Speaker, follow_stream, write_request
from regard.access.create_users import DEMO_PASSWORD
from regard.events.envelope import RecordKey

_SECRET = "benchmark-secret-of-the-sender"  # noqa: S105 - it guards nothing
_PATIENCE = 60.0
# Neither in step with the poll nor with anything else: primes, in milliseconds.
_PAUSES = (53, 131, 211, 307)
_GOAL_PUSH, _GOAL_POLL = 1_000.0, 5_000.0
_UNMEASURED = 2
Change = Callable[[str], Awaitable[None]]


def freshen_customers(place: Installation, table: Table, changes: int) -> None:
    """Change one person again and again, first by pushes, then in a polled table."""
    table.section(f"fresh: {changes} changes each, from the source to the view that shows it")
    path = place.home / "inbox" / "people.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, "Begun Person")
    place.start("api")
    place.start("worker")
    _set_up(place, path)
    place.start("intake")
    session = place.sign_in("support_agent")

    async def push(name: str) -> None:
        await _push(place.port, name)

    async def write(name: str) -> None:
        await asyncio.to_thread(_write, path, name)

    goals = (("pushed", push, _GOAL_PUSH), ("polled", write, _GOAL_POLL))
    for source, change, goal in goals:
        tell(f"following a customer that is {source}")
        spread = Spread.of_seconds(asyncio.run(_follow(place.port, session, source, change, changes)))
        table.say(f"{source}: changed to in the view", spread.words())
        table.put(f"{source}: p99", spread.p99, "ms", beside=goal, named="goal <")


def _set_up(place: Installation, path: Path) -> None:
    client = ApiClient(HOST, place.port)
    client.sign_in("administrator", DEMO_PASSWORD)
    stream = {"table": "people", "cursor": "changed", "cursor_type": "number", "poll_seconds": 1}
    sql = {"kind": "sqlite", "database": str(path), "streams": [stream]}
    for slug, connector, settings, secrets in (
        ("pushed", "webhook", {}, {"webhook_secret": _SECRET}),
        ("polled", "sql", sql, {}),
    ):
        client.post("/sources", {"slug": slug, "title": slug, "connector": connector})
        item = {"target": "person", "stream": "people", "id": "id", "fields": {"full_name": "name"}}
        # Pushes that say nothing of their kind are the stream of records.
        name = "people" if slug == "polled" else "records"
        client.put(f"/sources/{slug}/streams/{name}/mapping", {"mapping": {"stream": name, "items": [item]}})
        client.put(f"/sources/{slug}/connection", {"settings": settings, "secrets": secrets})
    client.close()


def _write(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY, name TEXT, changed INTEGER)"
        )
        changed = time.time_ns() // 1_000_000
        connection.execute("INSERT OR REPLACE INTO people VALUES (1, ?, ?)", (name, changed))


async def _push(port: int, name: str) -> None:
    body = json.dumps({"id": "1", "name": name, "updated_at": time.time()}).encode()
    sign = hmac.new(_SECRET.encode(), body, hashlib.sha256).hexdigest()
    sender = await Speaker.connect(HOST, port)
    request = write_request("POST", "/hooks/pushed", f"{HOST}:{port}", {"X-Signature": sign}, body)
    status, answer = await sender.ask(request)
    sender.close()
    if status != 200:
        raise ClientFailedError(f"a webhook was answered with {status}: {answer[:300]!r}")


async def _follow(
    port: int, session: dict[str, str], source: str, change: Change, changes: int
) -> list[float]:
    """Seconds from just before each change to the view with it."""
    who = RecordKey(source, "people", "1").record_id
    view = write_request("GET", f"/api/v1/customers/{who}", f"{HOST}:{port}", session)
    reader = await Speaker.connect(HOST, port)
    await change("First Person")
    await _await_first(reader, view)
    delays: list[float] = []
    stream = follow_stream(HOST, port, f"/api/v1/stream?customer={who}", session)
    async with contextlib.aclosing(stream):
        await _next(stream)
        for number in range(-_UNMEASURED, changes):
            await asyncio.sleep(_PAUSES[number % len(_PAUSES)] / 1000)
            name = f"Ann{number + _UNMEASURED} Fresh"
            begun = time.perf_counter()
            await change(name)
            while name.encode() not in (await reader.ask(view))[1]:
                await _next(stream)
            if number >= 0:
                delays.append(time.perf_counter() - begun)
    reader.close()
    return delays


async def _await_first(reader: Speaker, view: bytes) -> None:
    deadline = time.monotonic() + _PATIENCE
    while (await reader.ask(view))[0] != 200:
        if time.monotonic() > deadline:
            raise ClientFailedError("the first state of the customer never came; see intake.log and api.log")
        await asyncio.sleep(0.2)


async def _next(stream: AsyncIterator[bytes]) -> bytes:
    try:
        return await asyncio.wait_for(anext(stream), _PATIENCE)
    except (TimeoutError, StopAsyncIteration):
        raise ClientFailedError(f"the live stream said nothing for {_PATIENCE:g} s") from None
