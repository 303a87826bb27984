"""Drill `diskfull`: the disk of the database fills up under the writers; what was acknowledged stays."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.drive_client import in_background
from benchmarks.fill_installation import set_up
from benchmarks.run_installation import Installation, InstallationError
from benchmarks.show_table import Table, tell

from drills.check_account import check_account
from drills.kill_programs import put_report, read_report
from drills.write_events import SOURCE, WritePlan
from regard.kit.errors import RegardError

_DISK = 512 * 1024**2
_ROOM = 24 * 1024**2
_STUCK_SECONDS = 8.0
_LONGEST = 180.0


def why_not() -> str | None:
    """Why this drill cannot run here; None when it can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "it mounts a small file system of its own, which takes root on Linux"
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(
            ["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False
        ).returncode:
            return "this machine lets nobody mount a file system"
        subprocess.run(["umount", folder], check=True)
    return None


def fill_disk(table: Table, events: int) -> int:
    """Write until the disk is full, look whether anything is still acknowledged, make room, and go on."""
    table.section(
        f"diskfull: {events:,} events, {_ROOM // 1024**2} MiB left of a disk of {_DISK // 1024**2} MiB"
    )
    with _small_disk() as home, Installation(home) as place:
        place.start("api")
        ledger = Path(tempfile.mkdtemp(prefix="regard-drill-")) / "ledger"
        try:
            return _run(place, table, ledger, events)
        finally:
            ledger.unlink(missing_ok=True)
            ledger.parent.rmdir()


def _run(place: Installation, table: Table, ledger: Path, events: int) -> int:
    plan = WritePlan(
        place.port, set_up(place)[SOURCE], str(ledger), events, customers=max(20, events // 100), rate=1e6
    )
    place.start("worker")
    place.wait_until_following()
    ballast = place.home / "ballast"
    _leave_room(ballast, _ROOM)
    begun = time.perf_counter()
    with in_background("drills.write_events", plan) as writer:
        stuck = _wait_until_stuck(place, writer, ledger, begun)
        table.say(
            "writers stood still", f"after {stuck:.0f} s" if stuck else "never: the disk did not fill up"
        )
        table.say("the web server meanwhile", "answered" if place.health() is not None else "did not answer")
        ballast.unlink()
        tell("made room")
        freed = time.perf_counter()
        while writer.poll() is None:
            _revive(place)
            if time.perf_counter() - freed > _LONGEST:
                raise InstallationError(f"the writers do not go on within {_LONGEST:g} s after room was made")
            time.sleep(0.2)
        report = read_report(writer)
    table.put("room made to everything acknowledged", time.perf_counter() - freed, "s")
    _revive(place)
    place.wait_until_following()
    put_report(table, report)
    return check_account(place, table, ledger) + report.unbalanced + report.rejected


def _wait_until_stuck(
    place: Installation, writer: subprocess.Popen[bytes], ledger: Path, begun: float
) -> float | None:
    """Seconds until nothing was acknowledged any more for a while; None when it never came to that."""
    size, moved = -1, time.perf_counter()
    while writer.poll() is None and time.perf_counter() - begun < _LONGEST:
        now = ledger.stat().st_size if ledger.exists() else 0
        if now != size:
            size, moved = now, time.perf_counter()
        if time.perf_counter() - moved > _STUCK_SECONDS:
            return moved - begun
        _revive(place)
        time.sleep(0.2)
    return None


def _revive(place: Installation) -> None:
    """The database ends itself when it cannot write its log, and cannot start before there is room."""
    try:
        if place.database.has_ended():
            place.start_database()
    except RegardError:
        return
    for name in ("api", "worker"):
        if place.pid(name) is None:
            place.launch(name)


def _leave_room(ballast: Path, room: int) -> None:
    status = os.statvfs(ballast.parent)
    size = max(0, status.f_bavail * status.f_frsize - room)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, size))


@contextmanager
def _small_disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="regard-disk-"))
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=0711", "tmpfs", str(folder)], check=True
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)
        folder.rmdir()
