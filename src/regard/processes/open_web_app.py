"""The web application as the server's own process wants it: opened with the server, closed with it."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from regard.api.build_app import build_app
from regard.kit.end_with_parent import end_this_process_with
from regard.kit.errors import RegardError
from regard.kit.logs import configure_logs
from regard.processes.settings import Settings, read_settings
from regard.processes.wire_services import open_services


def make_app() -> ASGIApp:
    """The web application, as the server's own process wants it."""
    parent = multiprocessing.parent_process()
    end_this_process_with(parent.pid if parent else None, signal.SIGKILL)
    settings = read_settings()
    configure_logs("api", log_format=settings.log_format, level=settings.log_level)
    if settings.database_url is None:
        raise RuntimeError("the web server's process was started without its database")
    url = settings.database_url.get_secret_value()
    return AppWithLifespan(lambda: open_web_app(settings, url))


@asynccontextmanager
async def open_web_app(settings: Settings, url: str) -> AsyncIterator[ASGIApp]:
    """The application with everything behind it."""
    async with open_services(settings, url) as services:
        yield build_app(services)


class AppWithLifespan:
    """Opens the application when the server starts and closes it when the server stops.

    Pool and tasks belong to the server's event loop, which is not there yet when the factory is called.
    """

    def __init__(self, open_app: Callable[[], AbstractAsyncContextManager[ASGIApp]]) -> None:
        self._open_app = open_app
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI call."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self._open_app() as app:
                self._app = app
                await send({"type": "lifespan.startup.complete"})
                await receive()
                self._app = None
        except Exception as problem:
            if self._app is None:
                said = str(problem) if isinstance(problem, RegardError) else type(problem).__name__
                await send({"type": "lifespan.startup.failed", "message": said})
            raise
        await send({"type": "lifespan.shutdown.complete"})
