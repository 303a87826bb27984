"""`python -m benchmarks`: measures what is asked for and prints one table.

The defaults are a trial of a few minutes. The figures of the design are taken with
`python -m benchmarks --customers 100000 --keep FOLDER`, and again on the same filling with `--use FOLDER`.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from benchmarks.accept_events import accept_events
from benchmarks.clone_checkout import clone_checkout
from benchmarks.drive_client import ClientFailedError
from benchmarks.fill_installation import fill_installation, is_filled
from benchmarks.freshen_customers import freshen_customers
from benchmarks.import_rows import import_rows
from benchmarks.open_customers import open_customers
from benchmarks.repaint_screens import repaint_screens
from benchmarks.run_installation import Installation, InstallationError, data_folder
from benchmarks.run_pgbench import PgbenchFailedError
from benchmarks.show_table import Spread, Table, tell
from benchmarks.watch_processes import describe_machine
from benchmarks.weigh_programs import weigh_programs
from regard.kit.logs import configure_logs

ALONE = ("import", "fresh", "clone")
ON_FILLED = ("open", "repaint", "accept", "memory")
NAMES = ("fill", *ON_FILLED, *ALONE)


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    options = parse(arguments)
    configure_logs("benchmarks", level="warning")
    table = Table()
    machine, begun = describe_machine(), time.monotonic()
    code = 1
    try:
        run(options, table)
        code = 0
    except (InstallationError, ClientFailedError, PgbenchFailedError) as problem:
        tell(f"broken off: {problem}")
    except KeyboardInterrupt:
        tell("broken off")
        code = 130
    finally:
        show(table, machine, time.monotonic() - begun)
    return code


def show(table: Table, machine: str, seconds: float) -> None:
    """Everything on standard output; the progress went to the other one."""
    print(f"\nRegard benchmarks, {time.strftime('%Y-%m-%d %H:%M')}; Python {sys.version.split()[0]}")
    print(f"before: {machine}\nafter:  {describe_machine()}; {seconds:,.0f} s altogether\n")
    print(table.text(), flush=True)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000, help="persons and firms to fill in")
    parser.add_argument("--events-per-customer", type=float, default=20.0)
    parser.add_argument("--only", action="append", choices=NAMES, help="measure this alone; may be repeated")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the filled installation there")
    parser.add_argument("--use", type=Path, metavar="FOLDER", help="use an installation that was kept")
    parser.add_argument("--sizes", help="fill and open at several sizes instead, such as 10000,100000")
    parser.add_argument("--role", default="support_agent", help="the role that opens customers")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each load lasts")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of opening beside pgbench")
    parser.add_argument("--repaints", type=int, default=30, help="events that the open screen must show")
    parser.add_argument("--changes", type=int, default=100, help="fresh: changes by push, capture and poll")
    parser.add_argument("--import-rows", type=int, default=200_000, help="rows of the file to import")
    parser.add_argument("--with-tests", action="store_true", help="clone: also run `make test` there")
    options = parser.parse_args(arguments)
    if options.use is not None and is_filled(options.use) is None:
        parser.error(f"{options.use} holds no installation that was filled here; make one with --keep")
    if options.use is not None and (options.keep is not None or options.sizes):
        parser.error("--use goes with neither --keep nor --sizes")
    return options


def run(options: argparse.Namespace, table: Table) -> None:
    """Measure what is asked for."""
    chosen = options.only or [name for name in NAMES if name != "clone"]
    if options.sizes:
        compare_sizes(options, table)
        return
    if set(chosen) & {"fill", *ON_FILLED}:
        with data_folder(options.use or options.keep) as home, Installation(home) as place:
            prepare(place, table, options)
            for name in (one for one in ON_FILLED if one in chosen):
                _benchmarks(place, table, options)[name]()
    if "import" in chosen:
        with data_folder(None) as home, Installation(home) as place:
            import_rows(place, table, options.import_rows)
    if "fresh" in chosen:
        with data_folder(None) as home, Installation(home) as place:
            freshen_customers(place, table, options.changes)
    if "clone" in chosen:
        with data_folder(None) as folder:
            clone_checkout(folder, table, with_tests=options.with_tests)


def prepare(place: Installation, table: Table, options: argparse.Namespace) -> None:
    """A filled installation whose programs run and which has nothing left to project."""
    filled = is_filled(place.home)
    if filled is None:
        fill_installation(place, table, options.customers, options.events_per_customer)
        return
    tell(f"using the installation of {filled['customers']:,} customers in {place.home}")
    place.start("api")
    place.start("worker")
    place.wait_until_following()


def compare_sizes(options: argparse.Namespace, table: Table) -> None:
    """Fill and open at each size; the latencies of the last beside those of the first show the flatness."""
    sizes = [int(size) for size in options.sizes.split(",")]
    spreads: list[Spread] = []
    for size in sizes:
        kept = options.keep / str(size) if options.keep else None
        with data_folder(kept) as home, Installation(home) as place:
            if is_filled(home) is None:
                fill_installation(place, table, size, options.events_per_customer)
            else:
                prepare(place, table, options)
            spreads.append(_open(place, table, options))
    table.section(f"flatness: {sizes[-1]:,} beside {sizes[0]:,} customers, at a steady rate")
    for name in ("p50", "p95", "p99"):
        first, last = getattr(spreads[0], name), getattr(spreads[-1], name)
        table.put(f"{name} of a view", last, "ms", beside=first, named=f"{sizes[0]:,}:")


def _benchmarks(
    place: Installation, table: Table, options: argparse.Namespace
) -> dict[str, Callable[[], object]]:
    return {
        "open": lambda: _open(place, table, options),
        "repaint": lambda: repaint_screens(place, table, options.repaints, options.role),
        "accept": lambda: accept_events(place, table, options.seconds),
        "memory": lambda: weigh_programs(place, table),
    }


def _open(place: Installation, table: Table, options: argparse.Namespace) -> Spread:
    return open_customers(place, table, role=options.role, seconds=options.seconds, rounds=options.rounds)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
