"""The program `regard export-model`: writes weights that the installation keeps to a file."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from regard.identity.keep_models import ModelShelf
from regard.identity.match_model import MatchModel
from regard.identity.write_model import write_model
from regard.processes.open_database import OpenedDatabase
from regard.processes.resolve.write_customers import WholeFile
from regard.processes.settings import Settings
from regard.processes.wiring import migrate_database, open_foundation


def add_export_model_command(commands: Any) -> None:  # noqa: ANN401 - argparse names this type privately
    """The subcommand `export-model` and its options."""
    text = "write weights to a file, for `regard resolve --model` or another installation"
    parser: argparse.ArgumentParser = commands.add_parser("export-model", help=text, description=text)
    parser.add_argument("version", nargs="?", help="as the screen names it; else the weights that decide now")
    parser.add_argument("--out", metavar="M.json", type=Path, required=True, help="where the model goes")
    parser.add_argument("--home", help="the data folder (REGARD_HOME)")
    parser.set_defaults(run=_export_model)


def _export_model(settings: Settings, options: argparse.Namespace) -> int:
    with WholeFile(options.out, ()) as out:
        with OpenedDatabase(settings) as database:
            model = asyncio.run(read_kept(settings, database.url, options.version))
        out.stream.write(write_model(model))
        out.finish()
    sys.stderr.write(f"{model.version} is written to {options.out}.\n")
    return 0


async def read_kept(settings: Settings, url: str, version: str | None) -> MatchModel:
    """The model of a version, else the one that decides; raises `ModelUnknownError`."""
    await migrate_database(url)
    async with (
        open_foundation(settings, url, "models") as foundation,
        foundation.pool.acquire() as connection,
    ):
        shelf = ModelShelf(foundation.keyring)
        return await (shelf.read(connection, version) if version else shelf.deciding(connection))
