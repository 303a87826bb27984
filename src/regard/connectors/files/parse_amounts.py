"""Reads numbers and amounts of money in both decimal styles, exactly: never through floating point."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple

DecimalSign = Literal[".", ","]

_CURRENCY_SIGNS = {
    "€": "EUR", "£": "GBP", "zł": "PLN", "zl": "PLN", "r$": "BRL", "us$": "USD", "kč": "CZK", "₽": "RUB",
    "₹": "INR", "₺": "TRY", "₴": "UAH", "₪": "ILS", "₩": "KRW", "ft": "HUF", "chf": "CHF", "fr.": "CHF",
}  # fmt: skip
_SHARED_SIGNS = frozenset({"$", "¥", "kr", "kr."})
_CODES = frozenset({
    "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP",
    "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW", "KWD", "MAD", "MXN", "MYR", "NOK", "NZD", "PEN",
    "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD",
    "UYU", "VND", "ZAR",
})  # fmt: skip
_SHAPE = re.compile(
    r"(?P<before>[^\d.,+()−–-]*)(?P<sign>[+−–-]?)(?P<number>[\d.,'’\s]*\d[\d.,'’\s]*)(?P<after>[^\d]*)"
)
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_GROUPED = re.compile(r"[\s'’]")


class Amount(NamedTuple):
    """A number as exact decimal text such as `-1234.50`, and the currency written beside it, if any."""

    number: str
    currency: str | None


def parse_amount(text: str, decimal: DecimalSign) -> Amount | None:
    """The amount in a text; None when it is none. `decimal` is the column's decimal sign.

    Accepts thousands marks of any kind, "(12.00)" and "12.00-" for negative, and a currency around it.
    """
    stripped = text.strip()
    if not stripped.isascii():
        stripped = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in stripped)
    if decimal == "." and _PLAIN.fullmatch(stripped):
        return Amount(stripped, None)
    bracketed = stripped.startswith("(") and stripped.endswith(")")
    match = _SHAPE.fullmatch(stripped[1:-1].strip() if bracketed else stripped)
    if match is None:
        return None
    after = match["after"].strip()
    trailing_minus = after[:1] in ("-", "−", "–") and after != ",-" and not match["sign"]
    words = [word for word in (match["before"].strip(), after.strip("-−–").strip()) if word]
    currency = _read_currency(words)
    number = _to_plain(match["number"], decimal)
    if currency is False or number is None:
        return None
    negative = bracketed or trailing_minus or match["sign"] in ("-", "−", "–")
    return Amount(f"-{number}" if negative else number, currency or None)


def decide_decimal(texts: Iterable[str]) -> DecimalSign:
    """The decimal sign of a column, decided over all of its values; a point when in doubt."""
    points = commas = 0
    for text in texts:
        kept = "".join(c for c in text if c.isdigit() or c in ".,")
        kept = kept.strip(".,")
        point, comma = kept.rfind("."), kept.rfind(",")
        if point >= 0 and comma >= 0:
            points += point > comma
            commas += comma > point
        elif comma >= 0:
            groups = kept.count(",") > 1 or (len(kept) - comma == 4 and not kept.startswith("0"))
            points += kept.count(",") > 1
            commas += not groups
        elif point >= 0:
            groups = kept.count(".") > 1
            commas += groups
            points += not groups and len(kept) - point != 4
    return "," if commas > points else "."


def multiply(*factors: str) -> str:
    """The exact product of decimal texts."""
    product = Decimal(1)
    for factor in factors:
        product *= Decimal(factor)
    return format(product, "f")


def less_share(share: str) -> str:
    """What is left of one after a share of it, exact."""
    return format(1 - Decimal(share), "f")


def currency_code(text: str) -> str | None:
    """The ISO 4217 code that a text names, by code or by sign; None when it names none."""
    word = text.strip()
    if word.upper() in _CODES:
        return word.upper()
    return _CURRENCY_SIGNS.get(word.lower())


def _read_currency(words: list[str]) -> str | Literal[False] | None:
    """The currency in the words around a number; False when a word is none."""
    found: str | None = None
    for word in words:
        code = currency_code(word)
        if code is None and word.lower() not in _SHARED_SIGNS and word not in (",", "."):
            return False
        found = found or code
    return found


def _to_plain(number: str, decimal: DecimalSign) -> str | None:
    compact = _GROUPED.sub("", number)
    thousands = "," if decimal == "." else "."
    if compact.count(decimal) > 1:
        # Such as 1.234.567 in a column with a decimal point: only grouping explains it.
        whole = compact.split(decimal)
        if thousands in compact or any(len(group) != 3 for group in whole[1:]):
            return None
        return "".join(whole)
    compact = compact.replace(thousands, "")
    head, _, tail = compact.partition(decimal)
    if not (head or tail):
        return None
    return f"{head or '0'}.{tail}" if tail else head
