"""Reads what processes cost from /proc: CPU seconds and memory of a process with all its children."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

MEBIBYTE = 1024 * 1024
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def family(pid: int | None) -> list[int]:
    """The process and all its descendants that live."""
    if pid is None:
        return []
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        try:
            children = [
                int(child)
                for task in Path(f"/proc/{one}/task").iterdir()
                for child in (task / "children").read_text(encoding="ascii").split()
            ]
        except OSError:
            continue
        found.append(one)
        waiting += children
    return found


def cpu_seconds(pid: int | None) -> float:
    """CPU time of the process, its descendants, and those of them that have ended (proc(5), stat 14–17).

    Subtract an earlier reading: a child that ends in between stays counted, with its parent.
    """
    return sum(_ticks(one) for one in family(pid)) / _TICKS


def resident_bytes(pids: Iterable[int]) -> int:
    """Resident memory of the processes; pages that several share count several times."""
    return sum(_status_bytes(pid, "VmRSS") for pid in pids)


def peak_bytes(pid: int) -> int:
    """The most resident memory that the process ever had; 0 when it is gone."""
    return _status_bytes(pid, "VmHWM")


def proportional_bytes(pids: Iterable[int]) -> int:
    """Memory of the processes with shared pages divided among their users: right for PostgreSQL."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total * 1024


def folder_bytes(folder: Path) -> int:
    """What the files below a folder take on the disk."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(parent, name).lstat().st_blocks * 512
            except OSError:
                continue
    return total


def flush_seconds(folder: Path, times: int = 30) -> float:
    """The median of small writes that are flushed to the disk: every commit waits for one."""
    took = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(times):
            file.write(bytes(8192))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begun)
    return median(took)


def describe_machine() -> str:
    """Processors, memory and the load of the moment, in one line."""
    memory = os.sysconf("SC_PHYS_PAGES") * _PAGE / 1024**3
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    flush = 1000 * flush_seconds(Path(tempfile.gettempdir()))
    return f"{os.cpu_count()} processors, {memory:.0f} GiB of memory, load {load}, a flush {flush:.1f} ms"


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(one) for one in fields[11:15])


def _status_bytes(pid: int, name: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(name)), 0)
