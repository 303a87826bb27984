"""Takes a run that a worker claimed to its end: its lease kept meanwhile, its faults told in its own row."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import structlog

from regard.db.passing_errors import PASSING
from regard.intake.keep_lease import while_leased
from regard.kit.errors import OUR_FAULT, RegardError, Transient

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LeasedRun:
    """A claimed run. `lost` is what `renew` and the work raise when another process works on it.

    `renew` lengthens the lease, `release` gives it back, `fail` ends the run with a sentence for people.
    """

    kind: str
    lost: type[RegardError]
    renew: Callable[[], Awaitable[None]]
    release: Callable[[], Awaitable[object]]
    fail: Callable[[str], Awaitable[None]]


def rounds_outlive(lost: type[RegardError]) -> tuple[type[Exception], ...]:
    """What a worker's rounds go on after, though its run may not: also a database that refuses `fail`."""
    return (*PASSING, asyncpg.PostgresError, lost)


async def take_to_end(run: LeasedRun, work: Coroutine[Any, Any, None], lease: timedelta) -> bool:
    """Do the work; False when it ended as failed, with the sentence in its row.

    Raises what passes: the run stays claimed until its lease ends, and is gone on with then.
    """
    try:
        await while_leased(work, run.renew, lease / 3)
    except (*PASSING, run.lost):
        raise
    except RegardError as problem:
        if isinstance(problem, Transient):
            raise OSError(str(problem)) from problem
        await run.fail(str(problem))
    except asyncio.CancelledError:
        await run.release()
        raise
    except Exception as problem:  # noqa: BLE001 - it must not stay under way for ever
        # What failed once in our own code fails again: say so instead of trying for ever.
        _LOG.exception("run_failed", kind=run.kind, error=type(problem).__name__)
        await run.fail(f"It stopped because of {OUR_FAULT}.")
    else:
        return True
    return False
