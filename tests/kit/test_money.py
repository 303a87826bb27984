"""Amounts as people and systems write them."""

from __future__ import annotations

import pytest

from regard.kit.money import NotAnAmountError, to_minor, to_text


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("89.90", "EUR", 8990), ("89,90", "EUR", 8990), ("1,234.50", "USD", 123450),
        ("1.234,50", "EUR", 123450),
        ("1,234", "USD", 123400), ("0,500", "KWD", 500), ("1234", "JPY", 1234), ("1.5", "KWD", 1500),
        ("-12.00", "EUR", -1200), ("(12.00)", "USD", -1200), ("€ 12.00", "EUR", 1200), (12.345, "EUR", 1235),
        ("1 234,5", "PLN", 123450), ("12 EUR", "EUR", 1200), ("-$5.25", "USD", -525),
        ("R$ 1.234.567,8", "BRL", 123456780), ("12,50 zł", "PLN", 1250), ("1'234.50", "CHF", 123450),
        (".5", "EUR", 50), ("1e3", "EUR", 100000), ("1.234.567", "EUR", 123456700),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_its_writer_meant_it(written: str | float, currency: str, minor: int) -> None:
    assert to_minor(written, currency) == minor


@pytest.mark.parametrize(
    "written",
    [
        "",
        "free",
        "NaN",
        "Infinity",
        "1e300",
        "--5",
        "12 or 13",
        "1O0",
        "12,,5",
        "1,23,4.5",
        ".",
        "(5",
        "€",
        "1.2.3",
    ],
)
def test_what_is_no_amount_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(NotAnAmountError, match="amount"):
        to_minor(written, "EUR")


@pytest.mark.parametrize(
    ("minor", "currency", "text"), [(-1250, "EUR", "-12.50"), (5, "JPY", "5"), (5, "KWD", "0.005")]
)
def test_an_amount_is_written_with_the_places_of_its_currency(minor: int, currency: str, text: str) -> None:
    assert to_text(minor, currency) == text
