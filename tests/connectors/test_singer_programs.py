"""Singer taps as sources: discovered, read, and read on from the state that they gave."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regard.connectors.connector_contract import (
    Batch,
    SettingsRefusedError,
    SourceMisbehavesError,
    SourceRefusesError,
    SourceUnavailableError,
)
from tests.connectors.put_programs import TAP, collect, ids, open_program, read

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
        await collect(client, batches)
    assert all(not batch.ends for batch in batches)
    assert [batch.cursor for batch in batches if batch.cursor][-1] == {"state": {"last": 3}}


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


async def test_a_program_that_is_no_tap_is_said_to_be_none(put, tmp_path):
    with pytest.raises(SourceMisbehavesError, match="is it a Singer tap"):
        await open_program(tmp_path, "singer", program=put("print('hello')")).check()
