"""From page to page of a manifest's stream, and where a reading that was stopped goes on."""

from __future__ import annotations

import json

import httpx
import pytest

from regard.connectors.connector_contract import (
    SourceMisbehavesError,
)
from regard.connectors.manifests.keep_pages import PageMemory
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


async def test_requests_carry_what_the_manifest_says():
    source = giving(ONE)
    asks = {
        "http_method": "POST",
        "request_parameters": {"fields": "a,b", "none": "{{ config.absent }}", "from": "0012"},
        "request_headers": {"X-Version": "{{ config.version }}"},
        "request_body_json": {"query": {"ids": "{{ config.ids }}"}},
    }
    await read(source.open(stream(requester=asks), config={"version": "3", "ids": [1, 2]}))
    request = source.asked[0]
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/things?fields=a%2Cb&from=0012")
    assert request.headers["x-version"] == "3"
    assert json.loads(request.content) == {"query": {"ids": [1, 2]}}


@pytest.mark.parametrize(
    ("strategy", "pages", "asked"),
    [
        (
            {"type": "PageIncrement", "page_size": 2},
            [{"data": [{"id": 1}, {"id": 2}]}, {"data": [{"id": 3}]}],
            ["size=2", "at=1&size=2"],
        ),
        (
            {"type": "PageIncrement", "page_size": 2, "start_from_page": 1, "inject_on_first_request": True},
            [{"data": [{"id": 1}, {"id": 2}]}, {"data": []}],
            ["at=1&size=2", "at=2&size=2"],
        ),
        (
            {"type": "OffsetIncrement", "page_size": 2},
            [{"data": [{"id": 1}, {"id": 2}]}, {"data": [{"id": 3}, {"id": 4}]}, {"data": []}],
            ["size=2", "at=2&size=2", "at=4&size=2"],
        ),
        (
            {
                "type": "CursorPagination", "page_size": 2, "cursor_value": "{{ last_record['id'] }}",
                "stop_condition": "{{ last_page_size < 2 }}",
            },
            [{"data": [{"id": "x1"}, {"id": "x2"}]}, {"data": [{"id": "x3"}]}],
            ["size=2", "at=x2&size=2"],
        ),
    ],
)  # fmt: skip
async def test_pages_are_turned(strategy, pages, asked):
    source = giving(*pages)
    paginator = {
        "type": "DefaultPaginator",
        "page_size_option": {"inject_into": "request_parameter", "field_name": "size"},
        "page_token_option": {
            "type": "RequestOption",
            "inject_into": "request_parameter",
            "field_name": "at",
        },
        "pagination_strategy": strategy,
    }
    found = bodies(await read(source.open(stream(paginator=paginator))))
    assert found == [one for page in pages for one in page["data"]]
    assert ["&".join(sorted(request.url.query.decode().split("&"))) for request in source.asked] == asked


async def test_the_next_address_may_stand_in_the_link_header():
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("page") == "2":
            return httpx.Response(200, json={"data": [{"id": 2}]})
        return httpx.Response(
            200, json=ONE, headers={"Link": f'<{BASE}/things?page=2&q=1>; rel="next", <x>; rel="last"'}
        )

    paginator = {
        "type": "DefaultPaginator",
        "page_token_option": {"type": "RequestPath"},
        "pagination_strategy": {"type": "CursorPagination", "cursor_value": "{{ headers.link.next.url }}"},
    }
    source = Source(answer)
    client = source.open(stream(paginator=paginator, requester={"request_parameters": {"q": "1"}}))
    assert bodies(await read(client)) == [{"id": 1}, {"id": 2}]
    assert str(source.asked[1].url) == f"{BASE}/things?page=2&q=1"


async def test_a_next_address_on_another_host_is_not_asked():
    paginator = {
        "type": "DefaultPaginator",
        "page_token_option": {"type": "RequestPath"},
        "pagination_strategy": {"type": "CursorPagination", "cursor_value": "{{ response.next }}"},
    }
    source = giving({"data": [{"id": 1}], "next": "https://evil.example/v1?page=2"})
    with pytest.raises(SourceMisbehavesError, match="another host"):
        await read(source.open(stream(paginator=paginator)))
    assert {request.url.host for request in source.asked} == {"api.example.com"}


async def test_a_host_that_comes_from_data_is_not_asked():
    router = {"type": "ListPartitionRouter", "cursor_field": "host", "values": ["evil.example"]}
    source = giving(ONE)
    client = source.open(
        stream(router=router, requester={"url_base": "https://{{ stream_partition.host }}/"})
    )
    with pytest.raises(SourceMisbehavesError, match="not one of its own"):
        await read(client)
    assert source.asked == []


