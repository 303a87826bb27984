"""The interfaces of vendors, small: their ways to page, to ask for changes and to refuse, over the payloads.

Each function answers a request from `data`, the records of the payload file by stream. They are strict where
the vendor is: what it refuses, they refuse.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

Record = dict[str, Any]
Data = dict[str, list[Record]]
Stub = Callable[[httpx.Request, Data], httpx.Response]
_OK = 200


def reply(body: object, status: int = _OK, **headers: str) -> httpx.Response:
    """A JSON answer."""
    return httpx.Response(status, json=body, headers=headers)


def refuse(sentence: str, status: int = 400) -> httpx.Response:
    """What a vendor says to a request that it does not take."""
    return reply({"message": sentence, "error": sentence, "detail": sentence}, status)


def at(value: object) -> float:
    """Seconds since 1970 of any time."""
    text = str(value)
    if text.replace(".", "", 1).isdigit():
        return float(text) / (1000 if len(text.split(".", maxsplit=1)[0]) > 11 else 1)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def since(records: Sequence[Record], field: str, text: object, *, strictly: bool = False) -> list[Record]:
    """Those that changed at a time or later."""
    if text is None:
        return list(records)
    found = [(at(one[field]), one) for one in records if one.get(field) is not None]
    return [one for moment, one in found if moment > at(text) or (moment == at(text) and not strictly)]


def one_of(records: Sequence[Record], name: str, key: str = "id") -> Record | None:
    """The record with that id."""
    return next((one for one in records if str(one[key]) == name), None)


def single(record: Record | None, wrap: str = "") -> httpx.Response:
    """One record or 404."""
    if record is None:
        return refuse("not found", 404)
    return reply({wrap: record} if wrap else record)


def last(request: httpx.Request) -> str:
    """The last part of the path, without its ending."""
    return request.url.path.rpartition("/")[2].removesuffix(".json")


def hubspot(request: httpx.Request, data: Data) -> httpx.Response:
    """A search shows 10,000 results only; a page is asked for by ids here, without an offset."""
    parts = request.url.path.split("/")
    records = data[parts[4]]
    if request.method == "GET":
        if "properties" not in request.url.params:
            return refuse("ask for properties")
        return single(one_of(records, parts[5]))
    asked = json.loads(request.content)
    [group] = asked["filterGroups"]
    for test in group["filters"]:
        name, how, value = test["propertyName"], test["operator"], test["value"]
        if name == "hs_object_id":
            wanted = int(value)
            records = [
                one
                for one in records
                if (int(one["id"]) > wanted if how == "GT" else int(one["id"]) == wanted)
            ]
        else:
            assert (name, how) in {("lastmodifieddate", "GTE"), ("hs_lastmodifieddate", "GTE")}
            records = since(records, "updatedAt", value)
    assert asked["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    records = sorted(records, key=lambda one: int(one["id"]))
    if asked["limit"] > 200:
        return refuse("limit must be at most 200")
    page = records[: asked["limit"]]
    more = {"paging": {"next": {"after": str(len(page))}}} if len(records) > len(page) else {}
    bare = [{name: value for name, value in one.items() if name != "associations"} for one in page]
    return reply({"total": len(records), "results": bare, **more})


def salesforce(request: httpx.Request, data: Data) -> httpx.Response:
    """A query, or the address of its next page; 2 records a page here."""
    if request.url.path == "/services/oauth2/token":
        return reply({"access_token": "t", "token_type": "Bearer"})
    if request.headers["authorization"] != "Bearer t":
        return reply([{"errorCode": "INVALID_SESSION_ID", "message": "no"}], 401)
    name = last(request)
    if name != "queryAll":
        if request.url.params:
            return reply([{"errorCode": "MALFORMED_QUERY", "message": "no question here"}], 400)
        thing, start, since_text = name.split("~")
        records, first = since(data[thing], "SystemModstamp", since_text), int(start)
    else:
        words = request.url.params["q"].split()
        thing, since_text = words[words.index("FROM") + 1], words[words.index(">=") + 1]
        records, first = since(data[thing], "SystemModstamp", since_text), 0
    page, more = records[first : first + 2], len(records) > first + 2
    onward = (
        {"nextRecordsUrl": f"/services/data/v62.0/query/{thing}~{first + 2}~{since_text}"} if more else {}
    )
    return reply({"totalSize": len(records), "done": not more, "records": page, **onward})


def pipedrive(request: httpx.Request, data: Data) -> httpx.Response:
    """Version 2 pages by cursor; version 1 by start, newest first, without a filter."""
    if request.headers["x-api-token"] != "t":
        return reply({"error": "unauthorized"}, 401)
    params, parts = request.url.params, request.url.path.split("/")
    if parts[1] == "v1":
        records = sorted(data["notes"], key=lambda one: at(one["update_time"]), reverse=True)
        start, limit = int(params.get("start", 0)), 2
        more = (
            {"more_items_in_collection": True, "next_start": start + limit}
            if len(records) > start + limit
            else {}
        )
        return reply(
            {"success": True, "data": records[start : start + limit], "additional_data": {"pagination": more}}
        )
    if len(parts) > 4:
        return single(one_of(data[parts[3]], parts[4]), "data")
    if int(params["limit"]) > 500:
        return refuse("limit")
    records = since(data[parts[3]], "update_time", params.get("updated_since"))
    start = int(params.get("cursor", "c0")[1:])
    following = f"c{start + 2}" if len(records) > start + 2 else None
    return reply(
        {"success": True, "data": records[start : start + 2], "additional_data": {"next_cursor": following}}
    )


def zendesk(request: httpx.Request, data: Data) -> httpx.Response:
    """Incremental exports: a start less than a minute ago is refused; later pages bear the cursor alone."""
    params, path = request.url.params, request.url.path.removeprefix("/api/v2/")
    host = f"https://{request.url.host}/api/v2"
    if path.startswith("tickets/") and path.endswith("/comments.json"):
        found = [one for one in data["ticket_comments"] if str(one["ticket_id"]) == path.split("/")[1]]
        bare = [{k: v for k, v in one.items() if k not in {"ticket_id", "requester_id"}} for one in found]
        start = int(params.get("page[after]", 0))
        onward = f"{host}/{path}?page[size]=2&page[after]={start + 2}"
        more = len(bare) > start + 2
        return reply(
            {
                "comments": bare[start : start + 2],
                "meta": {"has_more": more},
                "links": {"next": onward if more else None},
            }
        )
    if not path.startswith("incremental/"):
        stream = path.split("/", maxsplit=1)[0]
        return single(one_of(data[stream], last(request)), stream.removesuffix("s"))
    stream = path.split("/")[1].removesuffix(".json")
    listed = "identities" if params.get("include") == "identities" else stream
    records = data["user_identities"] if listed == "identities" else data[stream]
    field = "generated_timestamp" if stream == "tickets" else "updated_at"
    if "cursor" in params:
        begun, _, start_text = params["cursor"].partition("~")
    else:
        begun, start_text = params["start_time"], "0"
    if at(begun) > datetime(2026, 11, 22, 11, 59, tzinfo=UTC).timestamp():
        return reply({"error": "StartTimeTooRecent", "description": "Too recent start_time."}, 422)
    records, start = since(records, field, begun), int(start_text)
    ended = len(records) <= start + 2
    sideload = "&include=identities" if listed == "identities" else ""
    onward = f"{host}/{path}?cursor={begun}~{start + 2}{sideload}"
    onward_name = "next_page" if stream == "organizations" else "after_url"
    return reply({listed: records[start : start + 2], "end_of_stream": ended, onward_name: onward})


def linked(request: httpx.Request, records: list[Record], size: int = 2) -> httpx.Response:
    """A page of a list whose next page stands in the Link header."""
    page = int(request.url.params.get("page", 1))
    found = records[(page - 1) * size : page * size]
    onward = request.url.copy_set_param("page", str(page + 1))
    more = {"Link": f'<{onward}>; rel="next"'} if len(records) > page * size else {}
    return httpx.Response(_OK, json=found, headers=more)


def freshdesk(request: httpx.Request, data: Data) -> httpx.Response:
    """Pages by Link header; filters are called differently for contacts and tickets."""
    parts = request.url.path.split("/")[3:]
    params = request.url.params
    if parts[-1] == "conversations":
        return linked(request, [one for one in data["conversations"] if str(one["ticket_id"]) == parts[1]])
    if len(parts) == 2:
        return single(one_of(data[parts[0]], parts[1]))
    name = {"contacts": "_updated_since", "tickets": "updated_since"}.get(parts[0], "none")
    if unknown := set(params) - {name, "per_page", "page", "order_by", "order_type", "include"}:
        return refuse(f"unexpected {unknown}")
    return linked(request, since(data[parts[0]], "updated_at", params.get(name)))


def intercom(request: httpx.Request, data: Data) -> httpx.Response:
    """Searches: contacts and tickets know whole days, and the day named itself is left out."""
    if "intercom-version" not in request.headers:
        return reply({"errors": [{"message": "version"}]}, 400)
    parts = request.url.path.split("/")[1:]
    if parts == ["companies", "list"]:
        size, page = int(request.url.params["per_page"]), int(request.url.params["page"])
        return reply({"data": data["companies"][(page - 1) * size : page * size]})
    if request.method == "GET":
        return single(one_of(data[parts[0]], parts[1]))
    asked = json.loads(request.content)
    test, paging = asked["query"], asked["pagination"]
    assert paging["per_page"] <= 150
    records = data[parts[0]]
    if test["field"] == "id":
        records = [one for one in records if one["id"] == test["value"]]
    else:
        day = 86_400
        bound = test["value"] if parts[0] == "conversations" else (test["value"] // day + 1) * day - 1
        records = [one for one in records if one["updated_at"] > bound]
    start = int(paging.get("starting_after", "s0")[1:])
    following = {"next": {"starting_after": f"s{start + 2}"}} if len(records) > start + 2 else {}
    key = "data" if parts[0] == "contacts" else parts[0]
    bare = [{k: v for k, v in one.items() if k != "conversation_parts"} for one in records[start : start + 2]]
    return reply({"type": "list", key: bare, "pages": following})
