"""Programs of the Airbyte protocol as sources: checked, read, read on, and their renewed settings kept."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from regard.connectors.connector_contract import (
    Batch,
    SourceRefusesError,
    SourceUnavailableError,
)
from tests.connectors.put_programs import collect, ids, open_program, read

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
        await collect(client, batches)
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