async def test_the_same_next_token_again_and_again_is_noticed():
    paginator = {
        "type": "DefaultPaginator",
        "page_token_option": {"inject_into": "request_parameter", "field_name": "at"},
        "pagination_strategy": {"type": "CursorPagination", "cursor_value": "{{ response.next }}"},
    }
    count = iter(range(100))
    source = Source(lambda request: httpx.Response(200, json={"data": [{"id": next(count)}], "next": "same"}))
    with pytest.raises(SourceMisbehavesError, match="same page"):
        await read(source.open(stream(paginator=paginator)))
    assert len(source.asked) < 5


async def test_a_page_token_that_ended_meanwhile_is_asked_for_anew():
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("at") == "gone":
            return httpx.Response(400)
        return httpx.Response(200, json=ONE)

    paginator = {
        "type": "DefaultPaginator",
        "page_token_option": {"inject_into": "request_parameter", "field_name": "at"},
        "pagination_strategy": {"type": "CursorPagination", "cursor_value": "{{ response.next }}"},
    }
    cursor = {
        "known": {},
        "round": {"end": "", "done": [], "at": {"mark": "", "start": "", "token": "gone", "high": ""}},
    }
    client = Source(answer).open(stream(paginator=paginator))
    assert bodies(await read(client, cursor=cursor)) == [{"id": 1}]


class Shelf:
    """Ten records on pages of three; one of them may be taken off between two readings."""

    def __init__(self) -> None:
        self.ids = list(range(1, 11))

    def answer(self, request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", 1))
        ids = self.ids[(page - 1) * 3 : page * 3]
        return httpx.Response(200, json={"data": [{"id": n, "at": "2026-11-20"} for n in ids]})


@pytest.mark.parametrize(("order", "begins"), [({}, None), ({"sort": "-id"}, None), ({"sort": "id"}, "2")])
async def test_a_stopped_reading_of_counted_pages_begins_anew_unless_their_order_lasts(
    order: dict[str, str], begins: str | None
):
    shelf = Shelf()
    source = Source(shelf.answer)
    paginator = {
        "type": "DefaultPaginator",
        "page_token_option": {"inject_into": "request_parameter", "field_name": "page"},
        "pagination_strategy": {"type": "PageIncrement", "page_size": 3, "start_from_page": 1},
    }
    things = stream(paginator=paginator, incremental_sync=by_time(), requester={"request_parameters": order})
    client = source.open(things)
    reading = client.read("things", None)
    first = await anext(reading)
    await reading.aclose()
    cursor = json.loads(json.dumps(first.cursor))
    if begins is None:
        shelf.ids.remove(2)
    source.asked.clear()
    taken = {record.external_id for record in first.records}
    taken |= {record.external_id for batch in await read(client, cursor=cursor) for record in batch.records}
    assert taken >= set(map(str, shelf.ids))
    assert source.asked[0].url.params.get("page") == begins


@pytest.mark.parametrize(
    ("option", "strategy", "token", "kept"),
    [
        ("starting_after", "CursorPagination", 42, True),
        ("offset", "CursorPagination", '["9",null]', True),
        ("offset", "CursorPagination", 200, False),
        ("page", "CursorPagination", "7", False),
        ("page[number]", "CursorPagination", "7", False),
        (None, "CursorPagination", "https://a.example/x?cursor=9f3&limit=50", True),
        (None, "CursorPagination", "https://a.example/x?limit=50&page=2", False),
        (None, "CursorPagination", "https://a.example/x?page=eyJpZCI6Nz", True),
        ("anything", "OffsetIncrement", 600, False),
    ],
)
def test_a_token_that_counts_does_not_last(option: str | None, strategy: str, token: object, *, kept: bool):
    named = {"field_name": option} if option else {"type": "RequestPath"}
    paginator = {"page_token_option": named, "pagination_strategy": {"type": strategy}}
    assert PageMemory({"paginator": paginator, "requester": {}}).keeps(token) is kept


@pytest.mark.parametrize(
    ("asked", "lasts"),
    [
        ({"sort": "created_at"}, True),
        ({"order_by": "id", "direction": "asc"}, True),
        ({"sort": "updated_at"}, False),
        ({"sort": "created", "order": "desc"}, False),
        ({"ordering": "-id"}, False),
        ({"filter": "id"}, False),
    ],
)
def test_an_order_by_what_never_changes_lasts(asked: dict[str, str], *, lasts: bool):
    paginator = {"pagination_strategy": {"type": "PageIncrement"}}
    assert PageMemory({"paginator": paginator, "requester": {"request_parameters": asked}}).keeps(7) is lasts
