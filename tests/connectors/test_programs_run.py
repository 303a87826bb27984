"""Programs as sources: fenced in, believed only as far as they can be, and never left behind."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    SettingsRefusedError,
    SourceClient,
    SourceMisbehavesError,
    SourceRefusesError,
    SourceUnavailableError,
    Surroundings,
)
from regard.connectors.programs import run_program
from regard.connectors.programs import sweep_folders as sweep_folders_module
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


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Puts a Python program into the folder for connectors; gives its name."""

    def write(text: str, name: str = "tap-test") -> str:
        path = tmp_path / name
        path.write_text(f"#!{sys.executable}\n{textwrap.dedent(text)}")
        path.chmod(0o700)
        return name

    return write


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


GOOD_TAP = TAP + """
start = state.get("last", 0)
say(type="SCHEMA", stream="people", schema={}, key_properties=["id"], bookmark_properties=["changed"])
print("this is no message")
for number in range(start + 1, start + 4):
    changed = "2026-11-2%dT00:00:00Z" % (number % 9)
    say(type="record", stream="people", record={"id": number, "changed": changed})
    say(type="STATE", value={"last": number})
say(type="SCHEMA", stream="plans", schema={}, key_properties=["a", "b"])
say(type="RECORD", stream="plans", record={"a": 9007199254740993, "b": "x"})
say(type="RECORD", stream="plans", record={"a": 1, "b": "y", "_sdc_deleted_at": "2026-01-01"})
say(type="ACTIVATE_VERSION", stream="plans", version=1)
"""  # fmt: skip


async def test_a_tap_is_discovered_read_and_read_on_from_its_state(put, tmp_path):
    client = open_program(tmp_path, "singer", program=put(GOOD_TAP), config={"key": "k"})
    await client.check()
    assert [spec.name for spec in await client.streams()] == ["all"]
    first = await read(client)
    assert ids(first) == ["1", "2", "3", "9007199254740993|x", "1|y"]
    assert first[0].cursor == {"state": {"last": 1}}
    assert first[0].records[0].updated_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert [one.deleted for one in first[-1].records] == [False, True]
    last = [batch.cursor for batch in first if batch.cursor][-1]
    assert ids(await read(client, last))[:3] == ["4", "5", "6"]


async def test_a_stream_that_is_told_completely_begins_and_ends_so_that_what_vanished_is_gone(put, tmp_path):
    batches = await read(open_program(tmp_path, "singer", program=put(GOOD_TAP), config={}))
    assert [name for batch in batches for name in batch.begins] == ["plans"]
    assert list(batches[-1].ends) == ["plans"]


async def test_a_tap_that_breaks_off_ends_no_stream_and_keeps_its_last_state(put, tmp_path):
    broken = GOOD_TAP + "sys.exit(3)"
    client = open_program(tmp_path, "singer", program=put(broken), config={})
    batches: list[Batch] = []
    with pytest.raises(SourceUnavailableError, match="ended with 3"):
        await _collect(client, batches)
    assert all(not batch.ends for batch in batches)
    assert [batch.cursor for batch in batches if batch.cursor][-1] == {"state": {"last": 3}}


async def _collect(client: SourceClient, batches: list[Batch]) -> None:
    async for batch in client.read("all", None):
        batches.append(batch)  # noqa: PERF401 - what came before the break must be kept


async def test_only_wanted_streams_are_selected(put, tmp_path):
    tap = (
        TAP
        + """
for stream in catalog["streams"]:
    if stream["schema"]["selected"] and [m for m in stream["metadata"] if m["metadata"]["selected"]]:
        say(type="RECORD", stream=stream["stream"], record={"id": 1})
"""
    )
    client = open_program(tmp_path, "singer", program=put(tap), config={}, streams=["plans"])
    assert {record.stream for batch in await read(client) for record in batch.records} == {"plans"}
    with pytest.raises(SettingsRefusedError, match="no stream nothing"):
        await read(open_program(tmp_path, "singer", program="tap-test", config={}, streams=["nothing"]))


async def test_refused_credentials_are_told_without_secrets_and_personal_values(put, tmp_path):
    tap = (
        TAP
        + """
sys.stderr.write("CRITICAL 401 Unauthorized for %s of ann@example.com tel 4915112345678" % config["key"])
sys.exit(1)
"""
    )
    client = open_program(tmp_path, "singer", program=put(tap), config={"key": "s3cret-token"})
    with pytest.raises(SourceRefusesError) as caught:
        await read(client)
    assert "401" in str(caught.value)
    for hidden in ("s3cret", "ann@", "49151"):
        assert hidden not in str(caught.value)


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
        await _collect(client, batches)
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


async def test_a_program_that_is_no_tap_is_said_to_be_none(put, tmp_path):
    with pytest.raises(SourceMisbehavesError, match="is it a Singer tap"):
        await open_program(tmp_path, "singer", program=put("print('hello')")).check()


