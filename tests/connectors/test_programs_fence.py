"""Programs as sources: fenced in, and never left behind."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from regard.connectors.connector_contract import (
    Batch,
    SettingsRefusedError,
    SourceMisbehavesError,
    SourceUnavailableError,
    Surroundings,
)
from regard.connectors.programs import run_program
from regard.connectors.programs import sweep_folders as sweep_folders_module
from regard.connectors.programs.program_connectors import program_connectors
from regard.kit.clock import SystemClock
from tests.connectors.put_programs import TAP, collect, ids, open_program, read


async def test_secrets_lie_in_a_file_that_only_the_program_can_read_and_that_goes_with_it(put, tmp_path):
    tap = (
        TAP
        + """
path = arguments["--config"]
say(type="RECORD", stream="people", record={
    "mode": oct(os.stat(path).st_mode & 0o777), "folder": oct(os.stat(os.path.dirname(path)).st_mode & 0o777),
    "path": path, "environment": sorted(os.environ), "arguments": sys.argv})
"""
    )
    os.environ["REGARD_TEST_SECRET"] = "x"
    try:
        batches = await read(open_program(tmp_path, "singer", program=put(tap), config={"key": "s3cret"}))
    finally:
        del os.environ["REGARD_TEST_SECRET"]
    body = batches[-1].records[0].body
    assert body is not None
    assert (body["mode"], body["folder"]) == ("0o600", "0o700")
    assert not os.path.exists(body["path"])  # noqa: ASYNC240, PTH110 - a look in a test
    assert "s3cret" not in json.dumps(body["arguments"])
    assert not [name for name in body["environment"] if name.startswith("REGARD")]


def test_the_secrets_of_a_killed_reader_are_removed_by_the_next_one(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    make = "import regard.connectors.programs.sweep_folders as s; print(s.make_folder(), flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", make], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert holder.stdout is not None
    folder = Path(holder.stdout.readline().strip())
    (folder / "config.json").write_text("a secret")
    own = sweep_folders_module.make_folder()
    foreign = tmp_path / "regard-program-of-somebody"
    foreign.mkdir()
    try:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert sweep_folders_module.sweep_folders() == 0
    finally:
        holder.kill()
        holder.communicate()
    assert sweep_folders_module.sweep_folders() == 1
    assert {one.name for one in tmp_path.iterdir()} == {own.name, foreign.name}
    # The number of a process comes again; of a name that tells no process only age decides.
    again = own.rename(own.with_name(own.name.replace(f"-{os.getpid()}-", f"-{os.getpid()}-1")))
    os.utime(foreign, (0, 0))
    assert sweep_folders_module.sweep_folders() == 2
    assert not again.exists()


@pytest.mark.parametrize("name", ["../tap", "/bin/sh", "sh -c id", "", "absent", "."])
def test_only_programs_of_the_administrators_folder_are_run(name, tmp_path):
    with pytest.raises(SettingsRefusedError, match=r"folder for connectors"):
        open_program(tmp_path, "singer", program=name)


def test_without_a_folder_no_program_is_run():
    connector = program_connectors()[0]
    assert connector.open is not None
    with pytest.raises(SettingsRefusedError, match="not run here"):
        connector.open({"program": "tap"}, Surroundings("s", SystemClock()))


async def test_arguments_are_never_read_by_a_shell(put, tmp_path):
    tap = "import json, sys\nprint(json.dumps({'streams': []}))\nopen(%r, 'w').write(repr(sys.argv[1]))"
    told = tmp_path / "told"
    client = open_program(tmp_path, "singer", program=put(tap % str(told)), arguments=["$(id); `id` > x"])
    await client.check()
    assert told.read_text() == repr("$(id); `id` > x")


def running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


async def ends(pid: int) -> bool:
    """Whether the process, told to end, does: the machine may take its time over it."""
    for _ in range(3000):
        if not running(pid):
            return True
        await asyncio.sleep(0.01)
    return False


SLEEPER = (
    TAP
    + """
import subprocess
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
say(type="RECORD", stream="people", record={"pid": os.getpid(), "child": child.pid})
say(type="STATE", value=1)
time.sleep(600)
"""
)


async def test_a_program_that_never_ends_is_stopped_with_all_its_children(put, tmp_path):
    client = open_program(tmp_path, "singer", program=put(SLEEPER), config={}, minutes=0.03)
    batches: list[Batch] = []
    with pytest.raises(SourceUnavailableError, match=r"did not end within 0.03 min"):
        await collect(client, batches)
    body = batches[0].records[0].body
    assert body is not None
    assert await ends(body["pid"])
    assert await ends(body["child"])


async def test_a_reading_that_is_given_up_leaves_no_program_behind(put, tmp_path):
    reading = open_program(tmp_path, "singer", program=put(SLEEPER), config={}).read("all", None)
    body = (await anext(reading)).records[0].body
    assert body is not None
    await reading.aclose()  # type: ignore[attr-defined]
    assert await ends(body["pid"])
    assert await ends(body["child"])


async def test_a_program_that_takes_all_memory_is_stopped(put, tmp_path):
    tap = TAP + "x = []\nwhile True: x.append(b'x' * 10_000_000)"
    client = open_program(tmp_path, "singer", program=put(tap), config={}, memory_mb=200)
    with pytest.raises(SourceUnavailableError, match="more memory"):
        await read(client)


async def test_a_line_without_end_is_cut_off(put, tmp_path, monkeypatch):
    monkeypatch.setattr(run_program, "_LONGEST_LINE", 1024 * 1024)
    tap = TAP + "while True: sys.stdout.write('x' * 65536)"
    with pytest.raises(SourceMisbehavesError, match="a line of more than 1 MB"):
        await read(open_program(tmp_path, "singer", program=put(tap), config={}))


async def test_a_flood_of_errors_blocks_nobody(put, tmp_path):
    tap = (
        TAP
        + """
sys.stderr.write("y" * 5_000_000)
say(type="RECORD", stream="people", record={"id": 1})
"""
    )
    assert len(ids(await read(open_program(tmp_path, "singer", program=put(tap), config={})))) == 1
