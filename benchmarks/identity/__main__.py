"""`python -m benchmarks.identity`: how well and how fast records are resolved, beside Splink, as one table.

`python -m benchmarks.identity generate SET --out DIR` writes a set's CSV files, MAP.toml and truth.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from benchmarks.identity.list_sets import MAKERS, USUAL, make_set
from benchmarks.identity.measure_process import ProgramFailedError
from benchmarks.identity.measure_set import Measured, Wanted, measure_set
from benchmarks.identity.read_public_sets import SetMissingError
from benchmarks.identity.run_splink import has_splink
from benchmarks.identity.show_scores import accuracy_table, speed_table, tag_table
from benchmarks.show_table import tell
from benchmarks.watch_processes import describe_machine


def main(arguments: list[str] | None = None) -> int:
    """The command line; gives the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        return _generate(words[1:]) if words[:1] == ["generate"] else _measure(words)
    except SetMissingError as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        tell("broken off")
        return 130


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _generate(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.identity generate", description="Write a set with its truth."
    )
    parser.add_argument("set", help=f"{', '.join(MAKERS)}; with a size and a seed: customers_100k_s2")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="CSV files in it are replaced")
    options = parser.parse_args(words)
    make_set(options.set, options.out)
    for path in sorted(options.out.iterdir()):
        print(f"{path.stat().st_size:12,} {path}")
    return 0


def _measure(words: list[str]) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    options = _parse(words)
    names = options.sets.split(",") if options.sets else list(USUAL)
    names += [f"customers_{size}" for size in options.sizes.split(",") if size]
    wanted = Wanted(
        orders=not options.batch_only,
        stream=not options.batch_only,
        splink="splink" in options.peers.split(","),
    )
    if wanted.splink and not has_splink():
        tell("splink is not installed (`uv sync --group benchmarks`); the table has our figures alone")
        wanted = Wanted(orders=wanted.orders, stream=wanted.stream, splink=False)
    machine, done, failed = describe_machine(), [], []
    try:
        for name in names:
            try:
                done.append(measure_set(name, wanted, options.use))
            except (SetMissingError, ProgramFailedError) as problem:
                tell(f"{name} is left out: {problem}")
                failed.append(f"{name}: {str(problem).splitlines()[-1]}")
    finally:
        # Broken off half-way, the table still shows what is done.
        _show(done, failed, machine)
        if options.json:
            kept = json.dumps([one.as_json() for one in done], indent=1)
            options.json.write_text(kept, encoding="utf-8")
    return 1 if failed and not done else 0


def _show(done: list[Measured], failed: list[str], machine: str) -> None:
    print(f"\nRegard identity, {time.strftime('%Y-%m-%d %H:%M')}; Python {sys.version.split()[0]}")
    print(f"before: {machine}\nafter:  {describe_machine()}\n")
    for table in (accuracy_table(done), speed_table(done), tag_table(done)):
        if table:
            print(f"{table}\n")
    failed += [f"Splink on {one.name}: {one.missing.splitlines()[-1]}" for one in done if one.missing]
    for line in failed:
        print(f"left out: {line}")
    sys.stdout.flush()


def _parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity", description=__doc__)
    parser.add_argument("--sets", metavar="A,B", help=f"default: {','.join(USUAL)}")
    parser.add_argument(
        "--sizes", default="", metavar="10k,100k", help="the retailer's customers at these sizes"
    )
    parser.add_argument("--peers", default="splink", help="'' measures ours alone")
    parser.add_argument("--batch-only", action="store_true", help="no orders of arrival, no stream")
    parser.add_argument("--use", type=Path, metavar="DIR", help="sets written before, each in DIR/name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all figures there")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
