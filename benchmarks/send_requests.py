"""The load generator, a process of its own: `python -m benchmarks.send_requests` reads a plan.

Closed: every connection asks again as soon as it has its answer. With a rate: requests are due at even
distances, and the latency counts from when a request was due, so that a slow server cannot hide its queue.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter

import msgspec
import uvloop

from benchmarks.speak_http import ConnectionBrokenError, Speaker, write_request

TOKEN = b"@@"
_BUSY_PAUSE = 0.05


class LoadPlan(msgspec.Struct):
    """What to send. `@@` in a body becomes a text that no other request has."""

    port: int
    headers: dict[str, str]
    paths: list[str]
    concurrency: int
    seconds: float
    method: str = "GET"
    bodies: list[str] = []
    rate: float | None = None
    most: int | None = None
    salt: str = ""
    host: str = "127.0.0.1"


class LoadResult(msgspec.Struct):
    """What came back. Latencies in seconds of answers below 400; CPU of the generator itself."""

    answered: int
    seconds: float
    cpu_seconds: float
    body_bytes: int
    latencies: list[float]
    statuses: dict[int, int]
    broken: int = 0


class Sender:
    """Carries a plan out."""

    def __init__(self, plan: LoadPlan) -> None:
        self._plan = plan
        self._dice = random.Random(plan.salt)
        self._host = f"{plan.host}:{plan.port}"
        self._bodies = [body.encode() for body in plan.bodies]
        self._issued = 0
        self._started = 0.0
        self._statuses: Counter[int] = Counter()
        self._latencies: list[float] = []
        self._bytes = 0
        self._broken = 0

    async def run(self) -> LoadResult:
        """Send until the time is up or the number is reached."""
        speakers = [
            await Speaker.connect(self._plan.host, self._plan.port) for _ in range(self._plan.concurrency)
        ]
        self._started = time.perf_counter()
        await asyncio.gather(*(self._talk(speaker) for speaker in speakers))
        return LoadResult(
            answered=len(self._latencies),
            seconds=time.perf_counter() - self._started,
            cpu_seconds=time.process_time(),
            body_bytes=self._bytes,
            latencies=self._latencies,
            statuses=dict(self._statuses),
            broken=self._broken,
        )

    async def _talk(self, speaker: Speaker) -> None:
        ends_at = self._started + self._plan.seconds
        while (number := self._take()) is not None:
            due = time.perf_counter()
            if self._plan.rate:
                due = self._started + number / self._plan.rate
                if due >= ends_at:
                    break
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if time.perf_counter() >= ends_at:
                break
            speaker = await self._ask(speaker, self._request(number), due)
        speaker.close()

    def _take(self) -> int | None:
        if self._plan.most is not None and self._issued >= self._plan.most:
            return None
        self._issued += 1
        return self._issued - 1

    def _request(self, number: int) -> bytes:
        path = self._dice.choice(self._plan.paths)
        body = None
        if self._bodies:
            unique = f"{self._plan.salt}-{number}".encode()
            body = self._bodies[number % len(self._bodies)].replace(TOKEN, unique)
        return write_request(self._plan.method, path, self._host, self._plan.headers, body)

    async def _ask(self, speaker: Speaker, request: bytes, due: float) -> Speaker:
        """Ask until the answer is neither “busy” nor a broken connection, for a while."""
        for _ in range(200):
            try:
                status, body = await speaker.ask(request)
            except ConnectionBrokenError:
                self._broken += 1
                await asyncio.sleep(_BUSY_PAUSE)
                speaker = await Speaker.connect(self._plan.host, self._plan.port)
                continue
            self._statuses[status] += 1
            if status == 503:
                await asyncio.sleep(_BUSY_PAUSE)
                continue
            if status < 400:
                self._latencies.append(time.perf_counter() - due)
                self._bytes += len(body)
            return speaker
        return speaker


def main() -> None:
    """A plan as JSON on standard input, the result as JSON on standard output."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=LoadPlan)
    result = uvloop.run(Sender(plan).run())
    sys.stdout.buffer.write(msgspec.json.encode(result))


if __name__ == "__main__":
    main()
