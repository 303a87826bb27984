"""Chooses the account that runs the embedded PostgreSQL (which refuses root), and runs programs as it."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from regard.kit.end_with_parent import end_with_parent
from regard.kit.errors import RegardError

_CANDIDATES = ("postgres", "nobody")


class AccountError(RegardError):
    """There is no account that could run the database."""

    code = "database_account"


@dataclass(frozen=True, slots=True)
class Account:
    """An existing account of the operating system."""

    name: str
    uid: int
    gid: int


def choose_account(data_folder: Path) -> Account | None:
    """Who shall run the server: None for ourselves, an account without rights when we are root.

    An existing `data_folder` is run by its owner. No account is ever created.
    """
    if os.geteuid() != 0:
        return None
    if data_folder.exists() and (owner := data_folder.stat().st_uid) != 0:
        with contextlib.suppress(KeyError):
            return _account(pwd.getpwuid(owner))
        raise AccountError(
            f"{data_folder} belongs to the user number {owner}, who has no name on this machine."
            f" Give it to an account that exists, for example: chown -R nobody {data_folder}"
        )
    for name in _CANDIDATES:
        with contextlib.suppress(KeyError):
            return _account(pwd.getpwnam(name))
    raise AccountError(
        f"PostgreSQL does not run as root, and none of the accounts {', '.join(_CANDIDATES)} exists."
        " Start Regard as an ordinary user, or set REGARD_DATABASE_URL to a server of your own."
    )


def current_user_name() -> str:
    """The name of the account we run as; PostgreSQL's programs need one too."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise AccountError(
            f"The user number {os.geteuid()} has no name on this machine, and PostgreSQL refuses to run so."
            " Add the user to /etc/passwd, or set REGARD_DATABASE_URL to a server of your own."
        ) from None


def clean_environment(extra: dict[str, str]) -> dict[str, str]:
    """Our environment without the variables that would lead PostgreSQL's programs elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC", **extra}


def run_as(
    account: Account | None,
    command: Sequence[str],
    *,
    text_in: str | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `command` to its end as `account`; a command that cannot even start gives return code 126."""
    try:
        return subprocess.run(  # noqa: S603 - fixed programs of ours, arguments are paths we made
            command,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            umask=0o077,
            cwd="/",
            env=clean_environment(environment or {}),
            input=text_in or "",
            text=True,
            errors="replace",
            capture_output=True,
            check=False,
            preexec_fn=end_with_parent(signal.SIGKILL),
        )
    except PermissionError as problem:
        return subprocess.CompletedProcess(command, 126, "", str(problem))


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
