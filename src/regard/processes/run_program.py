"""Runs the subcommand that a command line names: settings first, and errors as sentences."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

import structlog

from regard.kit.errors import RegardError, Transient
from regard.kit.logs import configure_logs
from regard.processes.settings import Settings, read_settings
from regard.processes.supervise_children import EXIT_MISCONFIGURED

EXIT_FAILED = 1
EXIT_TRY_AGAIN = 75
EXIT_INTERRUPTED = 130


def run_program(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> int:
    """Run the subcommand (``run`` of its options) that the arguments name; gives the exit code."""
    options = parser.parse_args(arguments)
    try:
        settings = _settings_of(options)
        configure_logs(options.command, log_format=settings.log_format, level=settings.log_level)
        command: Callable[[Settings, argparse.Namespace], int] = options.run
        return command(settings, options)
    except RegardError as problem:
        print_line(f"regard: {problem}", error=True)
        return EXIT_TRY_AGAIN if isinstance(problem, Transient) else EXIT_MISCONFIGURED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception:  # noqa: BLE001 - the last place that can say anything
        structlog.get_logger(__name__).critical("program_failed", exc_info=True)
        return EXIT_FAILED


def print_line(line: str, *, error: bool = False) -> None:
    """One line for the person at the terminal."""
    stream = sys.stderr if error else sys.stdout
    stream.write(line + "\n")
    stream.flush()


def _settings_of(options: argparse.Namespace) -> Settings:
    """The settings, with options of the command line before variables of the environment."""
    for name in ("home", "host", "port"):
        if (given := getattr(options, name, None)) is not None:
            os.environ[f"REGARD_{name.upper()}"] = given
    return read_settings()
