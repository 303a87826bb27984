"""The command `regard`: one subcommand per program, and errors as sentences."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from regard.pipeline.rebuild_projections import rebuild_projections
from regard.processes.add_users import add_user_command
from regard.processes.check_installation import check_installation
from regard.processes.end_program import EXIT_FAILED, EXIT_TRY_AGAIN, print_line
from regard.processes.export_models import add_export_model_command
from regard.processes.import_files import add_import_command
from regard.processes.import_model import add_import_model_command
from regard.processes.open_database import OpenedDatabase
from regard.processes.resolve.resolve_files import add_resolve_command
from regard.processes.run_api import run_api
from regard.processes.run_intake import run_intake
from regard.processes.run_program import run_program
from regard.processes.run_worker import run_worker
from regard.processes.serve_everything import serve_everything
from regard.processes.settings import Settings
from regard.processes.train_models import add_train_model_command
from regard.processes.wiring import make_projector, migrate_database, open_foundation, open_user_desk

__all__ = ["EXIT_FAILED", "EXIT_TRY_AGAIN", "main", "make_parser", "print_line", "run_command"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a subcommand and end with its exit code.

    0 done, 1 something was found or failed, 75 try again later, 78 it cannot work like this.
    """
    sys.exit(run_command(arguments))


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; gives the exit code."""
    return run_program(make_parser(), arguments)


def make_parser() -> argparse.ArgumentParser:
    """The subcommands and their options."""
    parser = argparse.ArgumentParser(
        prog="regard",
        description="Regard, the unified customer view. Settings are environment variables (REGARD_HOME,"
        " REGARD_PORT, REGARD_DATABASE_URL …); see docs/reference/settings.md.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(commands, "serve", _serve, "run everything: database, web server, worker, intake", server=True)
    _add(commands, "api", _api, "run the web server alone", server=True)
    _add(commands, "worker", _worker, "run the worker alone: it turns the log into customers")
    _add(commands, "intake", _intake, "run the intake alone: it reads the sources that have a connector")
    add_import_command(commands)
    add_resolve_command(commands)
    add_import_model_command(commands)
    add_train_model_command(commands)
    add_export_model_command(commands)
    _add(commands, "migrate", _migrate, "bring the tables of the database up to date")
    _add(commands, "rebuild", _rebuild, "throw away all that was derived and read the log again")
    _add(commands, "setup-code", _setup_code, "print a new one-time code for making the first administrator")
    add_user_command(commands)
    _add(commands, "doctor", _doctor, "look at the installation and say what is wrong and what to do")
    return parser


def _add(
    commands: Any,  # noqa: ANN401 - argparse names this type privately
    name: str,
    run: Callable[[Settings, argparse.Namespace], int],
    help_text: str,
    *,
    server: bool = False,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=help_text)
    parser.add_argument("--home", help="the data folder (REGARD_HOME)")
    if server:
        parser.add_argument("--host", help="the address to listen on (REGARD_HOST)")
        parser.add_argument("--port", help="the port to listen on (REGARD_PORT)")
    parser.set_defaults(run=run)
    return parser


def _run(settings: Settings, work: Callable[[OpenedDatabase], Coroutine[Any, Any, int]]) -> int:
    with OpenedDatabase(settings) as database:
        return asyncio.run(work(database))


def _serve(settings: Settings, _options: argparse.Namespace) -> int:
    serve_everything(settings, print_line)
    return 0


def _api(settings: Settings, _options: argparse.Namespace) -> int:
    with OpenedDatabase(settings) as database:
        run_api(settings, database)
    return 0


def _worker(settings: Settings, _options: argparse.Namespace) -> int:
    async def work(database: OpenedDatabase) -> int:
        await run_worker(settings, database.url)
        return 0

    return _run(settings, work)


def _intake(settings: Settings, _options: argparse.Namespace) -> int:
    async def work(database: OpenedDatabase) -> int:
        await run_intake(settings, database.url)
        return 0

    return _run(settings, work)


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    async def work(database: OpenedDatabase) -> int:
        applied = await migrate_database(database.url)
        print_line("\n".join(applied) if applied else "The database is up to date.")
        return 0

    return _run(settings, work)


def _rebuild(settings: Settings, _options: argparse.Namespace) -> int:
    async def work(database: OpenedDatabase) -> int:
        await migrate_database(database.url)
        async with open_foundation(settings, database.url, "rebuild") as foundation:
            events = await rebuild_projections(foundation.pool, make_projector(foundation))
        print_line(f"Rebuilt everything from {events} events.")
        return 0

    return _run(settings, work)


def _setup_code(settings: Settings, _options: argparse.Namespace) -> int:
    async def work(database: OpenedDatabase) -> int:
        await migrate_database(database.url)
        async with (
            open_foundation(settings, database.url, "setup") as foundation,
            open_user_desk(foundation) as desk,
        ):
            if not await desk.setup_needed():
                print_line("The first administrator exists already: sign in instead.", error=True)
                return EXIT_FAILED
            print_line(await desk.new_setup_code())
            return 0

    return _run(settings, work)


def _doctor(settings: Settings, _options: argparse.Namespace) -> int:
    async def work(database: OpenedDatabase) -> int:
        findings = await check_installation(settings, database)
        for finding in findings:
            print_line(f"{'well ' if finding.well else 'WRONG'}  {finding.about}: {finding.sentence}")
        return 0 if all(finding.well for finding in findings) else EXIT_FAILED

    return _run(settings, work)


if __name__ == "__main__":
    main()
