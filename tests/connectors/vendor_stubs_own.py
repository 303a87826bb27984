"""The interfaces of systems that run in the house, small; see `vendor_stubs`."""

from __future__ import annotations

import json
import re

import httpx

from tests.connectors.vendor_stubs import Data, Record, last, one_of, refuse, reply, since, single


def django_helpdesk(request: httpx.Request, data: Data) -> httpx.Response:
    """Pages by the address of the next one."""
    name = request.url.path.rstrip("/").rpartition("/")[2]
    if name != "tickets":
        return single(one_of(data["tickets"], name))
    page = int(request.url.params.get("page", 1))
    found, more = data["tickets"][page * 2 - 2 : page * 2], len(data["tickets"]) > page * 2
    onward = str(request.url.copy_set_param("page", str(page + 1))) if more else None
    return reply({"count": len(data["tickets"]), "next": onward, "results": found})


def django_oscar(request: httpx.Request, data: Data) -> httpx.Response:
    """Bare lists; users in pages. Ids are known by addresses only."""
    parts = request.url.path.removeprefix("/api/admin/").strip("/").split("/")
    if parts[-1] == "lines":
        found = [one for one in data["order_lines"] if one["order"].rstrip("/").endswith(f"/{parts[1]}")]
        return reply([_without(one, "id", "date_placed") for one in found])
    records = [_without(one, "id") for one in data[parts[0]]]
    if len(parts) == 2:
        return single(next((one for one in records if one["url"].endswith(f"/{parts[1]}/")), None))
    if parts[0] == "orders":
        return reply(records)
    page = int(request.url.params.get("page", 1))
    onward = str(request.url.copy_set_param("page", str(page + 1))) if len(records) > page * 2 else None
    return reply({"next": onward, "results": records[page * 2 - 2 : page * 2]})


def request_tracker(request: httpx.Request, data: Data) -> httpx.Response:
    """TicketSQL; the address of the next page names the machine's own host, which nobody knows."""
    parts, params = request.url.path.removeprefix("/REST/2.0/").split("/"), request.url.params
    if parts[0] == "transaction":
        found = one_of(data["transactions"], parts[1])
        return reply({"items": found["attachments"]} if found else {"items": []})
    if len(parts) == 2:
        found = one_of(data[f"{parts[0]}s"], parts[1], "Name" if parts[0] == "user" else "id")
        return single(found)
    records = data[parts[0]]
    if parts[0] == "tickets":
        told = re.fullmatch(r"LastUpdated >= '(.+)'", params["query"])
        if told is None:
            return refuse("Couldn't parse query")
        records = since(records, "LastUpdated", told[1].replace(" ", "T") + "+00:00")
    elif parts[0] == "transactions":
        number = int(params["query"].rpartition(">")[2])
        listed = [{"ObjectId": (one.get("Object") or {}).get("id"), **one} for one in records]
        records = [_without(one, "attachments", "Object") for one in listed if int(one["id"]) > number]
    else:
        json.loads(params["query"])
    page, pages = int(params.get("page", 1)), max(1, -(-len(records) // 2))
    onward = {"next_page": f"http://vm/REST/2.0/{last(request)}?page={page + 1}"} if page < pages else {}
    return reply({"items": records[page * 2 - 2 : page * 2], "page": page, "pages": pages, **onward})


def _without(record: Record, *names: str) -> Record:
    return {name: one for name, one in record.items() if name not in names}
