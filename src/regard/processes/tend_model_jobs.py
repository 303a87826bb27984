"""Starts a program of its own for each job on weights, so that long computing slows nothing else down."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from uuid import UUID

import asyncpg
import structlog

from regard.kit.work_rounds import work_rounds
from regard.pipeline.run_model_jobs import ModelJobs

_LOG = structlog.get_logger(__name__)
_PATIENCE = 10.0
_FAILED = "The program that did this ended with an error; the log of the worker tells more."

StartJob = Callable[[UUID, str], Awaitable[asyncio.subprocess.Process]]


class ModelJobTender:
    """Claims jobs and sees each through, one at a time."""

    def __init__(self, jobs: ModelJobs, owner: str, start: StartJob) -> None:
        self._jobs = jobs
        self._owner = owner
        self._start = start

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a job at hand then begins anew at the next start."""
        away = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
        await work_rounds("model_jobs", lambda: self._work_once(stop), stop, away, after_trouble=5.0)

    async def _work_once(self, stop: asyncio.Event) -> bool:
        job_id = await self._jobs.claim()
        if job_id is not None:
            await self._see_through(job_id, stop)
        return job_id is not None

    async def _see_through(self, job_id: UUID, stop: asyncio.Event) -> None:
        process = await self._start(job_id, self._owner)
        ended, stopped = asyncio.create_task(process.wait()), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await _end(process)
                await self._jobs.release(job_id)
            elif ended.result() != 0:
                await self._jobs.fail(job_id, _FAILED)
        finally:
            stopped.cancel()
            if process.returncode is None:
                await _end(process)
            await ended


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _PATIENCE)
    except TimeoutError:
        process.kill()


def start_in_child(environment: Mapping[str, str]) -> StartJob:
    """Starts jobs as programs with these variables beside our own."""

    async def start(job_id: UUID, owner: str) -> asyncio.subprocess.Process:
        module = "regard.processes.run_model_job"
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, str(job_id), owner,
            env={**os.environ, **environment}, stdin=asyncio.subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    return start
