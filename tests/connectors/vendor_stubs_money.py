"""The interfaces of shops, billing, marketing and calls, small; see `vendor_stubs`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from tests.connectors.vendor_stubs import (
    Data,
    Stub,
    at,
    freshdesk,
    hubspot,
    intercom,
    last,
    one_of,
    pipedrive,
    refuse,
    reply,
    salesforce,
    since,
    single,
    zendesk,
)
from tests.connectors.vendor_stubs_own import django_helpdesk, django_oscar, request_tracker


def shopify(request: httpx.Request, data: Data) -> httpx.Response:
    """The address of the next page bears nothing but its mark and the limit."""
    parts = request.url.path.removeprefix("/admin/api/2025-01/").removesuffix(".json").split("/")
    params = dict(request.url.params)
    if parts[-1] == "transactions":
        return reply(
            {"transactions": [one for one in data["transactions"] if str(one["order_id"]) == parts[1]]}
        )
    if len(parts) == 2:
        return single(one_of(data[parts[0]], parts[1]), parts[0].removesuffix("s"))
    if mark := params.get("page_info"):
        if set(params) - {"page_info", "limit"}:
            return reply({"errors": {"page_info": "Invalid value."}}, 400)
        begun, _, start_text = mark.partition("~")
    else:
        begun, start_text = params["updated_at_min"], "0"
    records, start = since(data[parts[0]], "updated_at", begun.replace("_", ":")), int(start_text)
    mark = f"{begun.replace(':', '_')}~{start + 2}"
    onward = f"https://{request.url.host}{request.url.path}?limit=250&page_info={mark}"
    more = {"Link": f'<{onward}>; rel="next"'} if len(records) > start + 2 else {}
    return httpx.Response(200, json={parts[0]: records[start : start + 2]}, headers=more)


def woocommerce(request: httpx.Request, data: Data) -> httpx.Response:
    """Page numbers; what changed after a moment, itself left out."""
    parts = request.url.path.removeprefix("/wp-json/wc/v3/").split("/")
    params = request.url.params
    if len(parts) == 2:
        return single(one_of(data[parts[0]], parts[1]))
    if int(params["per_page"]) > 100:
        return refuse("per_page must be between 1 and 100", 400)
    records = since(data[parts[0]], "date_modified_gmt", params.get("modified_after"), strictly=True)
    if "modified_after" in params and params.get("dates_are_gmt") != "true":
        return refuse("the shop takes this time for its own")
    size, page = int(params["per_page"]), int(params["page"])
    return reply(sorted(records, key=lambda one: int(one["id"]))[(page - 1) * size : page * size])


def vendure(request: httpx.Request, data: Data) -> httpx.Response:
    """GraphQL: faults come with status 200."""
    if request.headers.get("authorization") != "Bearer t":
        return reply({"errors": [{"message": "You are not authorized", "extensions": {"code": "FORBIDDEN"}}]})
    asked = json.loads(request.content)
    stream = "customers" if "customers(" in asked["query"] else "orders"
    options = asked["variables"]["options"]
    if "id" in options["filter"]:
        records = [one for one in data[stream] if one["id"] == options["filter"]["id"]["eq"]]
    else:
        records = since(data[stream], "updatedAt", options["filter"]["updatedAt"]["after"], strictly=True)
    start = options.get("skip", 0)
    return reply(
        {"data": {stream: {"totalItems": len(records), "items": records[start : start + options["take"]]}}}
    )


def medusa(request: httpx.Request, data: Data) -> httpx.Response:
    """Offset and limit."""
    parts, params = request.url.path.removeprefix("/admin/").split("/"), request.url.params
    if len(parts) == 2:
        return single(one_of(data[parts[0]], parts[1]), parts[0].removesuffix("s"))
    records = since(data[parts[0]], "updated_at", params.get("updated_at[$gte]"))
    start, size = int(params.get("offset", 0)), int(params["limit"])
    return reply(
        {parts[0]: records[start : start + size], "count": len(records), "offset": start, "limit": size}
    )


def _created(one: Mapping[str, Any]) -> float:
    return float(one.get("created") or one.get("date") or 0)


def stripe(request: httpx.Request, data: Data) -> httpx.Response:
    """Lists newest first, the next page behind the last id; an event for each object."""
    parts, params = request.url.path.removeprefix("/v1/").split("/"), request.url.params
    if len(parts) == 2:
        return single(one_of(data[parts[0]], parts[1]))
    if parts[0] == "events":
        asked = {kind.rpartition(".")[0] for kind in params.get_list("types[]")}
        kinds = {kind.rpartition(".")[2] + "s": kind for kind in asked}
        records = [
            {
                "id": f"evt_{one['id']}", "object": "event", "created": 1_795_000_000,
                "type": f"{kinds[kind]}.updated", "data": {"object": one},
            }
            for kind in kinds for one in data[kind]
        ]  # fmt: skip
    else:
        records = [one for one in data[parts[0]] if not one.get("deleted")]
    if int(params["limit"]) > 100:
        return refuse("Invalid integer: limit")
    newest = sorted(records, key=lambda one: (-_created(one), one["id"]))
    newest = [one for one in newest if (_created(one) or 2e9) >= float(params.get("created[gte]", 0))]
    if after := params.get("starting_after"):
        newest = newest[[one["id"] for one in newest].index(after) + 1 :]
    return reply(
        {"object": "list", "data": newest[:2], "has_more": len(newest) > 2, "url": f"/v1/{parts[0]}"}
    )


def xero(request: httpx.Request, data: Data) -> httpx.Response:
    """Page numbers; what changed since stands in a header."""
    if request.url.path == "/connect/token":
        return reply({"access_token": "t", "expires_in": 1800})
    if request.headers.get("accept") != "application/json":
        return httpx.Response(200, text="<Response/>")
    parts, params = request.url.path.removeprefix("/api.xro/2.0/").split("/"), request.url.params
    stream = {
        "Contacts": "contacts",
        "Invoices": "invoices",
        "CreditNotes": "credit_notes",
        "Payments": "payments",
    }[parts[0]]
    key = params.get("order", "")
    changed = [(at(one["UpdatedDateUTC"][6:19]), one) for one in data[stream]]
    begun = request.headers.get("if-modified-since")
    records = [one for moment, one in changed if begun is None or moment >= at(begun)]
    if len(parts) == 2:
        named = f"{parts[0].removesuffix('s')}ID"
        return reply({parts[0]: [one for one in records if one[named] == parts[1]]})
    size, page = int(params["pageSize"]), int(params["page"])
    return reply({parts[0]: sorted(records, key=lambda one: str(one[key]))[(page - 1) * size : page * size]})


def chargebee(request: httpx.Request, data: Data) -> httpx.Response:
    """The next offset is a mark; the moment named itself is left out."""
    parts, params = request.url.path.removeprefix("/api/v2/").split("/"), request.url.params
    thing = parts[0].removesuffix("s")
    if len(parts) == 2:
        return single(one_of(data[parts[0]], parts[1]), thing)
    records = since(data[parts[0]], "updated_at", params["updated_at[after]"], strictly=True)
    start = int(params.get("offset", '["0"]')[2:-2])
    more = {"next_offset": f'["{start + 2}"]'} if len(records) > start + 2 else {}
    return reply({"list": [{thing: one} for one in records[start : start + 2]], **more})


def mailchimp(request: httpx.Request, data: Data) -> httpx.Response:
    """Offset and count; reports campaign by campaign."""
    parts, params = request.url.path.removeprefix("/3.0/").split("/"), request.url.params
    start, size = int(params.get("offset", 0)), int(params.get("count", 10))
    if parts[0] == "campaigns":
        sent = {
            "id": "42694e9e57",
            "send_time": "2026-02-10T09:00:00+00:00",
            "settings": {"title": "Spring doors"},
        }
        return reply({"campaigns": [sent][start : start + size]})
    if parts[0] == "lists":
        if len(parts) == 4:
            return single(one_of(data["members"], parts[3]))
        records = since(data["members"], "last_changed", params.get("since_last_changed"))
        return reply({"members": records[start : start + size], "total_items": len(records)})
    stream = {"sent-to": "sent_to", "email-activity": "email_activity", "unsubscribed": "unsubscribes"}[
        parts[2]
    ]
    bare = [
        {k: v for k, v in one.items() if not k.startswith("campaign_") or k == "campaign_id"}
        for one in data[stream]
    ]
    if stream != "email_activity":
        key = "sent_to" if stream == "sent_to" else "unsubscribes"
        return reply({key: bare[start : start + size]})
    members: dict[str, dict[str, Any]] = {}
    for one in since(bare, "timestamp", params.get("since")):
        whose = {k: one[k] for k in ("campaign_id", "list_id", "email_id", "email_address")}
        members.setdefault(one["email_id"], {**whose, "activity": []})
        members[one["email_id"]]["activity"].append({k: v for k, v in one.items() if k not in whose})
    return reply({"emails": list(members.values())[start : start + size]})


def klaviyo(request: httpx.Request, data: Data) -> httpx.Response:
    """JSON:API: a filter as a formula, the next page as an address."""
    if (
        not request.headers["authorization"].startswith("Klaviyo-API-Key ")
        or "revision" not in request.headers
    ):
        return reply({"errors": [{"detail": "no"}]}, 401)
    parts, params = request.url.path.removeprefix("/api/").split("/"), request.url.params
    if parts[0] == "metrics":
        names = sorted({one["metric_name"] for one in data["events"]})
        return reply(
            {
                "data": [{"id": f"m{n}", "attributes": {"name": name}} for n, name in enumerate(names)],
                "links": {"next": None},
            }
        )
    if len(parts) == 2:
        return single(one_of(data[parts[0]], parts[1]), "data")
    begun = params["filter"].rstrip(")").rpartition(",")[2]
    records, field = data[parts[0]], "updated" if parts[0] == "profiles" else "datetime"
    if parts[0] == "events":
        names = sorted({one["metric_name"] for one in data["events"]})
        wanted = names[int(params["filter"].split('"')[1][1:])]
        records = [one for one in records if one["metric_name"] == wanted]
    flat = [{"moment": one["attributes"][field], "one": one} for one in records]
    found = [one["one"] for one in since(flat, "moment", begun, strictly=parts[0] == "profiles")]
    start = int(params.get("page[cursor]", 0))
    bare = [{k: v for k, v in one.items() if k != "metric_name"} for one in found[start : start + 2]]
    onward = str(request.url.copy_set_param("page[cursor]", str(start + 2)))
    return reply({"data": bare, "links": {"next": onward if len(found) > start + 2 else None}})


def twilio(request: httpx.Request, data: Data) -> httpx.Response:
    """Newest first; filters know whole days; the next page as a path."""
    name = last(request)
    stream = {"Calls": "calls", "Messages": "messages"}.get(name)
    params = request.url.params
    if stream is None:
        return single(one_of([*data["calls"], *data["messages"]], name, "sid"))
    field = {"calls": "start_time", "messages": "date_sent"}[stream]
    day = params.get("StartTime>" if stream == "calls" else "DateSent>") or params.get("After")
    dated = [(parsedate_to_datetime(one[field]), one) for one in data[stream]]
    found = [
        one
        for moment, one in sorted(dated, key=lambda pair: pair[0], reverse=True)
        if moment.date().isoformat() >= str(day)
    ]
    start = int(params.get("Page", 0)) * 2
    path = f"{request.url.path}?PageSize=1000&After={day}&Page={start // 2 + 1}"
    return reply(
        {stream: found[start : start + 2], "next_page_uri": path if len(found) > start + 2 else None}
    )


STUBS: Mapping[str, tuple[Stub, Mapping[str, Any]]] = {
    "hubspot": (hubspot, {"sign_in": "token", "access_token": "t"}),
    "salesforce": (salesforce, {
        "base_url": "https://x.my.salesforce.com", "sign_in": "client_credentials",
        "client_id": "c", "client_secret": "s",
    }),
    "pipedrive": (pipedrive, {"company": "x", "api_token": "t"}),
    "zendesk": (zendesk, {"subdomain": "x", "email": "a@shop.example", "api_token": "t"}),
    "freshdesk": (freshdesk, {"base_url": "https://x.freshdesk.com", "api_key": "t"}),
    "intercom": (intercom, {"access_token": "t"}),
    "shopify": (shopify, {"shop": "x", "access_token": "t"}),
    "woocommerce": (woocommerce, {
        "base_url": "https://shop.example/", "consumer_key": "k", "consumer_secret": "s",
    }),
    "vendure": (vendure, {"base_url": "https://shop.example", "auth_token": "t"}),
    "medusa": (medusa, {"base_url": "https://shop.example", "api_key": "t"}),
    "stripe": (stripe, {"secret_key": "sk_test"}),
    "xero": (xero, {"sign_in": "custom_connection", "client_id": "c", "client_secret": "s"}),
    "chargebee": (chargebee, {"site": "x", "api_key": "t"}),
    "mailchimp": (mailchimp, {"api_key": "k-us6", "list_id": "57afe96172"}),
    "klaviyo": (klaviyo, {"api_key": "pk"}),
    "twilio": (twilio, {"account_sid": "AC0", "auth_token": "t"}),
    "django_helpdesk": (django_helpdesk, {
        "base_url": "https://help.example/helpdesk", "username": "a", "password": "s",
    }),
    "django_oscar": (django_oscar, {
        "base_url": "https://shop.example/api", "username": "a", "password": "s",
    }),
    "request_tracker": (request_tracker, {
        "base_url": "https://rt.example", "username": "a", "password": "s",
    }),
}  # fmt: skip
"""By connector: what answers, and the settings that it wants."""
