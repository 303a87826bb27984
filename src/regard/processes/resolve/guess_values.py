"""What columns without a header hold, by their values alone: a guess for a person to look over."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from regard.connectors.files.recognise_columns import ColumnFacts
from regard.identity.normalise_dates import birth_date
from regard.identity.normalise_words import sex_of

_MOST = 0.8
_HALF = 0.5
_LOOKED_AT = 200
_NUMBERED = re.compile(r"Column \d+")
_POSTCODE = re.compile(
    r"\d{4,6}(?:-\d{3,4})?|\d{2}-\d{3}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{4} ?[A-Z]{2}", re.IGNORECASE
)
_STREET = re.compile(r"\d{1,5}[a-z]? [^\W\d].*|[^\W\d].* \d{1,5} ?[a-z]?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’. -][^\W\d_]+)?\.?")
_FEWEST_DIFFERENT = 0.2


def is_numbered(facts: ColumnFacts) -> bool:
    """Whether the column has no name of its own."""
    return _NUMBERED.fullmatch(facts.name) is not None


def guess_numbered(facts: Sequence[ColumnFacts]) -> dict[str, str]:
    """Column -> type, for those columns without a name whose values tell."""
    found: dict[str, str] = {}
    for column in facts:
        if is_numbered(column) and (type_ := _by_values(column)):
            found[column.name] = type_
    at = next((at for at, column in enumerate(facts) if found.get(column.name) == "given_name"), None)
    if at is not None:
        # The family name stands behind the given name, or before it.
        beside = (*facts[at + 1 : at + 2], *facts[max(0, at - 1) : at])
        free = [column for column in beside if column.name not in found and is_numbered(column)]
        found |= {column.name: "family_name" for column in [one for one in free if _is_family(one)][:1]}
    return found


def _is_family(column: ColumnFacts) -> bool:
    return _share(column, _WORD.fullmatch) >= _MOST and column.distinct >= _FEWEST_DIFFERENT


def _by_values(column: ColumnFacts) -> str:
    if not column.values:
        return ""
    if _share(column, lambda text: bool(sex_of(text)) and not text.isdigit()) >= _MOST:
        return "sex"
    if column.emails >= _MOST:
        return "email"
    if column.dates >= _MOST and _share(column, birth_date) >= _MOST:
        return "birth_date"
    if column.phones >= _MOST:
        return "phone"
    if _share(column, _POSTCODE.fullmatch) >= _MOST and column.distinct < 1:
        return "postcode"
    if column.given_names >= _HALF:
        words = _share(column, lambda text: len(text.split()) > 1)
        return "full_name" if words >= _HALF else "given_name"
    return "street" if _share(column, _STREET.fullmatch) >= _MOST else ""


def _share(column: ColumnFacts, test: Callable[[str], object]) -> float:
    values = column.values[:_LOOKED_AT]
    return sum(1 for value in values if test(value)) / len(values) if values else 0.0
