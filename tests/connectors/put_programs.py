"""Programs of tests that act as taps and connectors, and how they are opened and read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from regard.connectors.connector_contract import Batch, Cursor, SourceClient, Surroundings
from regard.connectors.programs.program_connectors import program_connectors
from regard.kit.clock import SystemClock

Put = Callable[[str], str]
CATALOG = {
    "streams": [
        {"tap_stream_id": "people", "stream": "people", "schema": {"type": "object"}, "metadata": [
            {"breadcrumb": [], "metadata": {"forced-replication-method": "INCREMENTAL"}}]},
        {"tap_stream_id": "plans", "stream": "plans", "schema": {"type": "object"},
         "replication_method": "FULL_TABLE"},
    ]
}  # fmt: skip
TAP = f"""
import json, os, sys, time
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2])) if "--discover" not in sys.argv else {{}}
def say(**message):
    print(json.dumps(message), flush=True)
if "--discover" in sys.argv:
    print(json.dumps({CATALOG!r}))
    sys.exit()
config = json.load(open(arguments["--config"]))
catalog = json.load(open(arguments["--catalog"]))
state = json.load(open(arguments["--state"])) if "--state" in arguments else {{}}
"""


def open_program(tmp_path: Path, kind: str, **settings: Any) -> SourceClient:
    connector = next(one for one in program_connectors() if one.name == kind)
    assert connector.open is not None
    keep = settings.pop("keep_settings", None)
    surroundings = Surroundings("s", SystemClock(), keep_settings=keep, programs=tmp_path)
    return connector.open({"memory_mb": 512, **settings}, surroundings)


async def read(client: SourceClient, cursor: Cursor | None = None) -> list[Batch]:
    return [batch async for batch in client.read("all", cursor)]


def ids(batches: list[Batch]) -> list[str]:
    return [record.external_id for batch in batches for record in batch.records]


async def collect(client: SourceClient, batches: list[Batch]) -> None:
    async for batch in client.read("all", None):
        batches.append(batch)  # noqa: PERF401 - what came before the break must be kept
