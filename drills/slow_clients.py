"""Drill `slow`: clients that trickle their requests are cut off, and the others do not notice them.

The goal is fifteen seconds; it counts as wrong when even the server's own longest deadline does not hold. A
connection on which nothing was asked yet holds no request; how long it is borne is told, and not judged.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from benchmarks.run_installation import HOST, Installation
from benchmarks.show_table import Spread, Table, tell
from benchmarks.speak_http import Speaker, write_request

from regard.api.read_request_body import WHOLE_BODY_SECONDS

GOAL_SECONDS = 15.0
_TOLERANCE = 3.0
_LONGEST = 60.0
_ALONE_SECONDS = 3.0
_HEAD = b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@dataclass(frozen=True, slots=True)
class Manner:
    """One way of being slow: what is sent at once, and a byte of what every so often; None: nothing more."""

    name: str
    at_once: bytes
    byte: bytes
    every_seconds: float | None


MANNERS = (
    Manner("silent after connecting", b"", b"", None),
    Manner("header, one byte a second", _HEAD, b"x", 1.0),
    Manner("header, then silence", _HEAD, b"", None),
    Manner("body, one byte a second", _HEAD + b"Content-Length: 100000\r\n\r\n{", b" ", 1.0),
    Manner("body, one byte every ten seconds", _HEAD + b"Content-Length: 100000\r\n\r\n{", b" ", 10.0),
    Manner("body, then silence", _HEAD + b"Content-Length: 100000\r\n\r\n{", b"", None),
)


def slow_clients(place: Installation, table: Table, clients: int) -> int:
    """All manners at once, while somebody else asks; gives the number of manners that were borne too long."""
    table.section(f"slow: {clients} clients of each manner at once")
    place.start("api")
    request = write_request("GET", "/api/v1/session", f"{HOST}:{place.port}", place.sign_in("support_agent"))
    alone, _ = asyncio.run(_ask_while(place.port, request, _rest))
    tell("slow clients come")
    beside, closed = asyncio.run(_ask_while(place.port, request, lambda: _be_slow(place.port, clients)))
    late = 0
    for manner, seconds in zip(MANNERS, closed, strict=True):
        late += bool(manner.at_once) and seconds > WHOLE_BODY_SECONDS + _TOLERANCE
        table.put(f"closed: {manner.name}", seconds, "s", beside=GOAL_SECONDS, named="goal ≤")
    table.say("another client meanwhile", Spread.of_seconds(beside).words(), "as long as they were there")
    table.say("another client alone", Spread.of_seconds(alone).words())
    return late


async def _ask_while(
    port: int, request: bytes, work: Callable[[], Coroutine[None, None, list[float]]]
) -> tuple[list[float], list[float]]:
    """The latencies of one request after the other while the work lasts, and what the work gives."""
    task = asyncio.create_task(work())
    speaker = await Speaker.connect(HOST, port)
    latencies: list[float] = []
    try:
        while not task.done():
            begun = time.perf_counter()
            await speaker.ask(request)
            latencies.append(time.perf_counter() - begun)
            await asyncio.sleep(0.02)
    finally:
        speaker.close()
    return latencies, await task


async def _rest() -> list[float]:
    await asyncio.sleep(_ALONE_SECONDS)
    return []


async def _be_slow(port: int, clients: int) -> list[float]:
    """Of each manner the longest time that one of its clients was borne."""
    jobs = [[_trickle(port, manner) for _ in range(clients)] for manner in MANNERS]
    return [max(seconds) for seconds in await asyncio.gather(*(asyncio.gather(*group) for group in jobs))]


async def _trickle(port: int, manner: Manner) -> float:
    """Seconds until the server ended the connection or answered."""
    reader, writer = await asyncio.open_connection(HOST, port)
    begun = time.perf_counter()
    ended = asyncio.create_task(_read(reader))
    try:
        writer.write(manner.at_once)
        while (left := begun + _LONGEST - time.perf_counter()) > 0:
            await asyncio.wait({ended}, timeout=min(left, manner.every_seconds or left))
            if ended.done():
                break
            with contextlib.suppress(OSError):
                writer.write(manner.byte)
        return time.perf_counter() - begun
    finally:
        ended.cancel()
        writer.close()


async def _read(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        await reader.read(1)
