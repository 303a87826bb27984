"""Dates and amounts as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.connectors.files.convert_values import read_last_first, tidy_id
from regard.connectors.files.count_occurrences import OccurrenceCounter
from regard.connectors.files.parse_amounts import decide_decimal, multiply, parse_amount
from regard.connectors.files.parse_dates import DateOrder, decide_order, parse_day, parse_instant


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2024-03-14", "auto"), ("2024/3/14", "auto"), ("20240314", "auto"), ("14.03.2024", "day_first"),
        ("14/3/2024", "day_first"), ("14-03-24", "day_first"), ("3/14/2024", "month_first"),
        ("14 March 2024", "auto"),
        ("March 14, 2024", "auto"), ("14. März 2024", "auto"), ("14 marca 2024", "auto"),
        ("14 mars 2024", "auto"),
        ("14 de marzo de 2024", "auto"), ("14 de março de 2024", "auto"), ("14-Mar-2024", "auto"),
        ("Thu, 14 Mar 2024 10:00:00 +0100", "auto"), ("2024-03-14T10:00:00Z", "auto"), ("45365", "excel"),
        ("1710410400", "auto"), ("1710410400000", "auto"), ("14.03.2024 10:00", "day_first"),
        ("3/14/2024 10:00 AM", "month_first"), ("2024-03-14 10:00:00.123456", "auto"),
        ("14.03.2024 um 10:00 Uhr", "auto"),
    ],
)  # fmt: skip
def test_one_day_written_in_many_ways_is_one_day(text: str, order: DateOrder) -> None:
    assert parse_day(text, order) == date(2024, 3, 14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-07-14 10:00", datetime(2024, 7, 14, 8, tzinfo=UTC)),
        ("2024-01-14 10:00", datetime(2024, 1, 14, 9, tzinfo=UTC)),
        ("2024-07-14T10:00:00+05:30", datetime(2024, 7, 14, 4, 30, tzinfo=UTC)),
        ("14.07.2024 10:00 -0200", datetime(2024, 7, 14, 12, tzinfo=UTC)),
        ("2024-07-14T10:00:00Z", datetime(2024, 7, 14, 10, tzinfo=UTC)),
    ],
)
def test_times_without_a_zone_are_those_of_the_mapping(text: str, expected: datetime) -> None:
    assert parse_instant(text, "auto", ZoneInfo("Europe/Berlin")) == expected


@pytest.mark.parametrize(
    "text", ["31.02.2024", "2024-13-01", "tomorrow", "", "99/99/9999", "12", "0001-01-01", "9" * 400]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_instant(text, "auto", UTC) is None


def test_the_order_of_day_and_month_is_decided_over_the_whole_column() -> None:
    assert decide_order(["03/04/2024", "05/06/2024", "25/12/2024"]) == ("day_first", False)
    assert decide_order(["03/04/2024", "05/06/2024", "12/25/2024"]) == ("month_first", False)
    assert decide_order(["03/04/2024", "05/06/2024"]) == ("day_first", True)
    assert decide_order(["03/04/2024", "05/06/2024"], month_first=True) == ("month_first", True)
    assert decide_order(["45365", "45366.5"]) == ("excel", False)
    assert decide_order(["2024-03-04"]) == ("auto", False)


@pytest.mark.parametrize(
    ("text", "decimal", "number", "currency"),
    [
        ("1,234.50", ".", "1234.50", None), ("1.234,50", ",", "1234.50", None),
        ("1 234,50 zł", ",", "1234.50", "PLN"),
        ("€ 12.00", ".", "12.00", "EUR"), ("12,00 €", ",", "12.00", "EUR"), ("(12.00)", ".", "-12.00", None),
        ("12.00-", ".", "-12.00", None), ("−3", ".", "-3", None), ("-12,5", ",", "-12.5", None),
        ("1'234.50", ".", "1234.50", None), ("GBP 7.10", ".", "7.10", "GBP"), ("R$ 5,00", ",", "5.00", "BRL"),
        ("1.234.567", ".", "1234567", None), (".5", ".", "0.5", None), ("$3", ".", "3", None),
        ("٣٤", ".", "34", None), ("12345678901234567890.12", ".", "12345678901234567890.12", None),
        ("1\u00a0234,5", ",", "1234.5", None),
    ],
)  # fmt: skip
def test_amounts_are_read_exactly_in_both_decimal_styles(
    text: str, decimal: str, number: str, currency: str | None
) -> None:
    assert parse_amount(text, decimal) == (number, currency)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "abc", "12 pieces", "1.2.3", "--1", "NaN", "Infinity", "=1+1", "1e5"])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert parse_amount(text, ".") is None


def test_the_decimal_sign_is_decided_over_the_whole_column() -> None:
    assert decide_decimal(["1.234", "5,50", "7"]) == ","
    assert decide_decimal(["1,234", "5.50"]) == "."
    assert decide_decimal(["1.234,00"]) == ","
    assert decide_decimal(["1,234", "2,345"]) == "."
    assert decide_decimal(["12"]) == "."


def test_products_are_exact() -> None:
    assert multiply("0.1", "3") == "0.3"
    assert multiply("2.55", "-6") == "-15.30"


def test_ids_lose_the_fraction_that_tools_add_and_nothing_else() -> None:
    assert [tidy_id(text) for text in ("17850.0", "0017", "A1.0", "12.50", "9007199254740993.0")] == [
        "17850", "0017", "A1.0", "12.50", "9007199254740993",
    ]  # fmt: skip


def test_last_first_is_taken_apart() -> None:
    assert read_last_first("Müller, Anna Maria") == {"given_name": "Anna Maria", "family_name": "Müller"}
    assert read_last_first("Prince") == {"full_name": "Prince"}


@given(st.lists(st.sampled_from("abcdefgh"), max_size=60))
def test_occurrences_are_counted_alike_in_memory_and_on_disk(keys: list[str]) -> None:
    large, small = OccurrenceCounter(), OccurrenceCounter(held=2)
    assert [large.count(key) for key in keys] == [small.count(key) for key in keys]
    small.close()


@given(st.text(max_size=30), st.sampled_from(["auto", "day_first", "month_first", "excel"]))
def test_no_text_breaks_the_reading_of_dates_and_amounts(text: str, order: DateOrder) -> None:
    parse_instant(text, order, UTC)
    amount = parse_amount(text, ",")
    assert amount is None or multiply(amount.number, "1") is not None
