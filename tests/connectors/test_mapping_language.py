"""Mapping as data: what can be said about where a value stands and how it is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from regard.connectors.connector_contract import RawRecord
from regard.connectors.files.describe_mapping import UnusableMappingError
from regard.connectors.mapping.describe_stream_mapping import read_stream_mapping
from regard.connectors.mapping.map_record import StatedItem, Surface, map_record

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def state(mapping: str, body: dict[str, Any], zone: str = "UTC") -> list[StatedItem]:
    read = read_stream_mapping(yaml.safe_load(mapping))
    return map_record(read, RawRecord(read.stream, "1", body), Surface(NOW, time_zone=zone))


def person(fields: str, body: dict[str, Any]) -> dict[str, Any]:
    [item] = state(f"stream: people\nitems: [{{target: person, id: '#id', fields: {fields}}}]", body)
    return dict(item.body["fields"])


def test_a_phone_in_parts_becomes_one_and_several_phones_stay_several() -> None:
    parts = "{join: [{path: '%s.country', as: calling_code}, '%s.area', '%s.number']}"
    fields = "{phone: [" + parts % (("work",) * 3) + ", " + parts % (("home",) * 3) + ", mobile]}"
    body = {
        "work": {"country": "0044", "area": "(020)", "number": "7946 0001"},
        "home": {"country": "", "area": "", "number": "7946 0002"},
        "mobile": "+44 7700 900001",
    }
    said = person(fields, body)
    assert said["phone"] == ["+44 (020) 7946 0001", "7946 0002", "+44 7700 900001"]


def test_one_text_with_several_values_is_cut() -> None:
    said = person("{email: {path: mails, split: ';'}, tags: {path: tags, split: ','}}",
                  {"mails": "a@example.com; b@example.com;", "tags": "vip, late payer"})  # fmt: skip
    assert said == {"email": ["a@example.com", "b@example.com"], "tags": ["vip", "late payer"]}


@pytest.mark.parametrize(
    ("how", "text", "is_"),
    [
        ("{path: x, after: '/'}", "https://shop.example/api/users/51/", "51"),
        ("{path: x, after: '/'}", "gid://shopify/Customer/90071992547409931", "90071992547409931"),
        ("{path: x, before: '/'}", "cus_1/card_2", "cus_1"),
        ("{path: x, before: ':'}", "no colon", "no colon"),
    ],
)
def test_a_part_of_a_text_is_taken(how: str, text: str, is_: str) -> None:
    assert person(f"{{full_name: {how}}}", {"x": text})["full_name"] == is_


def test_only_values_that_begin_or_are_long_as_told_count() -> None:
    said = person("{phone: {path: 'n[*]', at_least: 7}, user_id: {path: 'who[*]', starts: '003'}}",
                  {"n": ["107", "442079460001"], "who": ["00Q1", "0031"]})  # fmt: skip
    assert said == {"phone": ["442079460001"], "user_id": "0031"}


def test_the_first_place_that_says_something_decides_a_status() -> None:
    fields = (
        "{stage: [{path: cancelled_at, words: {'*': cancelled}},"
        " {path: paid, words: {'true': paid, '*': ''}}, {const: open}]}"
    )
    assert person(fields, {"cancelled_at": "2026-01-01", "paid": True})["stage"] == "cancelled"
    assert person(fields, {"paid": True})["stage"] == "paid"
    assert person(fields, {"paid": False})["stage"] == "open"


MERGES = """
stream: contacts
items:
  - target: link
    each: merged
    split: ";"
    id: "#id"
    party: {stream: contacts, id: {path: "@", before: ":"}}
