"""Manifests after vendors' public descriptions, in many parts of the language, against made-up answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.manifests.manifest_client import ManifestClient
from tests.connectors.conformance import open_manifest
from tests.connectors.manifest_sources import Answer, Source, bodies, read

FOLDER = Path(__file__).parent / "vendor_manifests"


def opened(name: str, config: Mapping[str, Any], source: Source) -> ManifestClient:
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")
    return open_manifest(text, config, httpx.MockTransport(source))


def give(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=named)


def query(request: httpx.Request) -> dict[str, str]:
    return dict(request.url.params)


SCOUT = {"client_id": "c", "client_secret": "s3cret", "start_date": "2026-10-01"}


def scout() -> Source:
    def talk(number: int, at: str, **more: Any) -> dict[str, Any]:
        return {"id": number, "userUpdatedAt": at, "subject": f"S{number}", "_links": {"self": 1}, **more}

    talks = {
        "active": [[talk(1, "2026-10-02T00:00:00Z")], [talk(2, "2026-10-03T00:00:00Z")]],
        "closed": [[talk(3, "2026-10-04T00:00:00.5Z")]],
    }
    failed: set[str] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        path, asked = request.url.path.removeprefix("/v2/"), query(request)
        if path == "oauth2/token":
            return give({"access_token": "t", "expires_in": 3600})
        assert request.headers["authorization"] == "Bearer t"
        if path == "conversations":
            pages = talks[asked["status"]]
            number = int(asked.get("page", 1))
            if number == 2 and "busy" not in failed:
                failed.add("busy")
                return give({"message": "slow"}, 429, X_RateLimit_Retry_After="2")
            return give({
                "_embedded": {"conversations": pages[number - 1]},
                "page": {"number": number, "totalPages": len(pages)},
            })  # fmt: skip
        talk_id = int(path.split("/")[1])
        if talk_id == 3:
            return give({"logRef": "x", "message": "It does not exist any more"}, 404)
        said = {"createdAt": "2026-10-02T01:00:00Z", "_links": {}, "state": "published"}
        threads = [
            {"id": 10 * talk_id, "type": "customer", **said},
            {"id": 10 * talk_id + 1, "type": "note", **said},
            {"id": 10 * talk_id + 2, "type": "message", **said, "state": "draft"},
        ]  # fmt: skip
        return give({"_embedded": {"threads": threads}, "page": {"number": 1, "totalPages": 1}})

    return Source(answer)


async def test_conversations_by_state_and_their_threads_by_changed_conversation() -> None:
    source = scout()
    client = opened("help_scout", SCOUT, source)
    first = await read(client, "conversations")
    assert bodies(first)[0] == {
        "id": 1, "userUpdatedAt": "2026-10-02T00:00:00Z", "subject": "S1", "state_asked": "active",
    }  # fmt: skip
    assert [one["state_asked"] for one in bodies(first)] == ["active", "active", "closed"]
    asked = [query(one) for one in source.asked if one.url.path == "/v2/conversations"]
    assert asked[0] == {
        "sortField": "modifiedAt", "sortOrder": "asc", "status": "active",
        "modifiedSince": "2026-10-01T00:00:00Z",
    }  # fmt: skip
    # The slow page was asked for twice; the next reading begins five minutes before the newest of a state.
    assert [one.get("page") for one in asked] == [None, "2", "2", None]
    again = await read(opened("help_scout", SCOUT, source), "conversations", first[-1].cursor)
    later = [query(one) for one in source.asked if one.url.path == "/v2/conversations"][len(asked) :]
    assert later[0]["modifiedSince"] == "2026-10-02T23:55:00Z"
    assert [one["id"] for one in bodies(again)] == [1, 2, 3]


async def test_threads_know_their_conversation_and_a_conversation_that_is_gone_ends_nothing() -> None:
    threads = await read(opened("help_scout", SCOUT, scout()), "threads")
    assert [one.external_id for batch in threads for one in batch.records] == ["1|10", "2|20"]
    assert bodies(threads)[0] == {
        "id": 10, "type": "customer", "createdAt": "2026-10-02T01:00:00Z", "state": "published",
        "conversation_id": 1, "conversation": {"subject": "S1"},
    }  # fmt: skip


def sell(pages: Mapping[str, list[Any]]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        name, number = request.url.path.split("/")[-1], int(query(request).get("page", 1))
        links: dict[str, str] = {"self": str(request.url)}
        if number < len(pages[name]):
            links["next_page"] = f"https://api.sell.example/v2/{name}?page={number + 1}&per_page=2"
        items = [{"data": one, "meta": {"type": name}} for one in pages[name][number - 1]]
        return give({"items": items, "meta": {"type": "collection", "links": links}})

    return answer


async def test_streams_of_one_form_with_envelopes_and_linked_pages() -> None:
    ann = {
        "id": 1, "first_name": "Ann", "last_name": None, "custom_fields": {"internal": 1, "vip": True},
        "address": {"city": "York", "deep": {"geo": 1, "zip": "Y"}},
    }  # fmt: skip
    pages = {
        "contacts": [[ann], [{"id": 2, "first_name": "Bo", "last_name": "Ray"}]],
        "leads": [[]],
        "deals": [[]],
    }
    source = Source(sell(pages))
    client = opened("zendesk_sell", {"api_token": "t"}, source)
    assert [spec.name for spec in await client.streams()] == ["contacts", "leads", "deals"]
    found = bodies(await read(client, "contacts"))
    assert found == [
        {"id": 1, "first_name": "Ann", "last_name": None, "custom_fields": {"vip": True},
         "address": {"city": "York", "deep": {"zip": "Y"}}, "kind": "contacts", "full": "Ann "},
        {"id": 2, "first_name": "Bo", "last_name": "Ray", "kind": "contacts", "full": "Bo Ray"},
    ]  # fmt: skip
    assert [query(one) for one in source.asked] == [
        {"sort_by": "updated_at", "includes": "", "per_page": "2"},
        {"page": "2", "per_page": "2", "sort_by": "updated_at", "includes": ""},
    ]  # fmt: skip
    assert bodies(await read(client, "leads")) == []
    assert query(source.asked[-1])["includes"] == "source"


async def test_a_refusal_is_told_in_the_words_of_the_manifest_and_maintenance_is_waited_out() -> None:
    refusing = Source(lambda _: give({"error": "no"}, 403))
    with pytest.raises(SourceRefusesError, match="The token may not read deals"):
        await read(opened("zendesk_sell", {"api_token": "t"}, refusing), "deals")
    answers = [
        give({"message": "down for maintenance"}, 422),
        sell({"deals": [[{"id": 1, "first_name": "x"}]]}),
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        one = answers.pop(0) if len(answers) > 1 else answers[0]
        return one if isinstance(one, httpx.Response) else one(request)

    assert len(bodies(await read(opened("zendesk_sell", {"api_token": "t"}, Source(answer)), "deals"))) == 1


async def test_graphql_is_paged_inside_its_body_and_filtered_after_it_was_changed() -> None:
    def node(name: str, title: str) -> dict[str, Any]:
        return {"id": name, "title": title, "updatedAt": "2026-11-20T10:00:00.250Z"}

    pages = [[node("a", "Pay #billing"), node("b", "nothing")], [node("c", "Late #shop")]]

    def answer(request: httpx.Request) -> httpx.Response:
        after = json.loads(request.content)["variables"].get("after")
        number = 1 if after == "cur1" else 0
        info = {"hasNextPage": number == 0, "endCursor": "cur1"}
        return give({"data": {"issues": {"nodes": pages[number], "pageInfo": info}}})

    source = Source(answer)
    batches = await read(opened("linear", {"key": "lin"}, source), "issues")
    assert bodies(batches) == [
        {"id": "a", "title": "Pay #billing", "updated_at": "2026-11-20T10:00:00.250Z", "marks": "billing"},
        {"id": "c", "title": "Late #shop", "updated_at": "2026-11-20T10:00:00.250Z", "marks": "shop"},
    ]  # fmt: skip
    sent = [json.loads(one.content) for one in source.asked]
    assert [one["variables"].get("after") for one in sent] == [None, "cur1"]
    assert sent[0]["query"].startswith("query($after: String")
    assert {str(one.url) for one in source.asked} == {"https://api.linear.example/graphql"}
    assert source.asked[0].headers["authorization"] == "lin"
    await read(opened("linear", {"key": "lin"}, source), "issues", batches[-1].cursor)
    since = json.loads(source.asked[-1].content)["variables"]["since"]
    assert since == "2026-11-20T10:00:00.250Z"


async def test_an_error_of_graphql_in_a_good_answer_is_an_error() -> None:
    with pytest.raises(SourceRefusesError, match="Field is unknown"):
        await read(
            opened("linear", {}, Source(lambda _: give({"errors": [{"message": "Field is unknown"}]}))),
            "issues",
        )
    limited = {"errors": [{"extensions": {"code": "RATELIMITED"}}], "extensions": {"wait": 90}}
    with pytest.raises(SourceUnavailableError) as caught:
        await read(opened("linear", {}, Source(lambda _: give(limited))), "issues")
    assert caught.value.retry_after == 90


def typeform() -> Source:
    def reply(number: int, at: str) -> dict[str, Any]:
        return {
            "response_id": f"r{number}", "token": f"t{number}", "submitted_at": at,
            "metadata": {"user_agent": "x"},
            "answers": [{"type": "text", "text": "hi", "field": {"id": "a"}},
                        {"type": "email", "email": f"u{number}@x.org", "field": {"id": "b"}}],
        }  # fmt: skip

    replies = {
        "f1": [
            reply(3, "2026-11-20T12:00:00Z"),
            reply(2, "2026-11-19T12:00:00Z"),
            reply(1, "2026-11-18T12:00:00Z"),
        ],
        "f2": [],
    }

    def answer(request: httpx.Request) -> httpx.Response:
        asked, parts = query(request), request.url.path.strip("/").split("/")
        if parts == ["forms"]:
            forms = [[{"id": "f1"}, {"id": "f2"}], [{"id": "f3"}]]
            return give({"items": forms[int(asked.get("page", 1)) - 1], "page_count": 2})
        if parts[1] == "f3":
            return give({"code": "FORM_NOT_FOUND"}, 404)
        found = replies[parts[1]]
        if "before" in asked:
            found = found[[one["token"] for one in found].index(asked["before"]) + 1 :]
        return give({"items": found[: int(asked.get("page_size", 9))]})

    return Source(answer)


FORM = {"credentials": {"kind": "token", "access_token": "t"}}


async def test_a_feed_of_each_form_is_read_back_by_its_tokens_until_what_is_known() -> None:
    source = typeform()
    first = await read(opened("typeform", FORM, source), "responses")
    assert [(one["response_id"], one["email"], one["form_id"]) for one in bodies(first)] == [
        ("r3", "u3@x.org", "f1"), ("r2", "u2@x.org", "f1"), ("r1", "u1@x.org", "f1"),
    ]  # fmt: skip
    assert "token" not in bodies(first)[0]
    assert bodies(first)[0]["metadata"] == {}
    asked = [query(one) for one in source.asked if one.url.path == "/forms/f1/responses"]
    assert [one.get("before") for one in asked] == [None, "t2"]
    assert asked[0]["since"] == "1767225600"
    assert asked[0]["completed"] == "true"
    again = await read(opened("typeform", FORM, source), "responses", first[-1].cursor)
    assert {one["response_id"] for one in bodies(again)} <= {"r3"}


async def test_lists_in_lists_are_taken_apart() -> None:
    found = bodies(await read(opened("typeform", FORM, typeform()), "answers"))
    assert [one["type"] for one in found] == ["text", "email"] * 3
