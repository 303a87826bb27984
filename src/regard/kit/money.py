"""Money as integer minor units and a currency: no floats, no adding of apples and pears."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from regard.kit.errors import RegardError, Terminal

# ISO 4217 minor-unit exponents that are not 2.
_EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip
_LIMIT = 10**17
_GROUP = 3
_MARK = r"(?:[A-Z]{3}|[A-Z]{0,3}\$|[€£¥₹₺₽₩₴₪฿₫₦₱]|zł|kr\.?|Fr\.?|Kč|Ft|lei|лв\.?)?"
_WRITTEN = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[+-])?\s*{_MARK}\s*(?P<inner_sign>[+-])?\s*"
    rf"(?P<number>[\d.,][\d.,'’\s]*?)\s*{_MARK}\s*(?P<close>\))?"
)
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+|\d+)?(?:[.,]\d+)?\.?")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,3}")


class NotAnAmountError(RegardError, Terminal):
    """A text that should have been an amount of money is none."""

    code = "not_an_amount"
    status = 422


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: str | int | float | Decimal, currency: str) -> int:
    """Minor units of an amount in major units, rounded half up; raises `NotAnAmountError`.

    Accepts "1,234.50", "1.234,50", "1 234,5", "-12", "(12.00)", "€ 12.00", "12 EUR" and numbers.
    A single separator before exactly three digits groups thousands unless a zero stands before it.
    """
    text = str(amount).strip()
    try:
        value = Decimal(_plain(text))
    except InvalidOperation:
        raise NotAnAmountError(f"“{text[:40]}” is not an amount; write it like 1234.50") from None
    if not value.is_finite() or abs(value) >= _LIMIT:
        raise NotAnAmountError(f"“{text[:40]}” is not an amount that can be kept")
    return int((value.scaleb(exponent(currency))).to_integral_value(ROUND_HALF_UP))


def to_text(minor: int, currency: str) -> str:
    """A plain decimal text in major units, such as `-12.50`."""
    places = exponent(currency)
    return str(Decimal(minor).scaleb(-places).quantize(Decimal(1).scaleb(-places)))


def _plain(text: str) -> str:
    """The digits with one decimal point; '' (which is no number) for anything that is not an amount."""
    if _SCIENTIFIC.fullmatch(text):
        return text
    written = _WRITTEN.fullmatch(text)
    if written is None or bool(written["open"]) != bool(written["close"]):
        return ""
    if (written["sign"] and written["inner_sign"]) or not any(map(str.isdigit, written["number"])):
        return ""
    number = re.sub(r"[\s'’]", "", written["number"])
    sign = "-" if written["open"] or "-" in (written["sign"], written["inner_sign"]) else ""
    return sign + _one_point(number) if _NUMBER.fullmatch(number) else ""


def _one_point(number: str) -> str:
    if "," in number and "." in number:
        decimal = max(number.rfind(","), number.rfind("."))
    else:
        between = "," if "," in number else "."
        head, found, tail = number.rpartition(between)
        grouped = between in head or (between == "," and len(tail) == _GROUP and head not in ("", "0"))
        decimal = -1 if not found or grouped else len(head)
    whole, fraction = (number, "") if decimal < 0 else (number[:decimal], number[decimal + 1 :])
    return f"{whole.replace(',', '').replace('.', '') or '0'}.{fraction or '0'}"