"""


def test_a_list_in_a_text_gives_an_item_each_and_nobody_is_linked_to_himself() -> None:
    mapping = MERGES.replace('id: "#id"', "id: $.id")
    items = state(mapping, {"id": "50", "merged": "7:1600000000; 8:1600000001;50:1600000002"})
    assert [item.body["right"] for item in items] == [["contacts", "7"], ["contacts", "8"]]


FIRM_OR_PERSON = """
stream: contacts
items:
  - target: person
    id: id
    when: [{path: name, same_as: "{first} {last}"}]
    fields: {given_name: first, family_name: last}
  - target: organisation
    id: id
    when: [{path: name, unlike: "{first} {last}"}]
    fields: {name: name}
"""


def test_two_places_are_compared_to_tell_a_firm_from_a_person() -> None:
    [ann] = state(FIRM_OR_PERSON, {"id": 1, "name": "ann LEE", "first": "Ann", "last": "Lee"})
    [firm] = state(FIRM_OR_PERSON, {"id": 2, "name": "Lee & Co", "first": "Ann", "last": "Lee"})
    assert (ann.body["kind"], firm.body["kind"]) == ("person", "organisation")


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("/Date(1539993600000+0000)/", "2018-10-20T00:00:00+00:00"),
        ("Fri, 18 Oct 2019 17:02:00 +0000", "2019-10-18T17:02:00+00:00"),
        (1734537424, "2024-12-18T15:57:04+00:00"),
        ("2026-03-04T10:00:00", "2026-03-04T09:00:00+00:00"),
        (
            {"__class__": "datetime", "year": 2026, "month": 3, "day": 4, "hour": 10},
            "2026-03-04T09:00:00+00:00",
        ),
    ],
)
def test_times_are_understood_as_systems_write_them(written: object, at: str) -> None:
    mapping = "{stream: calls, items: [{target: call, id: '#id', occurred_at: at}]}"
    [call] = state(mapping, {"at": written}, "Europe/Berlin")
    assert call.body["occurred_at"] == at


def test_a_price_of_one_in_cents_times_the_number_is_the_amount() -> None:
    mapping = """
    {stream: lines, items: [{target: order_line, id: "#id", currency: cur,
      fields: {unit_price: {path: price, as: minor_units}, quantity: n}}]}"""
    [line] = state(mapping, {"price": 1999, "n": 3, "cur": "usd"})
    assert (line.body["fields"]["amount"], line.body["fields"]["currency"]) == ("59.97", "USD")
    [yen] = state(mapping, {"price": 1999, "n": 1, "cur": "jpy"})
    assert yen.body["fields"]["amount"] == "1999"


def test_cents_are_refused_where_no_money_is_meant() -> None:
    with pytest.raises(UnusableMappingError, match="amount and unit_price"):
        read_stream_mapping(yaml.safe_load(
            "{stream: s, items: [{target: order, id: id, fields: {title: [{path: x, as: minor_units}]}}]}"
        ))  # fmt: skip


@pytest.mark.parametrize(
    ("target", "status"),
    [("order", "delivered"), ("call", "completed"), ("meeting", "completed")],
)
def test_a_completed_order_is_delivered_and_a_completed_call_is_not(target: str, status: str) -> None:
    mapping = f"{{stream: s, items: [{{target: {target}, id: '#id', fields: {{status: state}}}}]}}"
    [item] = state(mapping, {"state": "Completed"})
    assert item.body["fields"]["status"] == status


def test_a_subscription_is_past_due_and_not_overdue() -> None:
    mapping = "{stream: s, items: [{target: subscription, id: '#id', fields: {status: state}}]}"
    [item] = state(mapping, {"state": "past_due"})
    assert item.body["fields"]["status"] == "past_due"


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("2026-05-01", "2026-05-01T00:00:00+00:00"),
        ("2026-05-01T08:00:00", "2026-05-01T06:00:00+00:00"),
    ],
)
def test_a_bare_day_stays_the_day_on_which_something_is_due(written: str, due: str) -> None:
    mapping = "{stream: s, items: [{target: invoice, id: '#id', fields: {due_at: when}}]}"
    [item] = state(mapping, {"when": written}, "Europe/Berlin")
    assert item.body["fields"]["due_at"] == due
