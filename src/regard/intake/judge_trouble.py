"""What trouble with a source means for a person and for the next try: one place for words and pauses."""

from __future__ import annotations

import random
from dataclasses import dataclass

from regard.connectors.connector_contract import SourceUnavailableError
from regard.kit.errors import OUR_FAULT, RegardError, Terminal

FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 600.0
_TERMINAL_PAUSE = 900.0
_LONGEST_ASKED_FOR = 86_400.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why reading broke off, in words, and how long to wait when the source said it."""

    code: str
    sentence: str
    retry_after: float | None
    terminal: bool


def first_error(error: BaseException) -> BaseException:
    """The first failure of several that ran side by side."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def tell_trouble(error: BaseException) -> Trouble:
    """What a failure means for a person and for the next try."""
    error = first_error(error)
    if isinstance(error, RegardError):
        retry_after = error.retry_after if isinstance(error, SourceUnavailableError) else None
        return Trouble(error.code, str(error)[:1_000], retry_after, isinstance(error, Terminal))
    if isinstance(error, OSError | TimeoutError):
        sentence = (
            "The connection to the source failed; it is tried again. Look whether the source runs, and"
            " whether the machine of Regard may reach it."
        )
        return Trouble("source_unavailable", sentence, None, terminal=False)
    sentence = f"Reading stopped because of {OUR_FAULT}."
    return Trouble("connector_fault", sentence, None, terminal=True)


def pause_after(trouble: Trouble, failures: int) -> float:
    """Seconds until the next try: what the source asked for, else doubling with a random part.

    `failures` counts those in a row, this one included. What a person has to mend is tried rarely; changed
    settings are tried at once by the runner.
    """
    if trouble.retry_after is not None:
        return min(max(trouble.retry_after, 1.0), _LONGEST_ASKED_FOR)
    longest = _TERMINAL_PAUSE if trouble.terminal else _LONGEST_PAUSE
    first = 60.0 if trouble.terminal else FIRST_PAUSE
    pause = min(longest, first * 2.0 ** min(failures - 1, 20))
    return spread(pause, 0.2)


def spread(seconds: float, by: float = 0.1) -> float:
    """About as long: many sources that broke off or began at once must not come back at once."""
    return seconds * random.uniform(1 - by, 1 + by)  # noqa: S311 - spreads tries, keeps no secret
