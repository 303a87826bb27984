"""Money as integer minor units and a currency: no floats, no adding of apples and pears."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from regard.kit.errors import RegardError, Terminal

# ISO 4217 minor-unit exponents that are not 2.
_EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip
_LIMIT = 10**17


class NotAnAmountError(RegardError, Terminal):
    """A text that should have been an amount of money is none."""

    code = "not_an_amount"
    status = 422


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: str | int | float | Decimal, currency: str) -> int:
    """Minor units of an amount in major units, rounded half up; raises `NotAnAmountError`.

    Accepts "1,234.50", "1.234,50", "-12", "€ 12.00" and numbers.
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
    kept = "".join(c for c in text if c in "0123456789.,-+eE")
    negative = text.startswith("(") and text.endswith(")")
    if "," in kept and "." in kept:
        kept = _one_decimal_point(kept, max(kept.rfind(","), kept.rfind(".")))
    elif "," in kept:
        head, _, tail = kept.rpartition(",")
        groups_thousands = len(tail) == 3 and head.lstrip("+-") not in ("", "0")
        kept = kept.replace(",", "") if groups_thousands else _one_decimal_point(kept, len(head))
    return "-" + kept if negative else kept


def _one_decimal_point(text: str, position: int) -> str:
    whole = text[:position].replace(",", "").replace(".", "")
    return whole + "." + text[position + 1 :]
