"""Writes the live stream of one browser: ids, versions and changed blocks, never a value.

Format: server-sent events (HTML Living Standard §9.2); the id of an event is its position in the change feed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from uuid import UUID

import msgspec

from regard.live.change_hub import Change, ChangeHub, Watcher
from regard.views.door import StreamFilter

HEARTBEAT = 15.0
LONGEST = 600.0
_RETRY_MILLISECONDS = 1_000
_encode = msgspec.json.encode


async def stream_changes(
    hub: ChangeHub, watcher: Watcher, allowed: StreamFilter, asked_as: Mapping[UUID, str]
) -> AsyncIterator[bytes]:
    """The chunks of the stream, until the browser leaves, the session ends or ten minutes have passed.

    `asked_as` gives the id under which the browser asked for a customer.
    """
    try:
        yield f"retry: {_RETRY_MILLISECONDS}\n: listening\n\n".encode()
        clock = asyncio.get_running_loop()
        ends_at = clock.time() + LONGEST
        while not watcher.ended and (left := ends_at - clock.time()) > 0:
            changes = await watcher.take(min(HEARTBEAT, left))
            chunk = _overflow(watcher.take_overflow())
            chunk += b"".join(_event(change, allowed, asked_as) for change in changes)
            if not watcher.ended and (chunk or not changes):
                yield chunk or b": beat\n\n"
        yield b"event: end\ndata: {}\n\n"
    finally:
        hub.leave(watcher)


def _overflow(position: int | None) -> bytes:
    """Too much changed to name it: the browser asks for all that it shows."""
    return b"" if position is None else b"id: %d\nevent: missed\ndata: {}\n\n" % position


def _event(change: Change, allowed: StreamFilter, asked_as: Mapping[UUID, str]) -> bytes:
    cards = allowed.changed_cards(change.kinds)
    if not cards:
        return b""
    customer = asked_as.get(change.customer_id, str(change.customer_id))
    data = _encode({"customer": customer, "version": str(change.position), "cards": cards})
    return b"id: %d\nevent: change\ndata: %s\n\n" % (change.position, data)
