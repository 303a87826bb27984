"""What a manifest says is what is asked for and handed over."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import yaml

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    SourceMisbehavesError,
    SourceRefusesError,
    SourceUnavailableError,
)
from regard.connectors.manifests import progress
from regard.connectors.manifests.manifest_client import ManifestClient
from tests.connectors.conformance import NOW, open_manifest

BASE = "https://api.example.com/v1"
Answer = Callable[[httpx.Request], httpx.Response]


def stream(name: str = "things", **members: Any) -> dict[str, Any]:
    """A stream of things; `requester`, `selector`, `paginator`, `router` go to their places."""
    requester = {"url_base": BASE, "path": name, **members.pop("requester", {})}
    retriever = {
        "requester": requester,
        "record_selector": {"extractor": {"field_path": ["data"]}, **members.pop("selector", {})},
        "paginator": members.pop("paginator", None),
        "partition_router": members.pop("router", None),
        **members.pop("retriever", {}),
    }
    kept = {key: value for key, value in retriever.items() if value is not None}
    return {"type": "DeclarativeStream", "name": name, "primary_key": "id", "retriever": kept, **members}


class Source:
    """A made-up source that keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[httpx.Request] = []
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)

    def open(
        self, *streams: dict[str, Any], config: dict[str, Any] | None = None, **more: Any
    ) -> ManifestClient:
        now = more.pop("now", NOW)
        keep = more.pop("keep_settings", None)
        text = yaml.safe_dump({"type": "DeclarativeSource", "streams": list(streams), **more})
        return open_manifest(text, config or {}, httpx.MockTransport(self), now, keep_settings=keep)


async def read(client: ManifestClient, name: str = "things", cursor: Cursor | None = None) -> list[Batch]:
    return [batch async for batch in client.read(name, cursor)]


def bodies(batches: list[Batch]) -> list[Any]:
    return [record.body for batch in batches for record in batch.records]


def giving(*pages: Any, headers: dict[str, str] | None = None) -> Source:
    left = list(pages)
    return Source(
        lambda request: httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0], headers=headers)
    )


ONE = {"data": [{"id": 1}]}
AUTH = "authorization"


@pytest.mark.parametrize(
    ("authenticator", "config", "header", "value"),
    [
        ({"type": "BearerAuthenticator", "api_token": "{{ config.k }}"}, {"k": "t"}, AUTH, "Bearer t"),
        ({"type": "BasicHttpAuthenticator", "username": "{{ config.u }}"}, {"u": "u"}, AUTH, "Basic dTo="),
        ({"type": "ApiKeyAuthenticator", "header": "X", "api_token": "{{ config.k }}"}, {"k": 1}, "x", "1"),
        (
            {
                "type": "SelectiveAuthenticator",
                "authenticator_selection_path": ["how", "by"],
                "authenticators": {
                    "key": {"type": "ApiKeyAuthenticator", "api_token": "k", "header": "X-Key"},
                    "token": {"type": "BearerAuthenticator", "api_token": "t"},
                },
            },
            {"how": {"by": "token"}},
            "authorization",
            "Bearer t",
        ),
    ],
)  # fmt: skip
async def test_every_request_proves_who_asks(authenticator, config, header, value):
    source = giving(ONE)
    await read(source.open(stream(requester={"authenticator": authenticator}), config=config))
    assert source.asked[0].headers[header] == value


async def test_a_key_may_go_into_the_query():
    source = giving(ONE)
    option = {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "api_key"}
    way = {"type": "ApiKeyAuthenticator", "api_token": "k", "inject_into": option}
    await read(source.open(stream(requester={"authenticator": way})))
    assert source.asked[0].url.params["api_key"] == "k"


async def test_a_json_web_token_is_signed():
    source = giving(ONE)
    way = {
        "type": "JwtAuthenticator", "algorithm": "HS256", "secret_key": "s", "header_prefix": "Bearer",
        "jwt_headers": {"kid": "7"}, "additional_jwt_payload": {"iss": "{{ config.me }}"},
    }  # fmt: skip
    await read(source.open(stream(requester={"authenticator": way}), config={"me": "us"}))
    head, payload, _ = source.asked[0].headers["authorization"].removeprefix("Bearer ").split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": "HS256", "typ": "JWT", "kid": "7"}
    told = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert (told["iss"], told["exp"] - told["iat"]) == ("us", 1200)


