"""Makes a fresh clone ready to run, and does nothing when it is: `python3 bootstrap.py [--test-programs]`.

Plain Python 3.11, standard library only. Makes `.venv`, installs exactly what requirements.lock names (by
hash), then Regard itself as an editable install, then the web interface. Uses `uv` when it is there, else
gets it by pip.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / ".regard-installed"
UV_VERSION = "0.13.9"


class Program(NamedTuple):
    """A program that tests drive: any of its names will do, and the packages of Debian that bring it."""

    title: str
    names: tuple[str, ...]
    packages: tuple[str, ...]


# Only what starts no service of its own when it is installed: Dovecot does, so its tests use it where it is.
TEST_PROGRAMS = (
    Program("Chromium", ("chromium", "chromium-browser", "google-chrome"), ("chromium", "fonts-dejavu-core")),
    Program("MariaDB", ("mariadbd",), ("mariadb-server-core",)),
)


def main() -> None:
    """Bring the environment, the install and the web interface up to date."""
    wanted = wanted_state()
    if not _works() or not STAMP.is_file() or STAMP.read_text(encoding="ascii") != wanted:
        install()
        STAMP.write_text(wanted, encoding="ascii")
    run([PYTHON, "hatch_build.py"], "build the web interface")
    if "--test-programs" in sys.argv:
        install_programs()


def wanted_state() -> str:
    """A hash of everything that decides what is installed."""
    files = ("requirements.lock", "pyproject.toml", "bootstrap.py")
    return hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in files)).hexdigest()


def install() -> None:
    """Make the virtual environment and install the lock file's packages and Regard into it."""
    uv = shutil.which("uv")
    if not _works():
        say("making .venv")
        if uv:
            run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV], "make .venv")
        else:
            remedy = "make .venv (on Debian and Ubuntu: apt-get install python3-venv)"
            run([sys.executable, "-m", "venv", "--clear", VENV], remedy)
    if not uv:
        say("installing uv")
        run([PYTHON, "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"], "install uv")
        uv = str(PYTHON.with_name("uv"))
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV), "REGARD_SKIP_UI": "1"}
    say("installing packages")
    pip = [uv, "pip", "install", "--quiet"]
    run([*pip, "--require-hashes", "-r", "requirements.lock"], "install the packages", environment)
    run([*pip, "--no-deps", "--no-build-isolation", "-e", "."], "install Regard", environment)


def install_programs() -> None:
    """Install what tests drive, where apt is there and we may use it; elsewhere those tests skip."""
    missing = [one for one in TEST_PROGRAMS if not any(map(shutil.which, one.names))]
    if not missing:
        return
    what = " and ".join(one.title for one in missing)
    apt = shutil.which("apt-get")
    sudo = shutil.which("sudo")
    may_sudo = sudo is not None and succeeds([sudo, "-n", "true"])
    if not apt or not (os.geteuid() == 0 or may_sudo):
        say(f"no {what} here and no way to install it: the tests that need it will be skipped")
        return
    say(f"installing {what}")
    rights = [] if os.geteuid() == 0 else [sudo]
    quietly = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq"]
    succeeds([*quietly, "update"])
    for one in missing:
        if not succeeds([*quietly, "install", "--yes", "--no-install-recommends", *one.packages]):
            say(f"{one.title} could not be installed: the tests that need it will be skipped")


def run(command: list[object], purpose: str, environment: dict[str, str] | None = None) -> None:
    """Run a command in the checkout; end with a sentence when it fails."""
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=ROOT, env=environment, check=False)  # noqa: S603 - our own commands
    if done.returncode != 0:
        raise SystemExit(f"Could not {purpose}: see the lines above.")


def succeeds(command: list[object]) -> bool:
    """Whether a command ends well; what it prints is dropped."""
    words = [str(part) for part in command]
    done = subprocess.run(words, check=False, capture_output=True)  # noqa: S603 - our own commands
    return done.returncode == 0


def say(what: str) -> None:
    """One line on the terminal."""
    print(f"regard: {what} …", file=sys.stderr, flush=True)  # noqa: T201


def _works() -> bool:
    return PYTHON.exists() and succeeds([PYTHON, "-c", ""])


if __name__ == "__main__":
    main()
