"""The program `regard import-model`: takes the weights of a Splink model over into a model of ours."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regard.identity.identity_record import Kind
from regard.identity.import_splink import SplinkImport, import_splink, tell_import
from regard.identity.match_model import default_model
from regard.identity.read_splink import SplinkModel, SplinkModelError, read_splink
from regard.identity.write_model import write_model
from regard.processes.resolve.guess_type import guess_type
from regard.processes.resolve.read_field_map import read_field_map
from regard.processes.resolve.write_customers import WholeFile
from regard.processes.settings import Settings

_DONE, _NOTHING = 0, 1


def add_import_model_command(commands: Any) -> None:  # noqa: ANN401 - argparse names this type privately
    """The subcommand `import-model` and its options."""
    help_text = "take the weights of a Splink model over, for `regard resolve --model`"
    parser: argparse.ArgumentParser = commands.add_parser(
        "import-model", help=help_text, description=help_text
    )
    parser.add_argument(
        "file", metavar="SPLINK.json", type=Path, help="what Splink's save_model_to_json wrote"
    )
    parser.add_argument(
        "--fields", metavar="MAP.toml", type=Path,
        help="what the columns hold, as for `regard resolve`; without it the names of the columns decide",
    )  # fmt: skip
    parser.add_argument("--out", metavar="M.json", type=Path, required=True, help="where the model goes")
    parser.set_defaults(run=import_model_command)


def import_model_command(_settings: Settings, options: argparse.Namespace) -> int:
    """Import, write, and tell what was and what was not taken over; 1 when nothing was."""
    inputs = [options.file, *([options.fields] if options.fields else [])]
    splink = _read(options.file)
    done = _import(splink, options.fields)
    with WholeFile(options.out, inputs) as out:
        out.stream.write(write_model(done.model))
        sys.stderr.write("\n".join(tell_import(done)) + "\n")
        if not done.taken:
            sys.stderr.write("Nothing could be taken over, so no model was written.\n")
            return _NOTHING
        out.finish()
    sys.stderr.write(f"{done.model.version} is written to {options.out}.\n")
    return _DONE


def _read(path: Path) -> SplinkModel:
    try:
        return read_splink(path.read_text(encoding="utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8"
        raise SplinkModelError(f"{path}: the model cannot be read ({why})") from None


def _import(splink: SplinkModel, fields: Path | None) -> SplinkImport:
    kind: Kind = "person"
    types: Mapping[str, str] = {}
    if fields is not None:
        field_map = read_field_map(fields)
        kind = field_map.kind or kind
        types = {column.name: column.type for column in field_map.columns}
    else:
        names = {column for comparison in splink.comparisons for column in comparison.columns}
        types = {name: guessed for name in names if (guessed := guess_type(name))}
    return import_splink(splink, types, default_model(), kind)
