"""Unmodified Node clients deliver to the real server through refusals, lost answers and kill -9.

Their packages come through npm into a folder of the test run's cache; without npm or network the tests skip.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.intake.live_trial import BATCH, Deliver, run_trial
from tests.patience import PATIENCE


def deliver_by(client: str, tools: tuple[Path, Path]) -> Deliver:
    def deliver(key: str, address: str, numbers: Iterator[int]) -> None:
        node, folder = tools
        command: list[str | Path] = [node, "send.mjs", client, key, address, str(BATCH)]
        with tempfile.TemporaryFile("w+") as said:
            sending = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stderr=said, text=True)
            assert sending.stdin is not None
            try:
                # A client that has given up is seen by its exit code.
                with suppress(BrokenPipeError), sending.stdin as given:
                    for number in numbers:
                        given.write(f"{number}\n")
                        given.flush()
                code = sending.wait(PATIENCE)
            finally:
                sending.kill()
                sending.wait()
            said.seek(0)
            assert code == 0, said.read()[-2_000:]

    return deliver


async def test_no_client_loses_or_doubles_anything_over_refusals_and_kill_9(
    node_clients: tuple[Path, Path], tmp_path: Path
) -> None:
    clients = {name: deliver_by(name, node_clients) for name in ("segment", "rudderstack", "posthog")}
    await run_trial(clients, tmp_path)
