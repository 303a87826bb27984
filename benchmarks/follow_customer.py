"""Measures, without a browser, how soon an accepted event is told to a screen and is in its view."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from benchmarks.drive_client import ClientFailedError
from benchmarks.make_events import Known, ticket
from benchmarks.run_installation import HOST
from benchmarks.speak_http import Speaker, follow_stream, write_request

_PATIENCE = 30.0
_PAUSE = 0.25
# A worker that has just been started reads its memory first.
_UNMEASURED = 2


@dataclass(slots=True)
class Delays:
    """Seconds from the moment an event's acknowledgement arrived; one value an event."""

    accepting: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    viewed: list[float] = field(default_factory=list)


async def follow_customer(
    port: int, session: dict[str, str], key: str, who: Known, events: int, salt: str
) -> Delays:
    """Push events about a customer one after the other, and wait for each to be in the view."""
    delays = Delays()
    address = f"{HOST}:{port}"
    view = write_request("GET", f"/api/v1/customers/{who.customer_id}", address, session)
    sender, reader = await Speaker.connect(HOST, port), await Speaker.connect(HOST, port)
    stream = follow_stream(HOST, port, f"/api/v1/stream?customer={who.customer_id}", session)
    async with contextlib.aclosing(stream):
        await _next(stream)
        for number in range(-_UNMEASURED, events):
            name = f"{salt}-{number}"
            body = ticket(who, name, f"Question [{name}]").encode()
            path = "/api/v1/sources/shop/interactions"
            begun = time.perf_counter()
            status, answer = await sender.ask(
                write_request("POST", path, address, {"Authorization": f"Bearer {key}"}, body)
            )
            accepted = time.perf_counter()
            if status != 200 or b'"accepted":1' not in answer:
                raise ClientFailedError(f"an event was answered with {status}: {answer[:200]!r}")
            told, viewed = await _await_in_view(stream, reader, view, name.encode())
            if number >= 0:
                delays.accepting.append(accepted - begun)
                delays.told.append(told - accepted)
                delays.viewed.append(viewed - accepted)
            await asyncio.sleep(_PAUSE)
    sender.close()
    reader.close()
    return delays


async def _await_in_view(
    stream: AsyncIterator[bytes], reader: Speaker, view: bytes, name: bytes
) -> tuple[float, float]:
    """The message that brings the event may follow others about the same customer."""
    while True:
        await _next(stream)
        told = time.perf_counter()
        _, body = await reader.ask(view)
        if name in body:
            return told, time.perf_counter()


async def _next(stream: AsyncIterator[bytes]) -> bytes:
    try:
        return await asyncio.wait_for(anext(stream), _PATIENCE)
    except (TimeoutError, StopAsyncIteration):
        raise ClientFailedError(f"the live stream said nothing for {_PATIENCE:g} s") from None