def oauth_source(expires_in: int = 3600) -> tuple[Source, list[dict[str, list[str]]]]:
    refreshes: list[dict[str, list[str]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            refreshes.append(parse_qs(request.content.decode()))
            body = {
                "access_token": f"a{len(refreshes)}",
                "refresh_token": f"r{len(refreshes)}",
                "expires_in": expires_in,
            }
            return httpx.Response(200, json=body)
        good = request.headers["authorization"] == f"Bearer a{len(refreshes)}"
        return httpx.Response(200, json=ONE) if good else httpx.Response(401)

    return Source(answer), refreshes


OAUTH = {
    "type": "OAuthAuthenticator",
    "token_refresh_endpoint": "https://login.example.com/token",
    "client_id": "{{ config.id }}",
    "client_secret": "{{ config.secret }}",
    "refresh_token": "{{ config.credentials.refresh_token }}",
}
OAUTH_CONFIG = {"id": "i", "secret": "s", "credentials": {"refresh_token": "r0"}}


async def test_an_access_token_is_fetched_once_and_used_until_it_ends():
    source, refreshes = oauth_source()
    client = source.open(stream(requester={"authenticator": OAUTH}), config=OAUTH_CONFIG)
    await read(client)
    await read(client)
    sent = {
        "grant_type": ["refresh_token"],
        "client_id": ["i"],
        "client_secret": ["s"],
        "refresh_token": ["r0"],
    }
    assert refreshes == [sent]


async def test_a_refresh_token_that_works_once_is_kept_before_it_is_used():
    source, refreshes = oauth_source(expires_in=1)
    kept: list[dict[str, Any]] = []

    async def keep(settings: Any) -> None:
        # Nothing but the token endpoint was asked since the last renewal.
        assert source.asked[-1].url.path == "/token"
        kept.append(json.loads(json.dumps(settings)))

    way = {**OAUTH, "refresh_token_updater": {}}
    config = json.loads(json.dumps(OAUTH_CONFIG))
    client = source.open(stream(requester={"authenticator": way}), config=config, keep_settings=keep)
    await read(client)
    await read(client)
    assert [one["refresh_token"] for one in refreshes] == [["r0"], ["r1"]]
    assert [one["credentials"]["refresh_token"] for one in kept] == ["r1", "r2"]
    # Only what was renewed: everything else may have been changed by a person meanwhile.
    assert [sorted(one) for one in kept] == [["credentials"], ["credentials"]]
    assert config == OAUTH_CONFIG


async def test_a_revoked_refresh_token_says_connect_anew():
    source = Source(lambda request: httpx.Response(400, json={"error": "invalid_grant"}))
    with pytest.raises(SourceRefusesError, match="connect it anew"):
        await read(source.open(stream(requester={"authenticator": OAUTH}), config=OAUTH_CONFIG))


async def test_a_session_token_is_fetched_by_a_login_and_renewed_when_refused():
    logins = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/login":
            logins.append(json.loads(request.content))
            return httpx.Response(200, json={"token": f"t{len(logins)}"})
        return httpx.Response(200 if request.headers["x-session"] == "t2" else 401, json=ONE)

    way = {
        "type": "SessionTokenAuthenticator",
        "login_requester": {
            "url_base": BASE, "path": "login", "http_method": "POST",
            "request_body_json": {"user": "{{ config.u }}"},
        },
        "session_token_path": ["token"],
        "expiration_duration": "PT1H",
        "request_authentication": {
            "type": "SessionTokenRequestApiKeyAuthenticator",
            "inject_into": {"inject_into": "header", "field_name": "X-Session"},
        },
    }  # fmt: skip
    source = Source(answer)
    client = source.open(stream(requester={"authenticator": way}), config={"u": "me"})
    assert bodies(await read(client)) == [{"id": 1}]
    assert logins == [{"user": "me"}, {"user": "me"}]


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


def failing(status: int, then: Any = ONE, times: int = 1, **extra: Any) -> Source:
    left = [times]

    def answer(request: httpx.Request) -> httpx.Response:
        left[0] -= 1
        return httpx.Response(status, **extra) if left[0] >= 0 else httpx.Response(200, json=then)

    return Source(answer)


def handler(*filters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"error_handler": {"type": "DefaultErrorHandler", "response_filters": list(filters), **more}}


async def test_a_short_fault_is_waited_out_in_place():
    source = failing(503)
    assert bodies(await read(source.open(stream()))) == [{"id": 1}]
    assert len(source.asked) == 2


async def test_a_long_pause_is_left_to_the_runtime():
    source = failing(429, times=9, headers={"X-Reset": "1795349100"})
    asks = handler(backoff_strategies=[{"type": "WaitUntilTimeFromHeader", "header": "X-Reset"}])
    with pytest.raises(SourceUnavailableError) as caught:
        await read(source.open(stream(requester=asks)))
    assert caught.value.retry_after == (datetime.fromtimestamp(1795349100, UTC) - NOW).total_seconds()
    assert len(source.asked) == 1


async def test_a_status_may_mean_try_again():
    source = failing(404)
    asks = handler({"http_codes": [404], "action": "RETRY"})
    assert bodies(await read(source.open(stream(requester=asks)))) == [{"id": 1}]


async def test_an_error_inside_a_good_answer_is_noticed_and_told_without_secrets():
    source = giving({"error": "token s3cret-key is no good"})
    asks = handler(
        {"predicate": "{{ 'error' in response }}", "action": "FAIL", "error_message": "{{ response.error }}"}
    )
    with pytest.raises(SourceRefusesError, match="token … is no good"):
        await read(source.open(stream(requester=asks), config={"key": "s3cret-key"}))


async def test_the_first_handler_that_does_not_give_up_decides():
    router = {"type": "ListPartitionRouter", "cursor_field": "id", "values": [1]}
    source = failing(404, times=9, json={"message": "gone"})
    asks = {
        "error_handler": {
            "type": "CompositeErrorHandler",
            "error_handlers": [
                {"response_filters": [{"http_codes": [404], "action": "FAIL"}]},
                {"response_filters": [{"error_message_contains": "gone", "action": "IGNORE"}]},
            ],
        }
    }
    assert bodies(await read(source.open(stream(requester=asks, router=router)))) == []


async def test_a_stream_that_may_not_be_read_is_not_taken_for_an_empty_one():
    source = failing(403, times=9)
    asks = handler({"http_codes": [403], "action": "IGNORE"})
    with pytest.raises(SourceRefusesError, match="give the credentials the right"):
        await read(source.open(stream(requester=asks)))


def by_time(**more: Any) -> dict[str, Any]:
    return {
        "type": "DatetimeBasedCursor",
        "cursor_field": "at",
        "datetime_format": "%Y-%m-%d",
        "start_datetime": "2026-11-01",
        "start_time_option": {"inject_into": "request_parameter", "field_name": "from"},
        "end_time_option": {"inject_into": "request_parameter", "field_name": "to"},
        **more,
    }


def windows(source: Source) -> list[tuple[str, str]]:
    return [(request.url.params["from"], request.url.params["to"]) for request in source.asked]


async def test_time_is_asked_for_in_windows_that_do_not_overlap():
    source = giving({"data": []})
    sync = by_time(step="P7D", cursor_granularity="P1D")
    await read(source.open(stream(incremental_sync=sync)))
    assert windows(source) == [
        ("2026-11-01", "2026-11-07"), ("2026-11-08", "2026-11-14"),
        ("2026-11-15", "2026-11-21"), ("2026-11-22", "2026-11-22"),
    ]  # fmt: skip


async def test_the_next_reading_begins_where_the_newest_record_stood_less_the_look_back():
    source = giving({"data": [{"id": 1, "at": "2026-11-20"}, {"id": 2, "at": "2026-11-10"}]})
    client = source.open(stream(incremental_sync=by_time(lookback_window="P2D")))
    first = await read(client)
    await read(client, cursor=first[-1].cursor)
    assert windows(source) == [("2026-11-01", "2026-11-22"), ("2026-11-18", "2026-11-22")]
    assert first[0].records[0].updated_at == datetime(2026, 11, 20, tzinfo=UTC)


async def test_a_record_from_the_future_does_not_hide_what_comes_before_it():
    source = giving({"data": [{"id": 1, "at": "2099-01-01"}]})
    client = source.open(stream(incremental_sync=by_time()))
    first = await read(client)
    await read(client, cursor=first[-1].cursor)
    assert windows(source)[1] == ("2026-11-22", "2026-11-22")


async def test_a_clock_that_was_set_back_ten_years_does_not_end_the_reading():
    source = giving({"data": [{"id": 1, "at": "2026-11-20"}]})
    streams = stream(incremental_sync=by_time(start_datetime="2001-01-01"))
    first = await read(source.open(streams))
    early = source.open(streams, now=NOW.replace(year=2016))
    assert bodies(await read(early, cursor=first[-1].cursor))


async def test_a_reading_interrupted_between_windows_goes_on_there():
    source = giving({"data": [{"id": 1, "at": "2026-11-03"}]})
    sync = by_time(step="P7D", cursor_granularity="P1D")
    client = source.open(stream(incremental_sync=sync))
    cursors = [batch.cursor for batch in await read(client) if batch.cursor]
    source.asked.clear()
    await read(client, cursor=json.loads(json.dumps(cursors[0])))
    assert windows(source)[0] == ("2026-11-08", "2026-11-14")


async def test_old_records_of_a_feed_end_the_paging():
    pages = [
        {"data": [{"id": n, "at": f"2026-11-{30 - n:02}"}, {"id": n + 1, "at": f"2026-11-{29 - n:02}"}]}
        for n in (9, 11, 13, 15, 17)
    ]
    source = giving(*pages)
    paginator = {
        "type": "DefaultPaginator",
        "page_token_option": {"inject_into": "request_parameter", "field_name": "page"},
        "pagination_strategy": {"type": "PageIncrement", "page_size": 2},
    }
    sync = by_time(is_data_feed=True, start_datetime="2026-11-18")
    found = bodies(await read(source.open(stream(incremental_sync=sync, paginator=paginator))))
    assert [one["id"] for one in found] == [9, 10, 11, 12]
    assert len(source.asked) == 3


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


async def test_a_growing_number_tells_what_is_new():
    source = giving({"data": [{"id": 1, "n": 9}, {"id": 2, "n": 10}]})
    sync = {
        "type": "IncrementingCountCursor", "cursor_field": "n", "start_value": 0,
        "start_value_option": {"inject_into": "request_parameter", "field_name": "after"},
    }  # fmt: skip
    client = source.open(stream(incremental_sync=sync))
    first = await read(client)
    await read(client, cursor=first[-1].cursor)
    assert [request.url.params["after"] for request in source.asked] == ["0", "10"]


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


async def test_a_stream_is_whole_at_first_and_by_changes_afterwards():
    source = giving({"data": [{"id": 1, "at": "2026-11-20"}]})
    both = {
        "type": "StateDelegatingStream",
        "name": "things",
        "full_refresh_stream": stream(requester={"path": "all"}, incremental_sync=by_time()),
        "incremental_stream": stream(requester={"path": "changes"}, incremental_sync=by_time()),
        "api_retention_period": "P30D",
    }
    client = source.open(both)
    first = await read(client)
    await read(client, cursor=first[-1].cursor)
    late = source.open(both, now=NOW.replace(year=2027))
    await read(late, cursor=first[-1].cursor)
    assert [request.url.path for request in source.asked] == ["/v1/all", "/v1/changes", "/v1/all"]
    assert windows(source)[1][0] == "2026-11-20"


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


async def test_an_allowance_of_requests_is_kept():
    budget = {
        "policies": [{"type": "MovingWindowCallRatePolicy", "rates": [{"limit": 120, "interval": "PT1M"}]}]
    }
    source = giving(ONE)
    text = yaml.safe_dump({"streams": [stream()], "api_budget": budget})
    client = open_manifest(text, {}, httpx.MockTransport(source))
    assert client._plan.per_second == 2
