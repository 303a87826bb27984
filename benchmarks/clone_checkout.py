"""Benchmark `clone`: a fresh clone of what is committed, `make demo` until it prints its address."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from benchmarks.run_installation import HOST, InstallationError, free_port, remove_home
from benchmarks.show_table import Table, tell

CHECKOUT = Path(__file__).resolve().parent.parent
_CUSTOMERS = 1_000
_LONGEST = 900.0
_LONGEST_TESTS = 3_600.0
_PATIENCE_OF_END = 60.0


def clone_checkout(folder: Path, table: Table, *, with_tests: bool) -> None:
    """The caches of the package managers stay as they are: warm, where something was installed before."""
    table.section("clone: a fresh clone, caches of packages as they are on this machine")
    clone, home, log = folder / "clone", folder / "home", folder / "demo.log"
    begun = time.perf_counter()
    done = subprocess.run(["git", "clone", "--quiet", CHECKOUT.as_uri(), str(clone)], check=False)
    if done.returncode != 0:
        raise InstallationError("the checkout could not be cloned; the message is above")
    table.put("git clone", time.perf_counter() - begun, "s")
    try:
        _run_demo(clone, home, log, table, begun)
    finally:
        remove_home(home)
    if with_tests:
        _run_tests(clone, folder / "test.log", table)


def _run_demo(clone: Path, home: Path, log: Path, table: Table, begun: float) -> None:
    port = free_port()
    address = f"http://{HOST}:{port}"
    tell("make demo")
    environment = _environment() | {"REGARD_HOME": str(home), "REGARD_PORT": str(port)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["make", "demo", f"CUSTOMERS={_CUSTOMERS}"],
            cwd=clone, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        marks: dict[str, float] = {}
        while f"Open  {address}" not in _said(log):
            if "Starting Regard" in _said(log):
                marks.setdefault("installed and built", time.perf_counter() - begun)
            if process.poll() is not None or time.perf_counter() - begun > _LONGEST:
                raise InstallationError(f"make demo did not come up; it said: {_said(log)[-800:]}")
            time.sleep(0.1)
        seconds = time.perf_counter() - begun
    finally:
        _end_group(process)
    for what, at in marks.items():
        table.put(what, at, "s")
    table.put(f"clone to running demo of {_CUSTOMERS:,} customers", seconds, "s", beside=120, named="goal ≤")
    table.say("the demo said", next((x for x in _said(log).splitlines() if "after the start" in x), ""))


def _run_tests(clone: Path, log: Path, table: Table) -> None:
    tell("make test")
    begun = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["make", "test"], cwd=clone, env=_environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        process.wait(_LONGEST_TESTS)
    except subprocess.TimeoutExpired:
        raise InstallationError(f"make test takes more than {_LONGEST_TESTS:g} s") from None
    finally:
        _end_group(process)
    table.put(f"make test, ended with {process.returncode}", time.perf_counter() - begun, "s")
    table.say("its last line", _said(log).strip().splitlines()[-1])


def _environment() -> dict[str, str]:
    """Ours without what would lead the clone to our own environment or data."""
    dropped = ("REGARD_", "VIRTUAL_ENV", "PYTHONPATH", "UV_", "MAKE", "CUSTOMERS")
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)}


def _said(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End make and what it started: a group of their own, whose leader may be gone before the rest."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + _PATIENCE_OF_END
        try:
            os.killpg(process.pid, number)
            while time.monotonic() < deadline:
                process.poll()
                os.killpg(process.pid, 0)
                time.sleep(0.1)
        except ProcessLookupError:
            break
    process.wait()
    tell("ended")
