"""A sender that never gives up, a process of its own: `python -m drills.write_events` reads a plan.

Every body is sent again until it is acknowledged. The ledger gets a line for each acknowledged item, after
the acknowledgement: what stands there must be in the log, once.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec
from benchmarks.speak_http import ConnectionBrokenError, Speaker, write_request

SOURCE = "shop"
AMOUNT_MINOR = 150
_ANSWER_SECONDS = 20.0
_PAUSE = 0.1
_MOST_A_REQUEST = 40


class WritePlan(msgspec.Struct):
    """What to send: `events` orders of `customers` persons, so many a second by so many connections."""

    port: int
    key: str
    ledger: str
    events: int
    customers: int
    rate: float
    connections: int = 6
    seed: int = 1
    host: str = "127.0.0.1"


class WriteReport(msgspec.Struct):
    """What happened on the way. `longest_gap` is the longest time without any acknowledgement, in seconds."""

    acknowledged: int = 0
    requests: int = 0
    broken: int = 0
    busy: int = 0
    longest_gap: float = 0.0
    unbalanced: int = 0
    rejected: int = 0


class Writer:
    """Carries a plan out."""

    def __init__(self, plan: WritePlan, ledger: IO[str]) -> None:
        self._plan = plan
        self._ledger = ledger
        self._dice = random.Random(plan.seed)
        self._report = WriteReport()
        self._next = 0
        self._started = self._last = time.monotonic()

    async def run(self) -> WriteReport:
        """First the persons, then their orders; returns when everything is acknowledged."""
        people = [_person(number) for number in range(self._plan.customers)]
        for begin in range(0, len(people), 500):
            await self._deliver(None, "records", people[begin : begin + 500])
        self._started = self._last = time.monotonic()
        await asyncio.gather(*(self._write() for _ in range(self._plan.connections)))
        return self._report

    async def _write(self) -> None:
        speaker: Speaker | None = None
        while self._next < self._plan.events:
            count = min(self._dice.randint(1, _MOST_A_REQUEST), self._plan.events - self._next)
            orders = [self._order(self._next + place) for place in range(count)]
            self._next += count
            due = self._started + self._next / self._plan.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            speaker = await self._deliver(speaker, "interactions", orders)

    def _order(self, number: int) -> dict[str, Any]:
        return {
            "stream": "orders",
            "id": f"O{number}",
            "type": "order",
            "event_id": f"order-{number}",
            "party": {"stream": "customers", "id": f"C{self._dice.randrange(self._plan.customers)}"},
            "occurred_at": datetime.now(UTC).isoformat(),
            "fields": {"title": "Filter papers", "status": "paid", "amount": "1.50", "currency": "EUR"},
        }

    async def _deliver(
        self, speaker: Speaker | None, kind: str, items: list[dict[str, Any]]
    ) -> Speaker | None:
        """Send until the answer says that everything is in."""
        request = write_request(
            "POST",
            f"/api/v1/sources/{SOURCE}/{kind}",
            f"{self._plan.host}:{self._plan.port}",
            {"Authorization": f"Bearer {self._plan.key}"},
            json.dumps(items).encode(),
        )
        while True:
            try:
                if speaker is None:
                    speaker = await Speaker.connect(self._plan.host, self._plan.port)
                self._report.requests += 1
                status, body = await asyncio.wait_for(speaker.ask(request), _ANSWER_SECONDS)
            except (OSError, ConnectionBrokenError, TimeoutError):
                self._report.broken += 1
                if speaker is not None:
                    speaker.close()
                speaker = None
                await asyncio.sleep(_PAUSE)
                continue
            if status != 200:
                self._report.busy += 1
                await asyncio.sleep(_PAUSE)
                continue
            self._note(json.loads(body), kind, items)
            return speaker

    def _note(self, answer: Mapping[str, int], kind: str, items: list[dict[str, Any]]) -> None:
        parts = answer["accepted"] + answer["duplicate"] + answer["rejected"]
        self._report.unbalanced += not answer["sent"] == parts == len(items)
        self._report.rejected += answer["rejected"]
        now = time.monotonic()
        self._report.longest_gap = max(self._report.longest_gap, now - self._last)
        self._last = now
        if kind == "interactions":
            self._report.acknowledged += len(items)
            self._ledger.writelines(f"{item['event_id']} {item['party']['id']}\n" for item in items)
            self._ledger.flush()


def _person(number: int) -> dict[str, Any]:
    return {
        "stream": "customers",
        "id": f"C{number}",
        "kind": "person",
        "event_id": f"person-{number}",
        "updated_at": "2026-01-01T00:00:00Z",
        "fields": {"full_name": f"Person {number}", "email": f"person.{number}@example.com"},
    }


def write_events(plan: WritePlan) -> WriteReport:
    """Carry out a plan."""
    with Path(plan.ledger).open("w", encoding="ascii") as ledger:
        return asyncio.run(Writer(plan, ledger).run())


def main() -> None:
    """A plan as JSON on standard input, the report as JSON on standard output."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=WritePlan)
    sys.stdout.buffer.write(msgspec.json.encode(write_events(plan)))


if __name__ == "__main__":
    main()
