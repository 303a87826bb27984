"""A handful of customers, pushed through the public API as their systems would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.web.running_server import Api

SOURCES = {"crm": "CRM", "shop": "Web shop", "helpdesk": "Help desk", "empty": "Quiet source"}
EMAIL = "wilhelmina.oesterreich@example.com"
PHONE = "+44 7911 209142"
ORDERS = 90


def fill(api: Api) -> None:
    """`api` is signed in as the administrator."""
    for slug, title in SOURCES.items():
        api.send("POST", "/sources", json={"slug": slug, "title": title, "connector": "records_api"})
    people = {"C-17": WILHELMINA, "C-18": BRIDGET, "C-19": ODD}
    api.push("crm", "records", [*(_person(key, fields) for key, fields in people.items()), FIRM])
    api.push("shop", "records", [_person("501", SHOPPER, stream="customers")])
    api.push("helpdesk", "records", [_person("9", REQUESTER, stream="requesters")])
    orders = [_order(number) for number in range(ORDERS)]
    account = api.push("shop", "interactions", orders)
    assert account["accepted"] == ORDERS, account
    account = api.push("helpdesk", "interactions", [ticket("T-881", "Grinder makes a strange noise")])
    assert account["accepted"] == 1, account
    api.until("/health", lambda health: health["lag_events"] == 0 and health["customers"] >= 4)


def ticket(number: str, title: str, at: datetime | None = None) -> dict[str, Any]:
    """A ticket that Wilhelmina opened."""
    return {
        "stream": "tickets",
        "id": number,
        "type": "ticket",
        "party": {"stream": "requesters", "id": "9"},
        "occurred_at": (at or datetime.now(UTC)).isoformat(),
        "fields": {"title": title, "status": "open", "channel": "email"},
    }


def _order(number: int) -> dict[str, Any]:
    return {
        "stream": "orders",
        "id": f"FH-{2000 + number}",
        "type": "order",
        "party": {"stream": "customers", "id": "501"},
        "occurred_at": (datetime.now(UTC) - timedelta(days=3 * number + 1)).isoformat(),
        "fields": {"amount": "40.50", "currency": "GBP", "status": "paid", "title": f"Parcel {number}"},
    }


def _person(external_id: str, fields: dict[str, Any], stream: str = "contacts") -> dict[str, Any]:
    return {"stream": stream, "id": external_id, "kind": "person", "op": "upsert", "fields": fields}


WILHELMINA = {
    "full_name": "Wilhelmina Oesterreich",
    "email": EMAIL,
    "phone": PHONE,
    "birth_date": "1981-04-12",
    "city": "Bristol",
    "country": "GB",
    "job_title": "Office manager",
    "organisation": "Harbour Studios Ltd",
    "organisation_ref": {"stream": "accounts", "id": "A-1"},
}
SHOPPER = {"full_name": "Wilhelmina Österreich", "email": EMAIL, "phone": PHONE, "city": "Clifton"}
REQUESTER = {"full_name": "Wilhelmina Oesterreich", "email": EMAIL}
BRIDGET = {"full_name": "Bridget Tremblay", "email": "bridget@elsewhere.example", "city": "Leeds"}
ODD = {
    "full_name": '<svg onload="document.title=`taken`">',
    "email": "odd@elsewhere.example",
    "city": "الرباط",
}
FIRM = {
    "stream": "accounts",
    "id": "A-1",
    "kind": "organisation",
    "op": "upsert",
    "fields": {"name": "Harbour Studios Ltd", "domain": "harbour-studios.example", "city": "Bristol"},
}
