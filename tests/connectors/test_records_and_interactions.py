"""What the records and interactions formats refuse, and with which words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from regard.connectors.interactions_api import translate_interaction
from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.read_values import read_time
from regard.connectors.records_api import translate_record
from regard.events.interaction_events import InteractionStated

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ORIGIN = Origin("shop", NOON, "EUR")
ANN = {"stream": "contacts", "id": "1", "kind": "person", "fields": {"full_name": "Ann"}}
ORDER = {
    "stream": "orders", "id": "1001", "type": "order", "occurred_at": "2026-05-30T10:00:00+02:00",
    "party": {"stream": "contacts", "id": 17}, "fields": {"status": "Paid", "amount": "1.234,50"},
}  # fmt: skip
MAYBE = {"purpose": "marketing", "channel": "email", "state": "maybe"}


@pytest.mark.parametrize(
    ("kind", "item", "code", "words"),
    [
        ("records", {"id": "1"}, "missing", "“stream”"),
        ("records", {"stream": "c", "kind": "person", "fields": {}}, "missing", "“id”"),
        ("records", ANN | {"kind": "animal"}, "unknown_word", "person, organisation"),
        ("records", {"stream": "c", "id": "1", "fields": {}}, "missing", "“kind”"),
        ("records", ANN | {"op": "replace"}, "unknown_word", "upsert, patch, delete"),
        ("records", ANN | {"fields": {"city": {"name": "Rome"}}}, "wrong_type", "fields.city"),
        ("records", ANN | {"fields": {"email": [["a"]]}}, "wrong_type", "fields.email"),
        ("records", ANN | {"feilds": {}}, "unknown_key", "did you mean “fields”?"),
        ("records", ANN | {"updated_at": "last week"}, "not_a_time", "updated_at"),
        ("records", ANN | {"event_id": "~x"}, "reserved", "event_id"),
        ("records", ANN | {"fields": {"organisation_ref": "5"}}, "wrong_type", "organisation_ref"),
        ("interactions", {"stream": "o", "id": "1", "type": "order"}, "missing", "occurred_at"),
        ("interactions", ORDER | {"type": "purchase"}, "unknown_word", "order_line"),
        ("interactions", ORDER | {"party": "17"}, "wrong_type", "party"),
        ("interactions", ORDER | {"fields": {"amount": "much"}}, "not_an_amount", "fields.amount"),
        ("interactions", ORDER | {"fields": {"amount": 1, "currency": "euro"}}, "currency", "EUR"),
        ("interactions", ORDER | {"fields": {"lines": ["a"]}}, "wrong_type", "fields.lines"),
        ("interactions", ORDER | {"type": "consent", "fields": MAYBE}, "unknown_word", "granted, denied"),
    ],
)  # fmt: skip
def test_a_refusal_names_what_is_wrong_and_what_to_do(
    kind: str, item: dict[str, Any], code: str, words: str
) -> None:
    translate = translate_record if kind == "records" else translate_interaction
    with pytest.raises(ItemRefusedError) as refused:
        translate(item, ORIGIN)
    assert refused.value.code == code
    assert words in str(refused.value)


def test_no_reason_repeats_a_value() -> None:
    secret = "Wilhelmine"
    wrong: list[tuple[Any, dict[str, Any]]] = [
        (translate_record, ANN | {"kind": secret}),
        (translate_record, ANN | {"op": secret}),
        (translate_record, ANN | {"updated_at": secret}),
        (translate_interaction, ORDER | {"type": secret}),
        (translate_interaction, ORDER | {"fields": {"amount": secret}}),
        (translate_interaction, ORDER | {"fields": {"amount": 1, "currency": secret}}),
        (translate_interaction, ORDER | {"occurred_at": secret}),
    ]
    for translate, item in wrong:
        with pytest.raises(ItemRefusedError) as refused:
            translate(item, ORIGIN)
        assert secret not in str(refused.value)


@pytest.mark.parametrize(
    "said",
    [
        "2026-03-04T15:06:07Z", "2026-03-04T16:06:07+01:00", "2026-03-04 15:06:07", "20260304T150607Z",
        1772636767, 1772636767.0, "1772636767", 1772636767000, 1772636767000000, "1772636767000",
    ],
)  # fmt: skip
def test_the_same_instant_is_read_from_every_usual_form(said: object) -> None:
    assert read_time(said, "at") == datetime(2026, 3, 4, 15, 6, 7, tzinfo=UTC)


def test_a_time_in_the_future_is_filed_under_the_receipt_and_kept_beside_it() -> None:
    (event,) = translate_interaction(ORDER | {"occurred_at": "2027-01-01T00:00:00Z"}, ORIGIN)
    assert event.occurred_at == NOON
    assert isinstance(event.body, InteractionStated)
    assert event.body.properties == {"occurred_at": "2027-01-01T00:00:00+00:00"}


def test_a_clock_ahead_does_not_win_for_ever() -> None:
    (ahead,) = translate_record(ANN | {"updated_at": "2031-01-01T00:00:00Z"}, ORIGIN)
    (later,) = translate_record(ANN, Origin("shop", NOON.replace(hour=13)))
    assert later.version > ahead.version


def test_lines_and_other_common_fields_keep_their_meaning() -> None:
    fields = {
        "lines": [{"sku": 7, "title": "Book", "quantity": 2, "amount": 9.5, "colour": "red"}],
        "order": 1001, "due_at": "2026-07-01", "rating": 4, "note": None,
    }  # fmt: skip
    (event,) = translate_interaction(ORDER | {"type": "invoice", "fields": fields}, ORIGIN)
    assert isinstance(event.body, InteractionStated)
    assert event.body.fields == {
        "lines": [{"sku": "7", "title": "Book", "quantity": 2, "amount": "9.5", "colour": "red"}],
        "order": "1001", "due_at": "2026-07-01T00:00:00+00:00", "rating": 4,
    }  # fmt: skip
