"""`python -m demo`: starts Regard with a made-up company in it and keeps live events coming."""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from demo.call_api import ApiClient, ApiError
from demo.generate import Plan, current_hour, generate
from demo.import_tables import ImportFailedError
from demo.load_company import SOURCES, Account, count_rows, load_company, set_up_sources
from demo.roll_dice import HOUR
from demo.run_server import DemoServer, ServerFailedError
from demo.show_progress import Progress
from demo.trickle_events import Trickle
from regard.access.create_users import DEMO_PASSWORD, demo_sign_ins

SETTLED = 50
"""Events the view may lag behind when the filling counts as done."""


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit code."""
    options = _parse(arguments)
    home = Path(os.environ.get("REGARD_HOME") or "regard-data/demo").absolute()
    host = os.environ.get("REGARD_HOST") or "127.0.0.1"
    port = int(os.environ.get("REGARD_PORT") or 8360)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with DemoServer(home, host, port) as server:
            _run(server, home, host, port, options)
    except KeyboardInterrupt:
        print("\nStopped. The data stays; start the demo again to go on.")
    except (ServerFailedError, ApiError, ImportFailedError, OSError) as problem:
        print(f"\nThe demo cannot go on: {problem}", file=sys.stderr)
        return 1
    return 0


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--customers", type=int, default=1000, help="persons and firms of the demo company")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=("clean", "real", "hostile"), default="real")
    parser.add_argument("--years", type=float, default=3.0)
    parser.add_argument("--events-per-customer", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=2.0, help="live events a second")
    parser.add_argument(
        "--fill-only", action="store_true", help="end when everything is in, without live events"
    )
    return parser.parse_args(arguments)


def _run(server: DemoServer, home: Path, host: str, port: int, options: argparse.Namespace) -> None:
    started = time.monotonic()
    print(f"Starting Regard with its data in {home} …", flush=True)
    server.wait_until_healthy()
    administrator = ApiClient(host, port)
    administrator.sign_in("administrator", DEMO_PASSWORD)
    folder = home / "demo-company"
    folder.mkdir(exist_ok=True)
    keys = set_up_sources(administrator, folder / "keys.json")
    clients = {source.slug: ApiClient(host, port, keys[source.slug]) for source in SOURCES}
    filled = folder / "filled.json"
    if filled.exists():
        print("The demo company is in already; nothing is filled in again.")
    else:
        accounts = _fill(server, folder, administrator, clients, options)
        filled.write_text(
            json.dumps({slug: account.sent for slug, account in accounts.items()}), encoding="utf-8"
        )
        _print_accounts(accounts)
    health = administrator.get("/health")
    print(
        f"{health.get('customers', 0):,} customers from {health.get('events', 0):,} events,"
        f" {time.monotonic() - started:.0f} s after the start."
    )
    if options.fill_only:
        return
    _print_sign_ins(host, port)
    cast = json.loads((folder / "live_cast.json").read_text(encoding="utf-8"))

    def alive() -> bool:
        server.keep_alive()
        return True

    Trickle(clients, cast).run(options.rate, alive)


def _fill(
    server: DemoServer,
    folder: Path,
    administrator: ApiClient,
    clients: dict[str, ApiClient],
    options: argparse.Namespace,
) -> dict[str, Account]:
    manifest = _make_files(folder, options)
    progress = Progress(count_rows(manifest))
    accounts = load_company(folder, administrator, clients, progress)
    while True:
        # The server counts once a second: what it says right away may be from before the last rows.
        time.sleep(1.1)
        server.check_alive()
        lag = int(administrator.get("/health").get("lag_events") or 0)
        if lag <= SETTLED:
            break
        progress.add(0, f"all sent; {lag:,} events on their way to the view")
    progress.finish(f"All {progress.rows:,} rows are in.")
    return accounts


def _make_files(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The generated files; those of a filling that was broken off are used again: nothing comes twice."""
    path = folder / "manifest.json"
    if path.exists():
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if all(
            manifest[name] == getattr(options, name) for name in ("customers", "seed", "profile", "years")
        ):
            return manifest
    print(f"Making up a company with {options.customers:,} customers …", flush=True)
    now = current_hour() if time.time() % HOUR > 60 else int(time.time())
    plan = Plan(
        options.customers, options.seed, options.profile, options.years, now, options.events_per_customer
    )
    return dict(generate(plan, folder))


def _print_accounts(accounts: dict[str, Account]) -> None:
    print(f"\n{'source':<12}{'sent':>10}{'accepted':>10}{'duplicate':>11}{'rejected':>10}")
    for slug, account in accounts.items():
        print(
            f"{slug:<12}{account.sent:>10,}{account.accepted:>10,}{account.duplicate:>11,}{account.rejected:>10,}"
        )
        for reason in account.reasons[:3]:
            print(f"    {reason}")
    print()


def _print_sign_ins(host: str, port: int) -> None:
    """The last thing printed: one address, and who may sign in."""
    sign_ins = demo_sign_ins()
    width = max(len(one.title) for one in sign_ins) + 2
    print("Live events keep coming until you press Ctrl-C.")
    print("Try searching for: Anne Kowalczik (misspelt), +44 7911 209142, FH-200417")
    print(f"\n  Open  http://{host}:{port}\n")
    print(f"  {'role':<{width}}{'user name':<18}password")
    for one in sign_ins:
        print(f"  {one.title:<{width}}{one.username:<18}{one.password}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
