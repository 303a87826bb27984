"""The program `regard worker`: follows the log and keeps the customers up to date."""

from __future__ import annotations

import asyncio
import signal

import structlog

from regard.db.notify import Bell
from regard.processes.collect_rarely import collect_rarely
from regard.processes.keep_house import Housekeeper
from regard.processes.settings import Settings
from regard.processes.wiring import (
    LOG_CHANNEL,
    make_cleansing_worker,
    make_import_worker,
    make_model_tender,
    make_projector,
    open_foundation,
)

_LOG = structlog.get_logger(__name__)


async def run_worker(settings: Settings, url: str) -> None:
    """Work until SIGTERM or SIGINT; the batch at hand is finished or rolled back, never half done."""
    collect_rarely()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, stop.set)
    async with open_foundation(settings, url, "worker") as foundation, Bell(url, LOG_CHANNEL) as bell:
        _LOG.info("worker_started")
        # Any of them failing ends the program, and the supervisor starts it again.
        async with asyncio.TaskGroup() as group:
            group.create_task(make_import_worker(foundation).run(stop), name="imports")
            group.create_task(make_cleansing_worker(foundation).run(stop), name="cleansing")
            group.create_task(Housekeeper(foundation.pool, foundation.clock).run(stop), name="housekeeper")
            group.create_task(make_model_tender(foundation).run(stop), name="models")
            group.create_task(make_projector(foundation).run(bell, stop), name="projector")
    _LOG.info("worker_stopped")
