"""The program `regard add-user`: makes somebody who can sign in, with the roles they may work in."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Callable
from typing import Any

from regard.access.create_users import UserUnsuitableError
from regard.access.load_roles import ROLE_NAMES
from regard.processes.open_database import OpenedDatabase
from regard.processes.settings import Settings
from regard.processes.wiring import migrate_database, open_foundation, open_user_desk


def add_user_command(commands: Any) -> None:  # noqa: ANN401 - argparse names this type privately
    """The subcommand `add-user` and its options."""
    text = "make a user; asks for the password, or reads it from standard input"
    parser = commands.add_parser("add-user", help=text, description=text)
    parser.add_argument("username", help="what the user types to sign in")
    parser.add_argument("--name", help="the user's name as others see it; else the user name")
    parser.add_argument(
        "--role", action="append", required=True, choices=ROLE_NAMES,
        help="a role the user may work in; the first is taken at sign-in",
    )  # fmt: skip
    parser.add_argument("--home", help="the data folder (REGARD_HOME)")
    parser.set_defaults(run=_add_user)


def read_password(ask: Callable[[str], str] = getpass.getpass) -> str:
    """The new password: asked for twice at a terminal, otherwise the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = ask("Password (15 characters at least): ")
    if ask("Once more: ") != password:
        raise UserUnsuitableError("the two passwords differ; start again")
    return password


def _add_user(settings: Settings, options: argparse.Namespace) -> int:
    password, roles = read_password(), list(dict.fromkeys(options.role))

    async def work(url: str) -> None:
        await migrate_database(url)
        async with open_foundation(settings, url, "users") as ground, open_user_desk(ground) as desk:
            await desk.add_user(options.username, options.name or options.username, password, roles)

    with OpenedDatabase(settings) as database:
        asyncio.run(work(database.url))
    sys.stdout.write(f"{options.username} can sign in as {', '.join(roles)}.\n")
    return 0
