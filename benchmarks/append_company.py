"""Puts the demo company's files into the log by the intake's own code, without HTTP in between.

A process of its own: `python -m benchmarks.append_company` reads a plan and prints figures. The files are
streamed: memory does not grow with them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from demo.load_company import SOURCES

from benchmarks.watch_processes import peak_bytes
from regard.connectors.connector_catalogue import INTERACTIONS, RECORDS, SEGMENT, Dialect
from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.db.pool import open_pool
from regard.eventlog.check_keyring import open_keyring
from regard.intake.append_in_groups import EventAppender
from regard.intake.pushed_item import PushedItem
from regard.kit.clock import SystemClock

PIECE = 2_000
_AT_ONCE = 3
_SHOW_EVERY = 5.0


class AppendPlan(msgspec.Struct):
    """Which files go into which database."""

    url: str
    key_file: str
    folder: str


class AppendResult(msgspec.Struct):
    """What it took. `translating` is the part of `seconds` spent turning items into events."""

    items: int
    accepted: int
    rejected: int
    seconds: float
    translating: float
    cpu_seconds: float
    peak_bytes: int


class CompanyAppender:
    """Translates and appends, some pieces at once as a busy web server would."""

    def __init__(self, appender: EventAppender) -> None:
        self._appender = appender
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._items = self._accepted = self._rejected = 0
        self._translating = 0.0
        self._started = self._shown = time.perf_counter()

    async def append_all(self, folder: Path) -> AppendResult:
        """Everything in the folder: first who the parties are, then what happened."""
        for path, source, dialect in _files(folder):
            for items in _pieces(path, dialect):
                await self._append(source, dialect, items)
        await asyncio.gather(*self._tasks)
        seconds = time.perf_counter() - self._started
        return AppendResult(
            self._items,
            self._accepted,
            self._rejected,
            seconds,
            self._translating,
            time.process_time(),
            peak_bytes(os.getpid()),
        )

    async def _append(self, source: str, dialect: Dialect, items: list[Mapping[str, Any]]) -> None:
        await self._room.acquire()
        begun = time.perf_counter()
        origin = Origin(source, datetime.now(UTC))
        pushed = [_translate(item, dialect, origin) for item in items]
        self._translating += time.perf_counter() - begun
        task = asyncio.create_task(self._submit(pushed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._show(source, dialect)

    async def _submit(self, pushed: list[PushedItem]) -> None:
        try:
            results = await self._appender.submit(pushed)
        finally:
            self._room.release()
        self._items += len(results)
        self._accepted += sum(result.verdict == "accepted" for result in results)
        self._rejected += sum(result.verdict == "rejected" for result in results)

    def _show(self, source: str, dialect: Dialect) -> None:
        now = time.perf_counter()
        if now - self._shown >= _SHOW_EVERY:
            self._shown = now
            rate = self._items / (now - self._started)
            print(f"  {self._items:,} items, {rate:,.0f}/s, {source} {dialect.name}", file=sys.stderr)


def _files(folder: Path) -> Iterator[tuple[Path, str, Dialect]]:
    for dialect in (RECORDS, INTERACTIONS):
        for source in SOURCES:
            path = folder / source.slug / f"{dialect.name}.jsonl"
            if path.exists():
                yield path, source.slug, dialect
    yield folder / "web" / "batches.jsonl", "web", SEGMENT


def _pieces(path: Path, dialect: Dialect) -> Iterator[list[Mapping[str, Any]]]:
    """The items of a file, about `PIECE` at a time; a line of the web's file holds a hundred."""
    lines = PIECE // 100 if dialect is SEGMENT else PIECE
    with path.open(encoding="utf-8") as file:
        while taken := list(islice(file, lines)):
            read = [json.loads(line) for line in taken]
            yield [item for batch in read for item in batch["batch"]] if dialect is SEGMENT else read


def _translate(item: Mapping[str, Any], dialect: Dialect, origin: Origin) -> PushedItem:
    pushed = PushedItem(origin.source, origin.received_at, dialect.name, item)
    try:
        pushed.events = dialect.translate(item, origin)
    except ItemRefusedError as refusal:
        pushed.refusal = refusal
    return pushed


async def append_company(plan: AppendPlan) -> AppendResult:
    """Carry out a plan."""
    pool = await open_pool(plan.url, max_size=4, application_name="regard benchmark")
    try:
        async with pool.acquire() as connection:
            keyring = await open_keyring(connection, Path(plan.key_file))
        appender = EventAppender(pool, keyring, SystemClock(), most_waiting=_AT_ONCE * 2 * PIECE)
        return await CompanyAppender(appender).append_all(Path(plan.folder))
    finally:
        await pool.close()


def main() -> None:
    """A plan as JSON on standard input, the result as JSON on standard output."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=AppendPlan)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(append_company(plan))))


if __name__ == "__main__":
    main()
