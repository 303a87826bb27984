"""Streams in parts, streams that others name, exports, and the records that come of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from regard.connectors.manifests import progress
from regard.kit.clock import SetClock
from tests.connectors.conformance import NOW
from tests.connectors.manifest_sources import (
    BASE,
    ONE,
    Source,
    bodies,
    by_time,
    giving,
    read,
    stream,
)


async def test_partitions_multiply_and_carry_their_values():
    source = giving(ONE)
    routers = [
        {"type": "ListPartitionRouter", "cursor_field": "kind", "values": ["a", "b"],
         "request_option": {"inject_into": "request_parameter", "field_name": "kind"}},
        {"type": "ListPartitionRouter", "cursor_field": "year", "values": "{{ config.years }}"},
    ]  # fmt: skip
    client = source.open(
        stream(router=routers, requester={"path": "{{ stream_partition.year }}/things"}),
        config={"years": [25, 26]},
    )
    await read(client)
    asked = [str(request.url).removeprefix(BASE) for request in source.asked]
    assert asked == ["/25/things?kind=a", "/26/things?kind=a", "/25/things?kind=b", "/26/things?kind=b"]


def family(request: httpx.Request) -> httpx.Response:
    parts = request.url.path.split("/")[2:]
    if parts[-1] == "people":
        return httpx.Response(
            200, json={"data": [{"id": 1, "at": "2026-11-20", "name": "A"}, {"id": 2, "at": "2026-11-02"}]}
        )
    return httpx.Response(200, json={"data": [{"id": f"{parts[1]}-{request.url.params.get('since', '')}"}]})


def children(**parent: Any) -> dict[str, Any]:
    return stream(
        "notes",
        requester={"path": "people/{{ stream_partition['person'] }}/notes"},
        router={
            "type": "SubstreamPartitionRouter",
            "parent_stream_configs": [
                {
                    "parent_key": "id",
                    "partition_field": "person",
                    "stream": stream("people", **parent.pop("people", {})),
                    **parent,
                }
            ],
        },
        transformations=[
            {
                "type": "AddFields",
                "fields": [{"path": ["who"], "value": "{{ stream_slice.extra_fields['name'] }}"}],
            }
        ],
    )


async def test_children_are_read_for_each_parent_with_its_fields():
    source = Source(family)
    found = bodies(await read(source.open(children(extra_fields=[["name"]])), "notes"))
    assert found == [{"id": "1-", "who": "A"}, {"id": "2-", "who": None}]


async def test_only_children_of_changed_parents_are_read_when_the_manifest_says_so():
    source = Source(family)
    client = source.open(
        children(
            incremental_dependency=True, people={"incremental_sync": by_time(is_client_side_incremental=True)}
        )
    )
    first = await read(client, "notes")
    again = await read(client, "notes", first[-1].cursor)
    assert len(bodies(first)) == 2
    assert [one["id"] for one in bodies(again)] == ["1-"]
    assert not (await client.streams())[0].full_compare


async def test_very_many_partitions_keep_one_position(monkeypatch):
    monkeypatch.setattr(progress, "MOST_PARTITIONS", 3)
    router = {"type": "ListPartitionRouter", "cursor_field": "n", "values": [1, 2, 3, 4]}
    source = giving({"data": [{"id": 1, "at": "2026-11-20"}]})
    client = source.open(stream(router=router, incremental_sync=by_time()))
    batches = await read(client)
    assert batches[-1].cursor == {"known": {}, "floor": "2026-11-20T00:00:00.000000+00:00"}
    await client.close()


@pytest.mark.parametrize(("took", "floor"), [(0, "2026-11-20T00:00:00"), (7_200, "2026-11-19T22:00:00")])
async def test_a_part_in_which_nothing_happens_does_not_hold_up_the_one_position(took: int, floor: str):
    router = {"type": "ListPartitionRouter", "cursor_field": "n", "values": [1, 2], "request_option": {
        "inject_into": "request_parameter", "field_name": "n"}}  # fmt: skip
    clock = SetClock(NOW)

    def answer(request: httpx.Request) -> httpx.Response:
        clock.advance(timedelta(seconds=took / 2))
        quiet = request.url.params["n"] == "2"
        return httpx.Response(200, json={"data": [] if quiet else [{"id": 1, "at": "2026-11-20"}]})

    asks = stream(router=router, incremental_sync=by_time(global_substream_cursor=True))
    client = Source(answer).open(asks, now=clock)
    batches = await read(client)
    assert batches[-1].cursor == {"known": {}, "floor": f"{floor}.000000+00:00"}


async def test_a_stream_exists_only_while_its_condition_holds():
    conditional = {
        "type": "ConditionalStreams",
        "condition": "{{ config.more }}",
        "streams": [stream("more")],
    }
    names = {
        more: [
            one.name for one in await giving(ONE).open(stream(), conditional, config={"more": more}).streams()
        ]
        for more in (True, False)
    }
    assert names == {True: ["things", "more"], False: ["things"]}


async def test_streams_may_be_made_from_what_the_source_lists():
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/tables"):
            return httpx.Response(
                200, json={"data": [{"key": "t1", "title": "One"}, {"key": "t2", "title": "Two"}]}
            )
        return httpx.Response(200, json={"data": [{"id": request.url.path}]})

    dynamic = {
        "type": "DynamicDeclarativeStream",
        "stream_template": stream("template"),
        "components_resolver": {
            "type": "HttpComponentsResolver",
            "retriever": stream("tables")["retriever"],
            "components_mapping": [
                {"field_path": ["name"], "value": "{{ components_values.title }}"},
                {
                    "field_path": ["retriever", "requester", "path"],
                    "value": "rows/{{ components_values.key }}",
                },
            ],
        },
    }
    check = {"type": "CheckDynamicStream", "stream_count": 1}
    client = Source(answer).open(dynamic_streams=[dynamic], check=check)
    await client.check()
    assert [one.name for one in await client.streams()] == ["One", "Two"]
    assert bodies(await read(client, "Two")) == [{"id": "/v1/rows/t2"}]


async def test_an_export_is_ordered_watched_and_fetched():
    states = ["queued", "running", "done"]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json={"job": "j7"})
        if request.url.path == "/v1/jobs/j7":
            return httpx.Response(
                200, json={"state": states.pop(0), "files": ["https://files.example.net/1.csv"]}
            )
        assert "authorization" not in request.headers
        return httpx.Response(200, content=b"id,name\n1,Ann\n2,Bob\n")

    token = {"type": "BearerAuthenticator", "api_token": "t"}
    retriever = {
        "type": "AsyncRetriever",
        "creation_requester": {
            "url_base": BASE,
            "path": "jobs",
            "http_method": "POST",
            "authenticator": token,
        },
        "polling_requester": {
            "url_base": BASE,
            "path": "jobs/{{ creation_response.job }}",
            "authenticator": token,
        },
        "download_requester": {"url_base": "{{ download_target }}"},
        "status_extractor": {"field_path": ["state"]},
        "status_mapping": {
            "running": ["queued", "running"],
            "completed": ["done"],
            "failed": ["bad"],
            "timeout": [],
        },
        "download_target_extractor": {"field_path": ["files"]},
        "download_decoder": {"type": "CsvDecoder"},
        "record_selector": {"extractor": {"field_path": []}},
    }
    exported = {"type": "DeclarativeStream", "name": "things", "primary_key": "id", "retriever": retriever}
    client = Source(answer).open(exported)
    assert bodies(await read(client)) == [{"id": "1", "name": "Ann"}, {"id": "2", "name": "Bob"}]
    assert states == []


async def test_records_are_named_by_their_keys_or_by_their_content():
    records = {"data": [{"a": 1, "b": {"c": True}}, {"a": 9007199254740993, "b": {}}]}
    found = (await read(giving(records).open(stream(primary_key=[["a"], ["b", "c"]]))))[0].records
    assert found[0].external_id == "1|true"
    assert len(found[1].external_id) == 64


async def names(answer: Any, **members: Any) -> list[str]:
    source = answer if isinstance(answer, Source) else giving({"data": answer})
    batches = await read(source.open(stream(primary_key=None, **members)))
    return [record.external_id for batch in batches for record in batch.records]


async def test_without_a_stated_key_the_ids_of_a_page_name_its_records_if_each_has_its_own():
    assert await names([{"id": 1, "name": "Ann"}, {"id": "b"}]) == ["1", "b"]
    assert await names([{"id": 1, "name": "Anna"}, {"id": "b"}]) == ["1", "b"]
    for other in ({"id": None}, {"id": "1"}, {"id": ""}, {"id": {"x": 1}}, {"name": "Bo"}):
        assert [len(one) for one in await names([{"id": 1}, other])] == [64, 64]


async def test_ids_that_begin_anew_in_each_part_name_different_records():
    router = {"type": "ListPartitionRouter", "cursor_field": "shop", "values": ["a", "b"]}
    assert await names([{"id": 1}], router=router) == ["a|1", "b|1"]


async def test_hints_for_regard_mark_deletions_and_fetch_single_records():
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/gone"):
            return httpx.Response(404)
        if request.url.path.endswith("/7%2F8") or request.url.path.endswith("/7/8"):
            return httpx.Response(200, json={"data": {"id": "7/8"}})
        return httpx.Response(200, json={"data": [{"id": 1, "removed": True, "changed": "2026-11-20"}]})

    hints = {
        "deleted_when": "{{ record.removed }}", "updated_at": "changed", "poll_seconds": 5,
        "title": "My things",
        "fetch": {"path": "things/{{ external_id }}", "field_path": ["data"]},
    }  # fmt: skip
    client = Source(answer).open(stream(), metadata={"regard": {"streams": {"things": hints}}})
    spec = (await client.streams())[0]
    assert (spec.title, spec.poll_seconds, spec.full_compare) == ("My things", 5, True)
    record = (await read(client))[0].records[0]
    assert (record.deleted, record.updated_at) == (True, datetime(2026, 11, 20, tzinfo=UTC))
    fetched = await client.fetch("things", ["7/8", "gone"])
    assert [(one.external_id, one.deleted) for one in fetched] == [("7/8", False), ("gone", True)]
