"""What Snowplow's trackers send becomes pages, orders and links between ids, whatever is wrong beside it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.snowplow_events import translate_tracked
from regard.events.envelope import Event
from regard.events.interaction_events import InteractionStated
from regard.events.record_events import RecordPatched

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ORIGIN = Origin("web", NOW, "EUR")
ECOMMERCE = "iglu:com.snowplowanalytics.snowplow.ecommerce"


def tracked(kind: str, **given: str) -> dict[str, Any]:
    return {"e": kind, "eid": "e1", "uid": "u1", "p": "web", **given}


def millis(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def described(schema: str, data: Any) -> dict[str, Any]:
    return {"schema": schema, "data": data}


def envelope(inner: Any) -> str:
    return json.dumps(described("iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0", inner))


def packed(inner: Any) -> str:
    return base64.urlsafe_b64encode(envelope(inner).encode()).decode().rstrip("=")


def told(item: dict[str, Any]) -> InteractionStated:
    body = translate_tracked(item, ORIGIN)[0].body
    assert isinstance(body, InteractionStated)
    return body


def patches(events: list[Event]) -> list[tuple[str, str, Any]]:
    return [
        (event.body.stream, event.body.external_id, event.body.fields)
        for event in events if isinstance(event.body, RecordPatched)
    ]  # fmt: skip


def test_a_page_view_is_a_page_view() -> None:
    body = told(tracked("pv", url="https://x.example/a", page="T", refr="https://r.example/"))
    assert (body.interaction, body.fields["url"], body.fields["title"]) == (
        "page_view",
        "https://x.example/a",
        "T",
    )
    assert body.properties["referrer"] == "https://r.example/"


def test_all_ids_of_a_visitor_are_stated_as_belonging_together() -> None:
    stated = patches(translate_tracked(tracked("pv", duid="d1", nuid="n1"), ORIGIN))
    assert ("users", "u1", {"user_id": "u1", "anonymous_id": ["d1"]}) in stated
    assert ("users", "u1", {"user_id": "u1", "anonymous_id": ["n1"]}) in stated
    assert ("visitors", "d1", {"anonymous_id": ["d1"]}) in stated
    assert ("visitors", "n1", {"anonymous_id": ["n1"]}) in stated
    alone = tracked("pv", duid="d1", nuid="n1", uid="")
    assert ("visitors", "d1", {"anonymous_id": ["n1"]}) in patches(translate_tracked(alone, ORIGIN))


def test_the_id_of_a_mobile_session_is_a_visitors() -> None:
    session = described(
        "iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2",
        {"userId": "m1", "sessionId": "s"},
    )
    item = {"e": "pv", "eid": "e1", "cx": packed([session])}
    assert translate_tracked(item, ORIGIN)[0].subject.external_id == "m1"


def test_an_order_and_its_lines_belong_together() -> None:
    order = told(tracked("tr", tr_id="o1", tr_tt="25.00", tr_cu="EUR", tr_tx="4"))
    assert (order.interaction, order.external_id, order.amount_minor, order.currency) == (
        "order",
        "o1",
        2500,
        "EUR",
    )
    line = told(tracked("ti", ti_id="o1", ti_sk="A", ti_nm="Cup", ti_pr="12.50", ti_qu="2", ti_cu="EUR"))
    assert (line.interaction, line.amount_minor, line.currency) == ("order_line", 2500, "EUR")
    assert line.fields == {"order": "o1", "title": "Cup", "quantity": 2}


@pytest.mark.parametrize("place", ["ue_px", "ue_pr"])
def test_a_transaction_of_the_shop_plugin_is_an_order_with_its_lines(place: str) -> None:
    action = described(f"{ECOMMERCE}/snowplow_ecommerce_action/jsonschema/1-0-2", {"type": "transaction"})
    entities = [
        described(
            f"{ECOMMERCE}/transaction/jsonschema/1-0-0",
            {"transaction_id": "o1", "revenue": 12.5, "currency": "EUR", "payment_method": "card"},
        ),
        described(
            f"{ECOMMERCE}/product/jsonschema/1-0-0", {"id": "A", "name": "Cup", "price": 12.5, "quantity": 1}
        ),
        {"schema": "no schema", "data": {}},
    ]
    given = packed(action) if place == "ue_px" else envelope(action)
    body = told(tracked("ue", co=envelope(entities)) | {place: given})
    assert (body.interaction, body.external_id, body.amount_minor) == ("order", "o1", 1250)
    assert body.fields["lines"] == [{"sku": "A", "title": "Cup", "quantity": 1, "amount": "12.5"}]


def test_other_events_are_named_by_their_schema_or_their_action() -> None:
    link = described(
        "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1", {"targetUrl": "https://x"}
    )
    assert told(tracked("ue", ue_px=packed(link))).fields["title"] == "Link click"
    assert told(tracked("se", se_ca="shop", se_ac="add")).fields["title"] == "shop add"
    bought = tracked("se", se_ca="shop", se_ac="Order Completed", se_pr="p", se_va="2")
    assert told(bought).interaction == "order"
    screen = described("iglu:com.snowplowanalytics.mobile/screen_view/jsonschema/1-0-0", {"name": "Home"})
    assert told(tracked("ue", ue_px=packed(screen))).interaction == "page_view"


@pytest.mark.parametrize(
    ("choice", "scopes", "states"),
    [
        ("accept_all", ["analytics", "advertising"], ("granted", "granted", "denied")),
        ("accept_selected", ["analytics"], ("denied", "granted", "denied")),
        ("deny_all", ["analytics"], ("denied", "denied", "denied")),
        ("pending", [], ()),
    ],
)
def test_what_was_chosen_in_a_banner_is_consent(
    choice: str, scopes: list[str], states: tuple[str, ...]
) -> None:
    chosen = described(
        "iglu:com.snowplowanalytics.snowplow/consent_preferences/jsonschema/1-0-0",
        {"eventType": choice, "consentScopes": scopes},
    )
    stated = {
        event.body.fields["purpose"]: event.body.fields["state"]
        for event in translate_tracked(tracked("ue", ue_px=packed(chosen)), ORIGIN)
        if isinstance(event.body, InteractionStated) and event.body.interaction == "consent"
    }
    assert tuple(stated[name] for name in ("marketing", "profiling", "service") if name in stated) == states


def test_a_wrong_clock_is_corrected_and_a_true_time_believed() -> None:
    ten_years = timedelta(days=3_652)
    wrong = tracked("pv", dtm=millis(NOW - ten_years - timedelta(minutes=1)), stm=millis(NOW - ten_years))
    assert translate_tracked(wrong, ORIGIN)[0].occurred_at == NOW - timedelta(minutes=1)
    true = wrong | {"ttm": millis(NOW - timedelta(days=1))}
    assert translate_tracked(true, ORIGIN)[0].occurred_at == NOW - timedelta(days=1)
    cut_to_seconds = tracked("pv", dtm=millis(NOW + timedelta(milliseconds=309)), stm=millis(NOW))
    assert translate_tracked(cut_to_seconds, ORIGIN)[0].occurred_at == NOW


def test_numbers_beyond_all_floats_inside_packed_json_keep_their_digits() -> None:
    inner = '{"schema":"iglu:com.acme/paid/jsonschema/1-0-0","data":{"card":12345678901234567890}}'
    item = tracked("ue", ue_pr=f'{{"schema":"x","data":{inner}}}')
    assert told(item).properties["card"] == "12345678901234567890"


@pytest.mark.parametrize(
    "item",
    [
        {}, {"e": "xx", "uid": "u1"}, {"e": "pv"}, {"e": "pv", "uid": " "}, tracked("ue"),
        tracked("ue", ue_px="%%%"),
        tracked("ue", ue_px=base64.b64encode(b"\xff\xfe").decode()), tracked("ue", ue_pr="[1]"),
        tracked("ue", ue_pr="{" * 5_000), tracked("ue", ue_pr='{"data":NaN}'),
        tracked("ue", ue_pr='{"data":{}}'),
        tracked("ue", ue_pr='{"data":{"a":"\\u0000"}}'), tracked("ue", ue_pr='{"data":{"a":"\\ud800"}}'),
        tracked("ue", ue_pr='{"data":' + "[" * 40 + "]" * 40 + "}"),
        tracked("ue", ue_pr='{"data":{"a":' + "9" * 5_000 + "}}"),
        tracked("pv", cx="%"), tracked("pv", dtm="soon"), tracked("se"), tracked("tr", tr_tt="a lot"),
        tracked("ti", ti_pr="x"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_used_is_refused_with_a_reason(item: dict[str, Any]) -> None:
    with pytest.raises(ItemRefusedError) as refused:
        translate_tracked(item, ORIGIN)
    assert len(str(refused.value)) > 20
