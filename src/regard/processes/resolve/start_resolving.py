"""`regard resolve` alone, without what the server needs: it starts in a third of the time."""

from __future__ import annotations

import argparse
import sys

from regard.processes.resolve.resolve_files import add_resolve_command
from regard.processes.run_program import run_program


def main() -> None:
    """Run `regard resolve` as the command line says and end with its exit code."""
    parser = argparse.ArgumentParser(prog="regard")
    add_resolve_command(parser.add_subparsers(dest="command", required=True, metavar="COMMAND"))
    sys.exit(run_program(parser))
