"""The program `regard resolve`: who is who in a few files, without a server or a database."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import MatchModel
from regard.identity.resolve_records import Mode, RecordResolver
from regard.identity.write_model import write_model
from regard.kit.errors import RegardError, Terminal
from regard.processes.resolve.gather_records import RecordGatherer
from regard.processes.resolve.keep_row_ids import Repeats, RowIds
from regard.processes.resolve.measure_stages import ProgressLine, StageClock, peak_memory
from regard.processes.resolve.name_clusters import choose_names, count_sizes, customers_by_row, join_rows
from regard.processes.resolve.open_model import open_model
from regard.processes.resolve.open_rows import InputFile, check_columns, check_files, open_rows
from regard.processes.resolve.propose_field_map import propose_field_map
from regard.processes.resolve.read_field_map import FieldMap, read_field_map
from regard.processes.resolve.report_resolution import ResolutionReport, report_as_json, summary_lines
from regard.processes.resolve.shuffle_arrival import ShuffledArrival
from regard.processes.resolve.write_customers import WholeFile, write_customers

_DONE = 0
_AT_ONCE = 4_096
_USAGE = """regard resolve FILE... --fields MAP.toml --out OUT.csv [--mode {batch,stream}] [--shuffle SEED]
                      [--report REPORT.json] [--model M.json] [--save-model M.json]
       regard resolve FILE... --propose"""


class IncompleteCommandError(RegardError, Terminal):
    """An option is missing without which nothing can be done."""

    code = "incomplete_command"
    status = 422


@dataclass(frozen=True, slots=True)
class ResolveOptions:
    """What the command line said."""

    files: tuple[Path, ...]
    fields: Path
    out: Path
    mode: Mode
    shuffle: int | None
    report: Path | None
    model: Path | None = None
    save_model: Path | None = None


def add_resolve_command(commands: Any) -> None:  # noqa: ANN401 - argparse names this type privately
    """The subcommand `resolve` and its options."""
    help_text = "find the same customers in files, CSV or Parquet, without a server"
    parser: argparse.ArgumentParser = commands.add_parser(
        "resolve", help=help_text, description=help_text, usage=_USAGE
    )
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a file with one record per row")
    parser.add_argument("--fields", metavar="MAP.toml", type=Path, help="what the columns hold")
    parser.add_argument("--out", metavar="OUT.csv", type=Path, help="where `source,record,customer` goes")
    parser.add_argument(
        "--mode", choices=("batch", "stream"), default="batch",
        help="all records together, or one after the other; both give the same customers",
    )  # fmt: skip
    parser.add_argument(
        "--shuffle", metavar="SEED", type=int, help="let the records arrive in an order drawn by lot"
    )
    parser.add_argument(
        "--report",
        metavar="REPORT.json",
        type=Path,
        help="where the account of the run goes",
    )
    parser.add_argument(
        "--model", metavar="M.json", type=Path, help="weights saved before; else the rows teach their own"
    )
    parser.add_argument(
        "--save-model", metavar="M.json", type=Path, help="where the weights that decided go, for other files"
    )
    parser.add_argument(
        "--propose", action="store_true", help="print a MAP.toml to start from, and resolve nothing"
    )
    parser.set_defaults(run=resolve_command)


def resolve_command(_settings: object, options: argparse.Namespace) -> int:
    """Resolve the files, or propose a map of their fields."""
    check_files(options.files)
    if options.propose:
        sys.stdout.write(propose_field_map(options.files))
        return _DONE
    if options.fields is None or options.out is None:
        missing = "--fields MAP.toml" if options.fields is None else "--out OUT.csv"
        raise IncompleteCommandError(
            f"{missing} is missing; `regard resolve {options.files[0]} --propose` prints a map to start from"
        )
    resolve_files(
        ResolveOptions(
            tuple(options.files), options.fields, options.out, options.mode, options.shuffle, options.report,
            options.model, options.save_model,
        )
    )  # fmt: skip
    return _DONE


def resolve_files(options: ResolveOptions) -> ResolutionReport:
    """Read, resolve and write; the account of it, which is also told on standard error."""
    field_map = read_field_map(options.fields)
    model = open_model(options.model) if options.model else None
    taken = (*options.files, options.fields, *((options.model,) if options.model else ()))
    with contextlib.ExitStack() as stack:
        out, report_file, model_file = _open_outputs(options, taken, stack)
        run = _Run(options, field_map, model)
        files = run.open(stack)
        report = run.resolve(files, out)
        if report_file is not None:
            report_file.stream.write(report_as_json(report).decode())
            report_file.finish()
        if model_file is not None and report.resolution is not None:
            model_file.stream.write(write_model(report.resolution.model))
            model_file.finish()
        out.finish()
    sys.stderr.write("\n".join(summary_lines(report)) + "\n")
    return report


def _open_outputs(
    options: ResolveOptions, taken: Sequence[Path], stack: contextlib.ExitStack
) -> tuple[WholeFile, WholeFile | None, WholeFile | None]:
    """The files of customers, of the account and of the weights; none may be another or an input."""
    files: list[WholeFile | None] = []
    for path in (options.out, options.report, options.save_model):
        files.append(stack.enter_context(WholeFile(path, taken)) if path else None)
        taken = (*taken, *((path,) if path else ()))
    out, report, model = files
    assert out is not None
    return out, report, model


class _Run:
    """One run, with what every step of it needs."""

    def __init__(self, options: ResolveOptions, field_map: FieldMap, model: MatchModel | None) -> None:
        self._options = options
        self._map = field_map
        self._model = model
        self._clock = StageClock()
        self._progress = ProgressLine(sys.stderr)
        self._notes: list[str] = []

    def open(self, stack: contextlib.ExitStack) -> list[InputFile]:
        """The files, checked against the map."""
        self._clock.enter("read")
        files = []
        for path in self._options.files:
            rows = open_rows(path)
            stack.callback(rows.close)
            files.append(InputFile(path, rows, self._map.source_of(path), path.stat().st_size))
        self._notes = check_columns(self._map, files)
        return files

    def resolve(self, files: Sequence[InputFile], out: WholeFile) -> ResolutionReport:
        """Everything from the first row to the last line written."""
        options = self._options
        gatherer = RecordGatherer(self._map, partial(self._progress.tell, "read"))
        records: Iterable[IdentityRecord] = gatherer.records(files)
        order = None
        if options.shuffle is not None:
            records = shuffled = ShuffledArrival(records, options.shuffle)
            order = shuffled.order
        resolver = RecordResolver(options.mode, model=self._model, tell=self._tell)
        self._add(resolver, iter(records))
        repeats = self._find_repeats(gatherer.ids)
        self._clock.enter("prepare")
        resolution = resolver.resolve()
        self._clock.enter("write")
        customer = customers_by_row(resolution.customer, order)
        join_rows(customer, (*repeats.equal, *repeats.different))
        names = choose_names(customer, gatherer.ids)
        write_customers(
            out.stream, gatherer.ids, names, lambda *how_far: self._progress.tell("write", *how_far)
        )
        self._clock.enter("")
        self._progress.end()
        return ResolutionReport(
            mode=options.mode,
            shuffle=options.shuffle,
            files=[str(path) for path in options.files],
            account=gatherer.account,
            notes=self._notes,
            seconds=self._clock.seconds,
            peak_memory=peak_memory(),
            equal_rows=sum(len(rows) - 1 for rows in repeats.equal),
            joined_ids=len(repeats.different),
            sizes=count_sizes(names),
            resolution=resolution,
            model_given=self._model is not None,
        )

    def _add(self, resolver: RecordResolver, records: Iterator[IdentityRecord]) -> None:
        """Hand the records over, some thousands at once so that the clock is asked seldom."""
        while True:
            self._clock.enter("read")
            some = list(islice(records, _AT_ONCE))
            self._clock.enter("normalise")
            if not some:
                return
            for record in some:
                resolver.add(record)

    def _find_repeats(self, ids: RowIds) -> Repeats:
        repeats = ids.find_repeats()
        if repeats.different and not self._map.join_repeated:
            raise ids.refuse(repeats)
        return repeats

    def _tell(self, stage: str, done: int, total: int) -> None:
        self._clock.enter(stage)
        self._progress.tell(stage, done, total)
