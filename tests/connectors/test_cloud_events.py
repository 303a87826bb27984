"""CloudEvents become rows: states of what they are about, or happenings of their own."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regard.connectors.cloud_events import item_of_headers, read_cloud_event
from regard.connectors.connector_contract import RawRecord
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.push_rows import RowAddress

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HERE = RowAddress(NOW)


def event(**given: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": "e1", "source": "/shop", "type": "com.acme.customer.updated",
        "subject": "c7", "time": "2026-05-01T08:00:00Z", "data": {"name": "Ann"}, **given,
    }  # fmt: skip


def row(item: Any) -> RawRecord:
    record = read_cloud_event(item, HERE).record
    assert record is not None
    return record


@pytest.mark.parametrize(
    "kind", ["com.acme.customer.updated", "com.acme.customer.created.v2", "com.acme.customer:changed"]
)
def test_an_event_about_a_state_replaces_the_state(kind: str) -> None:
    record = row(event(type=kind))
    assert (record.stream, record.external_id) == ("com.acme.customer", "c7")
    assert record.body is not None
    assert record.body["name"] == "Ann"
    assert record.updated_at == datetime(2026, 5, 1, 8, tzinfo=UTC)


def test_the_end_of_a_thing_is_its_deletion() -> None:
    assert row(event(type="com.acme.customer.deleted", data=None)).deleted
    assert row(event(type="com.acme.customer.deleted", time=None)).updated_at == NOW


@pytest.mark.parametrize(
    "change", [{"type": "com.acme.order.shipped"}, {"subject": None}, {"type": "updated"}]
)
def test_any_other_event_is_a_row_of_its_own(change: dict[str, Any]) -> None:
    record = row(event(**change))
    assert record.external_id == "/shop#e1"
    assert record.body is not None
    assert record.body["cloudevent"]["id"] == "e1"
    assert record.stream == event(**change)["type"]


def test_the_name_of_a_message_is_its_source_and_id() -> None:
    items = [event(), event(data={}), event(type="a.b")]
    names = {read_cloud_event(item, HERE).delivery_id for item in items}
    assert names == {"/shop e1"}


def test_data_may_be_packed_or_a_text_or_a_change_of_debezium() -> None:
    packed = event(data=None, data_base64=base64.b64encode(b'{"name":"Ann"}').decode())
    assert row(packed).body == row(event()).body
    assert row(event(type="a.b", data="hello", datacontenttype="text/plain")).body["data"] == "hello"  # type: ignore[index]
    assert row(event(type="a.b", data=[1, 2])).body["data"] == [1, 2]  # type: ignore[index]
    source = {"table": "customers", "ts_ms": 1_700_000_000_000}
    change = {"op": "c", "before": None, "after": {"id": 7}, "source": source}
    assert (row(event(data=change)).stream, row(event(data=change)).external_id) == ("customers", "7")


def test_the_binary_form_says_the_same_as_the_structured_one() -> None:
    headers = {
        "content-type": "application/json", "ce-specversion": "1.0", "ce-id": "e1", "ce-source": "/shop",
        "ce-type": "com.acme.customer.updated", "ce-subject": "c7", "ce-time": "2026-05-01T08:00:00Z",
    }  # fmt: skip
    binary = row(item_of_headers(headers, b'{"name":"Ann"}'))
    structured = row(event(datacontenttype="application/json"))
    assert binary == structured
    spaced = item_of_headers(headers | {"ce-subject": "Gr%C3%BCn%20AG", "ce-data": "x"}, b"\xff")
    assert spaced["subject"] == "Grün AG"
    assert "data" not in spaced
    assert spaced["data_base64"] == "/w=="


def test_a_time_in_our_future_outranks_nothing() -> None:
    ahead = (NOW + timedelta(days=3_652)).isoformat()
    assert row(event(time=ahead)).updated_at == NOW


def test_long_names_find_a_short_id() -> None:
    long = event(type="a." * 240 + "updated", subject="s" * 2_000)
    assert len(row(long).stream) <= 100
    assert len(row(long).external_id) <= 500


@pytest.mark.parametrize(
    "item",
    [
        17, {}, event(specversion="0.3"), event(specversion=None), event(id=None), event(id={}),
        event(source=""),
        event(type=7.5), event(time="soon"), event(data=None, data_base64="%"),
        event(data='{"a":', datacontenttype="application/json"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_used_is_refused_with_a_reason(item: Any) -> None:
    with pytest.raises(ItemRefusedError) as refused:
        read_cloud_event(item, HERE)
    assert len(str(refused.value)) > 20
