"""Makes a new PostgreSQL data folder, whole or not at all, and writes files into one as its owner."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from regard.db.choose_account import Account, run_as
from regard.db.find_binaries import Binaries
from regard.db.lay_out_folders import DatabaseFolders
from regard.kit.errors import RegardError


class ClusterError(RegardError):
    """The data folder of the embedded database could not be made or written."""

    code = "database_folder"


def make_cluster(
    folders: DatabaseFolders, binaries: Binaries, account: Account | None, *, sync: bool
) -> None:
    """Create the data folder with an empty database `regard`, owned by `account`.

    It is made beside its place and moved there when finished, so a kill on the way leaves nothing half-made.
    """
    building = folders.root / "data.new"
    if building.exists():
        shutil.rmtree(building)
    building.mkdir(mode=0o700)
    if account:
        os.chown(building, account.uid, account.gid)
    flush = [] if sync else ["--no-sync"]
    _run(
        account,
        [
            str(binaries.program("initdb")),
            f"--pgdata={building}",
            "--username=regard",
            "--encoding=UTF8",
            "--locale=C",
            # PostgreSQL's own collation: an upgrade of the system's C library cannot break an index.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            "--auth=peer",
            "--no-instructions",
            *flush,
        ],
        binaries,
    )
    _run(
        account,
        [str(binaries.program("postgres")), "--single", "-D", str(building), "postgres"],
        binaries,
        text_in="CREATE DATABASE regard;\n",
    )
    building.rename(folders.data)


def write_as(account: Account | None, path: Path, content: str) -> None:
    """Write a file of the data folder as its owner: root writes nowhere where others could lay a trap."""
    done = run_as(account, ["/bin/sh", "-c", 'cat > "$1"', "sh", str(path)], text_in=content)
    if done.returncode != 0:
        raise ClusterError(f"{path} cannot be written: {done.stderr.strip()}. Is the disk full?")


def _run(account: Account | None, command: list[str], binaries: Binaries, text_in: str | None = None) -> None:
    done = run_as(account, command, text_in=text_in, environment=binaries.environment)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ClusterError(
            f"{Path(command[0]).name} could not make the database in {command[1:3]}:"
            f" {said[-1] if said else f'return code {done.returncode}'}."
            " Check that the disk has 100 MB free and that the folder is writable."
        )
