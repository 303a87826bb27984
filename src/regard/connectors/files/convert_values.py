"""Converts the values of mapped columns as their fields want them, or says what is wrong with one."""

from __future__ import annotations

import re
from datetime import tzinfo

from regard.connectors.files.describe_mapping import Reading
from regard.connectors.files.describe_table import Cell, shorten
from regard.connectors.files.load_fields import FieldKind, load_fields
from regard.connectors.files.parse_amounts import Amount, currency_code, multiply, parse_amount
from regard.connectors.files.parse_dates import parse_day, parse_instant
from regard.connectors.files.recognise_columns import is_empty, normalise_words

_WHOLE_AS_FRACTION = re.compile(r"(-?\d+)\.0+")
# For names and texts only what no person is called or writes: there are people called Null and Na.
_EMPTY_TEXTS = frozenset({"", "NULL", "null", "\\N", "N/A", "n/a", "#N/A", "NaN", "nan", "-", "--", "—"})
_SEPARATORS = {
    "email": re.compile(r"[;,\s]+"),
    "phone": re.compile(r"\s*;\s*"),
    "tags": re.compile(r"\s*[;,]\s*"),
}


class RejectedValueError(Exception):
    """A row cannot become an event: the column, a code for machines, the problem and its remedy in words."""

    def __init__(self, column: str | None, code: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column
        self.code = code
        self.problem = problem


def tidy_id(text: str) -> str:
    """An id without the `.0` that tools append when a column of whole numbers has gaps."""
    stripped = text.strip()
    match = _WHOLE_AS_FRACTION.fullmatch(stripped)
    return match[1] if match else stripped


def filled_text(cell: Cell, kind: FieldKind = "text") -> str | None:
    """The text of a cell, or None when it means "nothing here"."""
    text = (cell if isinstance(cell, str) else ", ".join(cell)).strip()
    if kind in ("text", "name"):
        return None if text in _EMPTY_TEXTS else text
    return None if is_empty(text) else text


def split_values(cell: Cell, field: str, kind: FieldKind) -> list[str]:
    """The values of a field that holds several."""
    separator = _SEPARATORS.get(kind) or _SEPARATORS.get(field)
    texts = [cell] if isinstance(cell, str) else cell
    parts = [
        part for text in texts for part in (separator.split(text.strip()) if separator else [text.strip()])
    ]
    if kind == "email" and sum("@" in part for part in parts) < 2:
        parts = [text.strip() for text in texts]
    return [part for part in parts if part and not is_empty(part)]


def read_instant(text: str, column: str, reading: Reading, zone: tzinfo) -> str:
    """A time in UTC, ISO 8601."""
    at = parse_instant(text, reading.date or "auto", zone)
    if at is None:
        raise RejectedValueError(column, "not_a_date", _date_problem(text, reading))
    return at.isoformat()


def read_day(text: str, column: str, reading: Reading) -> str:
    """A calendar day, ISO 8601."""
    day = parse_day(text, reading.date or "auto")
    if day is None:
        raise RejectedValueError(column, "not_a_date", _date_problem(text, reading))
    return day.isoformat()


def read_number(text: str, column: str, reading: Reading, code: str = "not_a_number") -> Amount:
    """An exact number, and the currency written beside it."""
    amount = parse_amount(text, reading.decimal or ".")
    if amount is None:
        sign = "comma" if reading.decimal == "," else "point"
        raise RejectedValueError(
            column, code,
            f"“{shorten(text)}” is not a number with a decimal {sign}; correct it, or map the column"
            " to nothing to keep it as text",
        )  # fmt: skip
    return amount


def read_share(text: str, column: str, reading: Reading) -> str:
    """A discount between 0 and 1, from `0.15`, `15 %` or `15`."""
    number = read_number(text.rstrip("% "), column, reading).number
    return multiply(number, "0.01") if "%" in text or not -1 <= float(number) <= 1 else number


def read_currency(text: str, column: str) -> str:
    """An ISO 4217 code."""
    code = currency_code(text)
    if code is None and len(text) == 3 and text.isascii() and text.isalpha():
        code = text.upper()
    if code is None:
        raise RejectedValueError(
            column, "not_a_currency", f"“{shorten(text)}” is not a currency; write three letters such as EUR"
        )
    return code


def read_state(text: str, column: str) -> str:
    """`granted` or `denied`."""
    state = load_fields().states.get(normalise_words(text))
    if state is None:
        raise RejectedValueError(
            column, "not_a_consent", f"“{shorten(text)}” says neither yes nor no; write granted or denied"
        )
    return state


def read_status(text: str) -> str:
    """The canonical word of a known status, any other as it is in lower case."""
    return load_fields().statuses.get(normalise_words(text), text.strip().lower())


def read_last_first(text: str) -> dict[str, str]:
    """Given and family name out of “Last, First”; a name without its comma stays a full name."""
    family, comma, given = text.partition(",")
    if not comma or not given.strip() or not family.strip():
        return {"full_name": text.strip(" ,")}
    return {"given_name": given.strip(), "family_name": family.strip()}


def _date_problem(text: str, reading: Reading) -> str:
    order = {"day_first": "day, month, year", "month_first": "month, day, year", "excel": "spreadsheet days"}
    read_as = f" (the column is read as {order[reading.date]})" if reading.date in order else ""
    return (
        f"“{shorten(text)}” is not a date{read_as}; write it like 2026-03-04, or set the order of the column"
    )
