"""The program `regard api`: the web server."""

from __future__ import annotations

import os

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from regard.processes.open_database import OpenedDatabase, environment_for_children
from regard.processes.settings import Settings

_HEADER_DEADLINE_MILLISECONDS = 10_000
_PATIENCE_OF_STOP_SECONDS = 5


def run_api(settings: Settings, database: OpenedDatabase) -> None:
    """Serve until SIGTERM or SIGINT; open streams are cut after a few seconds."""
    # The server's own process reads its settings anew.
    os.environ.update(environment_for_children(settings, database))
    Granian(
        "regard.processes.open_web_app:make_app",
        factory=True,
        interface=Interfaces.ASGI,
        address=settings.host,
        port=settings.port,
        workers=1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_DEADLINE_MILLISECONDS),
        workers_kill_timeout=_PATIENCE_OF_STOP_SECONDS,
        websockets=False,
        log_access=False,
        log_level=LogLevels.warning,
        log_dictconfig={"version": 1, "disable_existing_loggers": False},
    ).serve()
