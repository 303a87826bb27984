"""Open screens without a browser, a process of its own: each follows a customer and fetches the view anew.

`python -m benchmarks.watch_screens` reads a plan and runs until it is ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

import msgspec
import uvloop

from benchmarks.speak_http import ConnectionBrokenError, Speaker, follow_stream, write_request

_AGAIN_SECONDS = 1.0


class WatchPlan(msgspec.Struct):
    """Whose screens are open; each has a stream of its own."""

    port: int
    headers: dict[str, str]
    customers: list[str]
    host: str = "127.0.0.1"


async def watch_screens(plan: WatchPlan) -> None:
    """Keep all screens open for ever."""
    await asyncio.gather(*(_keep_open(plan, customer) for customer in plan.customers))


async def _keep_open(plan: WatchPlan, customer: str) -> None:
    while True:
        with contextlib.suppress(OSError, ConnectionBrokenError):
            await _watch(plan, customer)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _watch(plan: WatchPlan, customer: str) -> None:
    address = f"{plan.host}:{plan.port}"
    view = write_request("GET", f"/api/v1/customers/{customer}", address, plan.headers)
    speaker = await Speaker.connect(plan.host, plan.port)
    try:
        path = f"/api/v1/stream?customer={customer}"
        async for _ in follow_stream(plan.host, plan.port, path, plan.headers):
            await speaker.ask(view)
    finally:
        speaker.close()


def main() -> None:
    """A plan as JSON on standard input."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=WatchPlan)
    uvloop.run(watch_screens(plan))


if __name__ == "__main__":
    main()
