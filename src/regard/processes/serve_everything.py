"""The program `regard serve`: database, migrations, web server, worker and intake, with one command."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Callable

from regard.kit.errors import RegardError, Transient
from regard.processes.check_installation import ask_health
from regard.processes.open_database import OpenedDatabase, environment_for_children
from regard.processes.settings import Settings
from regard.processes.supervise_children import Child, supervise
from regard.processes.wiring import prepare_installation

PROGRAMS = ("api", "worker", "intake")


class PortUnusableError(RegardError, Transient):
    """The web server's port cannot be listened on."""

    code = "port"


def serve_everything(settings: Settings, say: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT; `say` gets the lines meant for the person who started it."""
    check_port(settings)
    with OpenedDatabase(settings) as database:
        setup_code = asyncio.run(prepare_installation(settings, database.url))
        environment = environment_for_children(settings, database)
        module = "regard.processes.command_line"
        children = [Child(name, [sys.executable, "-m", module, name], environment) for name in PROGRAMS]
        greeting = Greeting(settings, setup_code, say)

        def each_round() -> None:
            database.keep_running()
            greeting.say_when_ready()

        supervise(children, on_round=each_round)


class Greeting:
    """Tells the address once the web server answers, and the one-time code of an empty installation."""

    def __init__(self, settings: Settings, setup_code: str | None, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._setup_code = setup_code
        self._say = say
        self._said = False

    def say_when_ready(self) -> None:
        """Say it, at most once."""
        if self._said or ask_health(self._settings) is None:
            return
        self._said = True
        self._say(f"Regard is ready: {self._settings.address}")
        if self._setup_code is not None:
            self._say(f"First start: open it and make the administrator with the code {self._setup_code}")


def check_port(settings: Settings) -> None:
    """Raise `PortUnusableError` when the port cannot be listened on, with the remedy."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as problem:
            reason = {
                errno.EADDRINUSE: "another program uses it (perhaps Regard runs already)",
                errno.EACCES: "ports below 1024 are for root",
                errno.EADDRNOTAVAIL: f"{settings.host} is not an address of this machine",
            }.get(problem.errno or 0, problem.strerror or str(problem))
            raise PortUnusableError(
                f"Regard cannot listen on {settings.host}, port {settings.port}: {reason}."
                " End that program, or choose another port: REGARD_PORT=8361 regard serve"
            ) from problem
