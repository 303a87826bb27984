"""Unmodified Node clients deliver to the real server through refusals, lost answers and kill -9.

Their packages come through npm into a folder of the test run's cache; without npm or network the tests skip.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.intake.live_trial import EVENTS, PER_SECOND, OwnDatabase, Trial, open_trial

_LONGEST_DELIVERY = 90


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
