"""The program `regard intake`: reads the sources that have a connector."""

from __future__ import annotations

import asyncio
import signal

import structlog

from regard.intake.leave_source import SourceLeaver
from regard.intake.remap_records import Remapper
from regard.intake.remove_source import RemovalWorker
from regard.intake.run_connectors import ConnectorRunner
from regard.kit.name_process import process_name
from regard.processes.settings import Settings
from regard.processes.wiring import open_foundation

_LOG = structlog.get_logger(__name__)


async def run_intake(settings: Settings, url: str) -> None:
    """Read until SIGTERM or SIGINT; batches under way are committed or rolled back, never half done."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, stop.set)
    async with open_foundation(settings, url, "intake") as foundation:
        _LOG.info("intake_started")
        owner = process_name()
        parts = (foundation.pool, foundation.keyring, foundation.clock)
        settings.watched[0].mkdir(parents=True, exist_ok=True)
        reach = (settings.home / "connectors", settings.watched, settings.networks)
        # Any of them failing ends the program, and the supervisor starts it again.
        async with asyncio.TaskGroup() as group:
            group.create_task(ConnectorRunner(*parts, owner, *reach).run(stop), name="connectors")
            group.create_task(Remapper(*parts).run(stop), name="remapper")
            leaver = SourceLeaver(*parts, *reach)
            group.create_task(RemovalWorker(*parts, owner, leaver.leave).run(stop), name="removals")
    _LOG.info("intake_stopped")
