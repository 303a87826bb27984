"""The mappings that come with Regard: what records of real systems say when they are mapped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from regard.connectors.connector_contract import RawRecord
from regard.connectors.interactions_api import translate_mapped_interaction
from regard.connectors.load_mappings import shipped_mappings
from regard.connectors.mapping.describe_stream_mapping import item_places
from regard.connectors.mapping.list_unmapped import unmapped_places
from regard.connectors.name_origin import Origin
from regard.connectors.records_api import translate_record
from regard.events.envelope import RecordKey
from tests.connectors.describe_items import NOW, as_raw, describe, items_of, mapping_of

PAYLOADS = Path(__file__).parent / "payloads"
SHIPPED = sorted(
    entry.name.removesuffix(".yaml")
    for entry in resources.files("regard.connectors.mappings").iterdir()
    if entry.name.endswith(".yaml")
)
CONNECTORS = sorted(path.stem for path in PAYLOADS.glob("*.json"))


def records(connector: str) -> Iterator[RawRecord]:
    streams: dict[str, list[dict[str, Any]]] = json.loads((PAYLOADS / f"{connector}.json").read_text("utf-8"))
    for stream, bodies in streams.items():
        for body in bodies:
            yield as_raw(stream, body)


@pytest.mark.parametrize("connector", SHIPPED)
def test_every_shipped_mapping_can_be_followed(connector: str) -> None:
    streams = [mapping.stream for mapping in shipped_mappings(connector)]
    assert len(streams) == len(set(streams)) > 0
    assert all(mapping.title for mapping in shipped_mappings(connector))


@pytest.mark.parametrize("connector", CONNECTORS)
def test_records_say_what_stands_beside_them(connector: str) -> None:
    said: list[str] = []
    for record in records(connector):
        said.append(f"{record.stream} {record.external_id}")
        said += [f"  {line}" for line in describe(items_of(connector, record)) or ["says nothing"]]
    assert said == (PAYLOADS / f"{connector}.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("connector", CONNECTORS)
def test_every_mapped_stream_is_shown_by_a_record(connector: str) -> None:
    assert {record.stream for record in records(connector)} == {
        mapping.stream for mapping in shipped_mappings(connector)
    }


@pytest.mark.parametrize("connector", CONNECTORS)
def test_everything_that_is_said_is_taken_at_the_door(connector: str) -> None:
    origin = Origin("shop", NOW, "EUR")
    for record in records(connector):
        for item in items_of(connector, record):
            if item.family == "link":
                continue
            translate = translate_record if item.family == "record" else translate_mapped_interaction
            [event] = translate(item.body, origin)
            party = item.body.get("party")
            place = (party["stream"], party["id"]) if party else (item.stream, item.external_id)
            assert event.subject == RecordKey("shop", *place)


@pytest.mark.parametrize("connector", CONNECTORS)
def test_no_field_of_a_record_is_dropped(connector: str) -> None:
    for record in records(connector):
        items = items_of(connector, record)
        facts = [item for item in items if item.family != "link"]
        if not facts:
            continue
        assert record.body is not None
        mapping = mapping_of(connector, record.stream)
        read = {place.removeprefix("$.") for item in mapping.items for place in item_places(item)}
        read |= {item.each for item in mapping.items if item.each} | set(mapping.skip)
        kept = {name.removesuffix(" (unmapped)") for item in facts for name in item.body["fields"]}
        lost = set(unmapped_places(record.body, read)) - kept
        assert not lost, f"{record.stream} {record.external_id}: {lost}"


def test_ids_beyond_2_to_the_53_stay_exact() -> None:
    [order] = [
        item
        for record in records("shopify")
        for item in items_of("shopify", record)
        if item.stream == "orders" and item.external_id.endswith("9999")
    ]
    assert order.external_id == "90071992547409999"
    assert order.body["party"] == {"stream": "customers", "id": "90071992547409931"}


def test_a_plus_sign_that_a_form_lost_is_found_again() -> None:
    [customer, *_] = items_of("stripe", next(records("stripe")))
    assert customer.body["fields"]["phone"] == ["+442079460001"]


def test_a_cart_is_no_order() -> None:
    cart = next(record for record in records("vendure") if record.stream == "orders")
    assert cart.body is not None
    assert cart.body["active"] is True
    assert items_of("vendure", cart) == []


def vendor_examples(folder: Path, name: str, key: str) -> list[dict[str, Any]]:
    read = json.loads((folder / "saas_examples" / name).read_text("utf-8"))
    return list(read[key]) if key else [read]


@pytest.mark.parametrize(
    ("connector", "stream", "file", "key", "kinds"),
    [
        ("intercom", "contacts", "intercom_contacts_6762f0dd1bb69f9f2193bb83.json", "", {"person"}),
        ("intercom", "companies", "intercom_companies.json", "data", {"organisation"}),
        ("intercom", "conversations", "intercom_conversations_471.json", "", {"ticket", "message"}),
        ("intercom", "tickets", "intercom_tickets_1.json", "", {"ticket"}),
        ("xero", "contacts", "xero_Contacts.json", "Contacts", {"person"}),
        ("xero", "invoices", "xero_Invoices.json", "Invoices", {"invoice"}),
        ("xero", "credit_notes", "xero_CreditNotes.json", "CreditNotes", {"refund"}),
        ("xero", "payments", "xero_Payments.json", "Payments", {"payment"}),
        ("twilio", "calls", "twilio_Calls.json", "calls", {"call", "person"}),
        ("twilio", "messages", "twilio_Messages.json", "messages", {"message", "person"}),
    ],
)
def test_the_vendors_own_examples_are_understood(
    shared_data: Path, connector: str, stream: str, file: str, key: str, kinds: set[str]
) -> None:
    items = [
        item
        for body in vendor_examples(shared_data, file, key)
        for item in items_of(connector, as_raw(stream, body))
    ]
    assert {item.body.get("type") or item.body.get("kind") for item in items} == kinds


@pytest.mark.parametrize(
    ("stream", "file", "name", "kinds"),
    [
        ("customers", "customer.json", "customer", {"person"}),
        ("orders", "order.json", "order", {"order", "order_line"}),
    ],
)
def test_shopifys_own_examples_are_understood(
    shared_data: Path, stream: str, file: str, name: str, kinds: set[str]
) -> None:
    body = json.loads((shared_data / "shopify_fixtures" / file).read_text("utf-8"))[name]
    items = items_of("shopify", as_raw(stream, body))
    assert {item.body.get("type") or item.body.get("kind") for item in items} == kinds