SOURCE = """
import json, sys
command, arguments = sys.argv[1], dict(zip(sys.argv[2::2], sys.argv[3::2]))
def say(kind, **message):
    print(json.dumps({"type": kind, **message}), flush=True)
say("LOG", log={"level": "INFO", "message": "hello"})
config = json.load(open(arguments["--config"]))
if command == "check":
    good = config.get("key") == "right"
    status = "SUCCEEDED" if good else "FAILED"
    say("CONNECTION_STATUS", connectionStatus={"status": status, "message": "wrong key"})
if command == "discover":
    say("CATALOG", catalog={"streams": [
        {"name": "people", "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"],
         "default_cursor_field": ["changed"], "source_defined_primary_key": [["id"]], "namespace": "crm"},
        {"name": "plans", "json_schema": {}, "supported_sync_modes": ["full_refresh"],
         "source_defined_primary_key": [["k", "a"], ["k", "b"]]}]})
if command == "read":
    catalog = json.load(open(arguments["--catalog"]))
    modes = {one["stream"]["name"]: one["sync_mode"] for one in catalog["streams"]}
    states = json.load(open(arguments["--state"])) if "--state" in arguments else []
    last = states[0]["stream"]["stream_state"]["last"] if states else 0
    people = {"name": "people", "namespace": "crm"}
    say("RECORD", record={"stream": "people", "namespace": "crm", "emitted_at": 1,
                          "data": {"id": last + 1, "changed": 1795322327, "modes": modes}})
    state = {"stream_descriptor": people, "stream_state": {"last": last + 1}}
    say("STATE", state={"type": "STREAM", "stream": state})
    status = {"stream_descriptor": {"name": "plans"}, "status": "STARTED"}
    say("TRACE", trace={"type": "STREAM_STATUS", "stream_status": status})
"""
AIRBYTE_END = """
    say("RECORD", record={"stream": "plans", "data": {"k": {"a": 1, "b": 2}}})
"""


async def test_an_airbyte_program_is_checked_read_and_read_on_from_its_state(put, tmp_path):
    client = open_program(tmp_path, "airbyte", program=put(SOURCE + AIRBYTE_END), config={"key": "right"})
    await client.check()
    first = await read(client)
    assert [(one.stream, one.external_id) for batch in first for one in batch.records] == [
        ("crm.people", "1"), ("plans", "1|2"),
    ]  # fmt: skip
    record = first[0].records[0]
    assert record.updated_at == datetime(2026, 11, 22, 4, 38, 47, tzinfo=UTC)
    assert record.body is not None
    assert record.body["modes"] == {"people": "incremental", "plans": "full_refresh"}
    assert (list(first[-1].begins), list(first[-1].ends)) == (["plans"], ["plans"])
    cursor = json.loads(json.dumps(first[0].cursor))
    assert ids(await read(client, cursor)) == ["2", "1|2"]


async def test_a_failed_check_says_why(put, tmp_path):
    client = open_program(tmp_path, "airbyte", program=put(SOURCE), config={"key": "wrong"})
    with pytest.raises(SourceRefusesError, match="wrong key"):
        await client.check()


@pytest.mark.parametrize(
    ("failure", "error"), [("config_error", SourceRefusesError), ("transient_error", SourceUnavailableError)]
)
async def test_a_program_tells_what_a_person_must_do_from_what_passes(put, tmp_path, failure, error):
    told = (
        SOURCE
        + f"""
    say("TRACE", trace={{"type": "ERROR", "error": {{"message": "No luck.", "failure_type": "{failure}"}}}})
    sys.exit(1)
"""
    )
    client = open_program(tmp_path, "airbyte", program=put(told), config={"key": "right"})
    batches: list[Batch] = []
    with pytest.raises(error, match=r"No luck\."):
        await _collect(client, batches)
    assert ids(batches) == ["1"]
    assert all(not batch.ends for batch in batches)


@pytest.mark.parametrize(
    ("state", "given"),
    [
        ({"type": "GLOBAL", "global": {"shared_state": {"lsn": 7}, "stream_states": []}}, "GLOBAL"),
        ({"type": "LEGACY", "data": {"people": {"last": 7}}}, "people"),
        ({"data": {"people": {"last": 7}}}, "people"),
    ],
)
async def test_every_kind_of_state_comes_back_as_it_was_given(put, tmp_path, state, given):
    program = (
        SOURCE.split("    states = ", maxsplit=1)[0]
        + f"""
    kept = open(arguments["--state"]).read() if "--state" in arguments else ""
    say("RECORD", record={{"stream": "plans", "data": {{"k": {{"a": 1, "b": kept}}}}}})
    say("STATE", state=json.loads({json.dumps(json.dumps(state))}))
"""
    )
    client = open_program(tmp_path, "airbyte", program=put(program), config={"key": "right"})
    first = await read(client)
    again = await read(client, next(batch.cursor for batch in first if batch.cursor))
    assert given in ids(again)[0]


async def test_renewed_credentials_are_kept_before_anything_else_is_taken(put, tmp_path):
    kept: list[Any] = []

    async def keep(settings: Any) -> None:
        kept.append(dict(settings))

    program = SOURCE.replace("    states = ", """
    renewed = {"config": {"key": "right", "token": "new"}}
    say("CONTROL", control={"type": "CONNECTOR_CONFIG", "emitted_at": 1, "connectorConfig": renewed})
    states = """)  # fmt: skip
    client = open_program(
        tmp_path, "airbyte", program=put(program), config={"key": "right"}, keep_settings=keep
    )
    reading = client.read("all", None)
    await anext(reading)
    assert kept == [{"config": {"token": "new"}}]
    async for _ in reading:
        await asyncio.sleep(0)
