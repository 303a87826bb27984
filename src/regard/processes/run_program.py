"""Runs the subcommand that a command line names: settings first, and errors as sentences."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

import structlog

from regard.kit.logs import configure_logs
from regard.processes.end_program import exit_code_of
from regard.processes.settings import Settings, read_settings


def run_program(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> int:
    """Run the subcommand (``run`` of its options) that the arguments name; gives the exit code."""
    options = parser.parse_args(arguments)

    def run() -> int:
        settings = _settings_of(options)
        configure_logs(options.command, log_format=settings.log_format, level=settings.log_level)
        command: Callable[[Settings, argparse.Namespace], int] = options.run
        return command(settings, options)

    return exit_code_of(run, tell_crash)


def tell_crash() -> None:
    """Log the error that is being handled, without what its message may quote."""
    structlog.get_logger(__name__).critical("program_failed", exc_info=True)


def _settings_of(options: argparse.Namespace) -> Settings:
    """The settings, with options of the command line before variables of the environment."""
    for name in ("home", "host", "port"):
        if (given := getattr(options, name, None)) is not None:
            os.environ[f"REGARD_{name.upper()}"] = given
    return read_settings()
