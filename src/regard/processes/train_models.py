"""The program `regard train-model`: learns weights from all records that are kept."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
from typing import Any

from regard.kit.errors import RegardError, Terminal
from regard.processes.open_database import OpenedDatabase
from regard.processes.resolve.measure_stages import ProgressLine
from regard.processes.settings import Settings
from regard.processes.wiring import make_model_jobs, migrate_database, open_foundation

_BY = "the terminal"


class TrainingFailedError(RegardError, Terminal):
    """No weights came out; the sentence says why."""

    code = "training_failed"
    status = 422


def add_train_model_command(commands: Any) -> None:  # noqa: ANN401 - argparse names this type privately
    """The subcommand `train-model` and its options."""
    text = "learn weights from all records that are kept; compare and choose them in the browser"
    parser: argparse.ArgumentParser = commands.add_parser("train-model", help=text, description=text)
    parser.add_argument("--home", help="the data folder (REGARD_HOME)")
    parser.set_defaults(run=_train_model)


def _train_model(settings: Settings, _options: argparse.Namespace) -> int:
    with OpenedDatabase(settings) as database:
        version = asyncio.run(_train(settings, database.url))
    sys.stdout.write(f"{version} is kept. Compare it with what decides now, and choose it, in the browser.\n")
    return 0


async def _train(settings: Settings, url: str) -> str:
    await migrate_database(url)
    progress = ProgressLine(sys.stderr)
    owner = f"{socket.gethostname()} {os.getpid()} terminal"
    async with open_foundation(settings, url, "models") as foundation:
        jobs = make_model_jobs(foundation, owner)
        job_id = await jobs.begin_training(_BY)
        await jobs.do(job_id, progress.tell)
        progress.end()
        version, error = await jobs.outcome(job_id)
    if version is None:
        raise TrainingFailedError(error or "another program took the work over")
    return version
