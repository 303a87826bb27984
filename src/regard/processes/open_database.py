"""Gives a program its database: the user's own by URL, or the embedded one, started or attached to."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from regard.db.embedded_server import EmbeddedServer, start_embedded_server
from regard.db.lay_out_folders import prepare_home
from regard.processes.settings import Settings


class OpenedDatabase:
    """A database to work with while the `with` block lasts; an embedded one that we started ends with it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home: Path = prepare_home(settings.home)
        self._server: EmbeddedServer | None = None
        self._own_url = settings.database_url.get_secret_value() if settings.database_url else None

    def __enter__(self) -> Self:
        if self._own_url is None:
            self._server = start_embedded_server(self._home)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.stop()

    @property
    def url(self) -> str:
        """The address for the pool."""
        if self._own_url is not None:
            return self._own_url
        if self._server is None:
            raise RuntimeError("the database is open inside the with block only")
        return self._server.url

    @property
    def embedded(self) -> bool:
        """Whether it is the one that comes with Regard."""
        return self._own_url is None

    def keep_running(self) -> None:
        """Start the embedded server again if it died; its data recovers by itself."""
        if self._server is not None and self._server.has_ended():
            self._server.stop()
            self._server = start_embedded_server(self._home)


def environment_for_children(settings: Settings, database: OpenedDatabase) -> dict[str, str]:
    """The variables that give a child program the same settings and this database."""
    return {
        **os.environ,
        "REGARD_HOME": str(settings.home),
        "REGARD_HOST": settings.host,
        "REGARD_PORT": str(settings.port),
        "REGARD_DATABASE_URL": database.url,
        "REGARD_DEMO": "true" if settings.demo else "false",
    }
