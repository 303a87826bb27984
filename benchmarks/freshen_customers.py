"""Benchmark `fresh`: from a change in the source to the view that shows it, and to its paint in Chromium.

Everything is on this machine: the API, the worker and the intake as programs apart, and sources that push,
are captured and are polled. Without a browser, the view is asked for when the live stream speaks.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

from benchmarks.change_sources import ChangingSource, changing_sources
from benchmarks.drive_client import ClientFailedError
from benchmarks.paint_in_browser import find_chromium, watch_names
from benchmarks.run_installation import HOST, Installation
from benchmarks.show_table import Spread, Table, tell
from benchmarks.speak_http import Speaker, follow_stream, write_request

_PATIENCE = 60.0
# Neither in step with the poll nor with anything else: primes, in milliseconds.
_PAUSES = (53, 131, 211, 307)
_UNMEASURED = 2


def freshen_customers(place: Installation, table: Table, changes: int) -> None:
    """Change one person of each source again and again."""
    table.section(f"fresh: {changes} changes each, from the source to the screen")
    place.start("api")
    place.start("worker")
    with changing_sources(place) as sources:
        place.start("intake")
        session = place.sign_in("support_agent")
        for source in sources:
            tell(f"following a customer that is {source.slug}")
            _put(table, source, "in the view", asyncio.run(_follow(place.port, session, source, changes)))
            if find_chromium() is not None:
                tell(f"watching Chromium, {source.slug}")
                _put(table, source, "painted", _watch(place.port, session, source, changes))
    if find_chromium() is None:
        table.say("Chromium", "is not on this machine: nothing was painted")


def _put(table: Table, source: ChangingSource, what: str, delays: list[float]) -> None:
    spread = Spread.of_seconds(delays[_UNMEASURED:])
    table.say(f"{source.slug}: changed to {what}", spread.words())
    table.put(f"{source.slug}: {what}, p99", spread.p99, "ms", beside=source.goal, named="goal <")


def _watch(port: int, session: dict[str, str], source: ChangingSource, changes: int) -> list[float]:
    return watch_names(port, session, str(source.person), source.change, _names(changes, "Bea"))


def _names(changes: int, given: str) -> Iterator[str]:
    """A new name for each change, after a pause that is in step with nothing."""
    for number in range(changes + _UNMEASURED):
        time.sleep(_PAUSES[number % len(_PAUSES)] / 1000)
        yield f"{given}{number} Fresh"


async def _follow(port: int, session: dict[str, str], source: ChangingSource, changes: int) -> list[float]:
    """Seconds from just before each change to the view with it."""
    view = write_request("GET", f"/api/v1/customers/{source.person}", f"{HOST}:{port}", session)
    reader = await Speaker.connect(HOST, port)
    await asyncio.to_thread(source.change, "First Person")
    await _await_first(reader, view)
    delays: list[float] = []
    stream = follow_stream(HOST, port, f"/api/v1/stream?customer={source.person}", session)
    names = _names(changes, "Ann")
    async with contextlib.aclosing(stream):
        await _next(stream)
        while (name := await asyncio.to_thread(next, names, None)) is not None:
            begun = time.perf_counter()
            await asyncio.to_thread(source.change, name)
            while name.encode() not in (await reader.ask(view))[1]:
                await _next(stream)
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
