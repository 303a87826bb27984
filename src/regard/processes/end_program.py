"""How a program ends: its exit code, and errors told as sentences."""

from __future__ import annotations

import sys
from collections.abc import Callable

from regard.kit.errors import RegardError, Transient

EXIT_FAILED = 1
EXIT_TRY_AGAIN = 75
EXIT_MISCONFIGURED = 78
"""A child that ends with this code (EX_CONFIG) would fail again: it is not started again."""
EXIT_INTERRUPTED = 130


def exit_code_of(run: Callable[[], int], tell_crash: Callable[[], None]) -> int:
    """Run a program and give its exit code; ``tell_crash`` is called while an unforeseen error is handled."""
    try:
        return run()
    except RegardError as problem:
        print_line(f"regard: {problem}", error=True)
        return EXIT_TRY_AGAIN if isinstance(problem, Transient) else EXIT_MISCONFIGURED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception:  # noqa: BLE001 - the last place that can say anything
        tell_crash()
        return EXIT_FAILED


def print_line(line: str, *, error: bool = False) -> None:
    """One line for the person at the terminal."""
    stream = sys.stderr if error else sys.stdout
    stream.write(line + "\n")
    stream.flush()
