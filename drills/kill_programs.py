"""Drill `kill9`: writers at work, programs killed at random moments; nothing may be lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
from benchmarks.drive_client import ClientFailedError, in_background
from benchmarks.fill_installation import set_up
from benchmarks.run_installation import Installation, InstallationError
from benchmarks.show_table import Table, tell
from benchmarks.watch_processes import family

from drills.check_account import check_account
from drills.write_events import SOURCE, WritePlan, WriteReport

VICTIMS = ("regard api", "its server process", "regard worker", "postgres", "a backend of postgres")
_POLL = 0.05
_STANDSTILL = 120.0


def kill_programs(
    place: Installation, table: Table, *, events: int, kills: int, rate: float, seed: int
) -> int:
    """Spread the kills over the events; gives the number of things that are wrong afterwards."""
    table.section(f"kill9: {kills} kills in {events:,} events at {rate:g}/s, seed {seed}")
    place.start("api")
    plan = WritePlan(
        place.port, set_up(place)[SOURCE], str(place.home / "ledger"), events,
        customers=max(20, events // 100), rate=rate, seed=seed,
    )  # fmt: skip
    place.start("worker")
    killer = Killer(place, random.Random(seed))
    begun = time.perf_counter()
    with in_background("drills.write_events", plan) as writer:
        progress = Progress(writer, Path(plan.ledger))
        for number in range(kills):
            # Anywhere in its share of the events, so that the moments are the dice's.
            share = (number + killer.dice.random()) / kills
            progress.wait_for(int(share * events), killer.revive)
            killer.kill(number)
        progress.wait_for_end(killer.revive)
        report = read_report(writer)
    table.put("time with kills", time.perf_counter() - begun, "s")
    killer.revive()
    place.wait_until_following()
    table.say("killed", ", ".join(f"{name} {count}×" for name, count in sorted(killer.killed.items())))
    put_report(table, report)
    return check_account(place, table, Path(plan.ledger)) + report.unbalanced + report.rejected


class Killer:
    """Kills one program after the other and starts again what is dead."""

    def __init__(self, place: Installation, dice: random.Random) -> None:
        self.dice = dice
        self.killed: Counter[str] = Counter()
        self._place = place

    def kill(self, number: int) -> None:
        """kill -9 of one victim; each gets its turn, whoever is not there passes it on."""
        order = [VICTIMS[(number + step) % len(VICTIMS)] for step in range(len(VICTIMS))]
        for victim in order:
            pid = self._find(victim)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                self.killed[victim] += 1
                tell(f"killed {victim}, {self.killed.total()} altogether")
                break
        time.sleep(self.dice.uniform(0.0, 0.3))
        self.revive()

    def revive(self) -> None:
        """Start again whatever does not run."""
        if self._place.database.has_ended():
            self._place.start_database()
        for name in ("api", "worker"):
            if self._place.pid(name) is None:
                self._place.launch(name)

    def _find(self, victim: str) -> int | None:
        if victim == "regard api":
            return self._place.pid("api")
        if victim == "regard worker":
            return self._place.pid("worker")
        if victim == "postgres":
            return self._place.pid("postgres")
        parent = self._place.pid("api" if victim == "its server process" else "postgres")
        children = family(parent)[1:]
        if victim == "a backend of postgres":
            children = [pid for pid in children if _serves_us(pid)]
        return self.dice.choice(children) if children else None


class Progress:
    """How far the writer has come, by the size of its ledger."""

    def __init__(self, writer: subprocess.Popen[bytes], ledger: Path) -> None:
        self._writer = writer
        self._ledger = ledger
        self._lines = self._offset = 0
        self._moved = time.monotonic()

    def wait_for(self, events: int, meanwhile: Callable[[], None]) -> None:
        """Return when so many events are acknowledged, or the writer has ended."""
        while self._count() < events and self._writer.poll() is None:
            meanwhile()
            time.sleep(_POLL)

    def wait_for_end(self, meanwhile: Callable[[], None]) -> None:
        """Return when the writer has ended."""
        while self._writer.poll() is None:
            self._count()
            meanwhile()
            time.sleep(_POLL)

    def _count(self) -> int:
        if self._ledger.exists():
            with self._ledger.open("rb") as file:
                file.seek(self._offset)
                added = file.read()
            self._offset += len(added)
            self._lines += added.count(b"\n")
            if added:
                self._moved = time.monotonic()
        if time.monotonic() - self._moved > _STANDSTILL:
            raise InstallationError(f"nothing was acknowledged for {_STANDSTILL:g} s")
        return self._lines


def read_report(writer: subprocess.Popen[bytes]) -> WriteReport:
    """What a writer that has ended says; raises `ClientFailedError`."""
    assert writer.stdout is not None
    said = writer.stdout.read()
    if writer.wait(30) != 0:
        raise ClientFailedError("the writer failed; its message is above")
    return msgspec.json.decode(said, type=WriteReport)


def put_report(table: Table, report: WriteReport) -> None:
    """What the writer saw."""
    table.put("acknowledged", report.acknowledged, "events")
    table.put("requests", report.requests)
    table.put("requests that broke off, and were sent again", report.broken)
    table.put("answers other than 200, and sent again", report.busy)
    table.put("longest time without an acknowledgement", report.longest_gap, "s")
    table.put("answers whose parts do not add up", report.unbalanced)
    table.put("rejected", report.rejected)


def _serves_us(pid: int) -> bool:
    """Whether a child of PostgreSQL is a backend of one of our programs, by its title."""
    try:
        return "regard regard" in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return False
