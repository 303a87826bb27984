"""Writes the demo company to files: `python -m demo.generate --customers 1000 --seed 1 --out DIR`.

Files: per source `records.jsonl` and `interactions.jsonl` with one body of the HTTP interface a line, for
`web` `batches.jsonl` with one body of `/v1/batch` a line, for `crm` two CSV exports; truth as CSV;
`live_cast.json` for the live trickle; `manifest.json` with the counts, written last.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo.garble_text import PROFILES
from demo.keep_notebook import Notebook, stamp
from demo.keep_truth import Truth
from demo.make_world import LEAST_CUSTOMERS, USUAL_EVENTS, Tellers, make_world
from demo.observe_billing import BillingObserver
from demo.observe_calls import CallsObserver
from demo.observe_crm import CrmObserver
from demo.observe_helpdesk import HelpdeskObserver
from demo.observe_marketing import MarketingObserver
from demo.observe_shop import ShopObserver
from demo.observe_web import WebObserver
from demo.roll_dice import HOUR, Dice, Period
from demo.write_feeds import BatchFeed, Feed


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make; equal plans give equal bytes. `now` in seconds since 1970."""

    customers: int
    seed: int
    profile: str
    years: float
    now: int
    events_per_customer: float = USUAL_EVENTS


def generate(plan: Plan, folder: Path, progress: Callable[[int], None] | None = None) -> dict[str, object]:
    """Writes all files into the folder and returns the manifest. `progress` hears how many exist."""
    if plan.customers < LEAST_CUSTOMERS:
        raise SystemExit(
            f"--customers must be at least {LEAST_CUSTOMERS}: the hand-made customers need room."
        )
    period = Period(plan.now, plan.years)
    flaws = PROFILES[plan.profile]
    folder.mkdir(parents=True, exist_ok=True)
    truth = Truth(folder, period)
    notebook = Notebook(period, flaws, truth)
    feeds: dict[str, Feed] = {}

    def feed(name: str) -> Feed:
        feeds[name] = Feed(folder / name, Dice(f"{plan.seed}/feed/{name}"), flaws)
        return feeds[name]

    def pair(source: str) -> tuple[Feed, Feed]:
        return feed(f"{source}/records.jsonl"), feed(f"{source}/interactions.jsonl")

    tellers = Tellers(period, plan.events_per_customer / USUAL_EVENTS)
    crm = CrmObserver(folder / "crm", notebook, *pair("crm"))
    batches = BatchFeed(feed("web/batches.jsonl"))
    observers = (
        crm,
        ShopObserver(notebook, *pair("shop")),
        HelpdeskObserver(notebook, *pair("helpdesk")),
        BillingObserver(notebook, *pair("billing")),
        MarketingObserver(notebook, *pair("marketing")),
        WebObserver(notebook, batches, tellers.attention),
        CallsObserver(notebook, *pair("calls")),
    )
    made = 0
    for unit, dice in make_world(plan.customers, plan.seed, plan.profile, period, tellers):
        notebook.flaws = PROFILES["clean"] if "story" in unit.persons[0].tags else flaws
        for observer in observers:
            observer.observe(dice, unit)
        truth.finish_unit(unit, dice)
        made += len(unit.persons) + (unit.organisation is not None)
        if progress:
            progress(made)
    batches.flush()
    for open_feed in feeds.values():
        open_feed.close()
    crm.close()
    counts = {name: open_feed.lines for name, open_feed in feeds.items()}
    counts |= {"crm/contacts.csv": crm.contacts.lines, "crm/accounts.csv": crm.accounts.lines}
    counts["web messages"] = batches.messages
    counts["truth_record.csv"] = truth.close()
    return _write_manifest(plan, folder, made, counts, notebook)


def _write_manifest(
    plan: Plan, folder: Path, made: int, counts: dict[str, int], notebook: Notebook
) -> dict[str, object]:
    (folder / "live_cast.json").write_text(
        json.dumps(list(notebook.cast.values()), ensure_ascii=False, indent=1), encoding="utf-8"
    )
    manifest: dict[str, object] = {
        "customers": made,
        "seed": plan.seed,
        "profile": plan.profile,
        "years": plan.years,
        "now": stamp(plan.now),
        "events_per_customer": plan.events_per_customer,
        "counts": dict(sorted(counts.items())),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return manifest


def current_hour() -> int:
    """The begun hour in seconds since 1970."""
    return int(time.time()) // HOUR * HOUR


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m demo.generate", description=__doc__)
    parser.add_argument("--customers", type=int, default=1000, help="persons and firms that exist")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="real")
    parser.add_argument("--years", type=float, default=3.0)
    parser.add_argument(
        "--now", type=int, default=current_hour(), help="seconds since 1970; default: this hour"
    )
    parser.add_argument("--events-per-customer", type=float, default=USUAL_EVENTS)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    plan = Plan(
        options.customers,
        options.seed,
        options.profile,
        options.years,
        options.now,
        options.events_per_customer,
    )
    started = time.monotonic()

    def report(made: int) -> None:
        if made % 1000 < 3 and sys.stderr.isatty():
            sys.stderr.write(f"\r{made:,} of {plan.customers:,} customers")

    manifest = generate(plan, options.out, report)
    print(json.dumps(manifest, indent=1))
    print(f"{time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
