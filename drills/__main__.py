"""`python -m drills`: breaks a fresh installation on purpose; ends with 1 when something was lost.

The defaults take some minutes. The bar of the design is `python -m drills --only kill9 --events 1000000
--kills 100 --rate 5000`.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from benchmarks.drive_client import ClientFailedError
from benchmarks.run_installation import Installation, InstallationError, data_folder
from benchmarks.show_table import Table, tell
from benchmarks.watch_processes import describe_machine

from drills.fill_disk import fill_disk, why_not
from drills.kill_programs import kill_programs
from drills.slow_clients import slow_clients
from regard.kit.logs import configure_logs

NAMES = ("kill9", "slow", "diskfull")


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    options = parse(arguments)
    configure_logs("drills", level="error")
    table = Table()
    machine, begun = describe_machine(), time.monotonic()
    wrong = 1
    try:
        wrong = run(options, table)
    except (InstallationError, ClientFailedError) as problem:
        tell(f"broken off: {problem}")
    except KeyboardInterrupt:
        tell("broken off")
    finally:
        print(f"\nRegard drills, {time.strftime('%Y-%m-%d %H:%M')}; {machine}")
        print(f"{time.monotonic() - begun:,.0f} s altogether\n\n{table.text()}\n")
        print("Everything is as it must be." if not wrong else f"WRONG: {wrong:,}", flush=True)
    return 1 if wrong else 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="this drill alone; may be repeated")
    parser.add_argument("--events", type=int, default=40_000, help="events that are sent under kills")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rate", type=float, default=400.0, help="events a second under kills")
    parser.add_argument("--seed", type=int, default=1, help="decides the moments of the kills")
    parser.add_argument("--slow-clients", type=int, default=50, help="slow clients of each manner")
    parser.add_argument("--disk-events", type=int, default=30_000, help="events sent to the small disk")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace, table: Table) -> int:
    """Run what is asked for; gives the number of things that are wrong."""
    chosen = options.only or NAMES
    wrong = 0
    if "kill9" in chosen:
        with data_folder(None) as home, Installation(home) as place:
            wrong += kill_programs(
                place, table, events=options.events, kills=options.kills, rate=options.rate, seed=options.seed
            )
    if "slow" in chosen:
        with data_folder(None) as home, Installation(home) as place:
            wrong += slow_clients(place, table, options.slow_clients)
    if "diskfull" in chosen:
        reason = why_not()
        if reason is None:
            wrong += fill_disk(table, options.disk_events)
        else:
            table.section("diskfull")
            table.say("skipped", reason)
    return wrong


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
