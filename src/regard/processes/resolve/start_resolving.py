"""`regard resolve` alone, without what the server needs (settings, logs, database): it starts in a quarter
of the time.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from regard.processes.collect_rarely import collect_rarely
from regard.processes.end_program import exit_code_of
from regard.processes.resolve.resolve_files import add_resolve_command, resolve_command


def main() -> None:
    """Run `regard resolve` as the command line says and end with its exit code."""
    parser = argparse.ArgumentParser(prog="regard")
    add_resolve_command(parser.add_subparsers(dest="command", required=True, metavar="COMMAND"))
    options = parser.parse_args()
    collect_rarely()
    sys.exit(exit_code_of(lambda: resolve_command(None, options), _tell_crash))


def _tell_crash() -> None:
    """Log the error as the server would; the library for that is loaded in this case alone."""
    import_module("regard.kit.logs").configure_logs("resolve")
    import_module("regard.processes.run_program").tell_crash()
