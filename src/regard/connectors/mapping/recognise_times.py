"""Whether the values of a place are times beyond doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from regard.connectors.files.parse_dates import looks_like_date

_EPOCH = re.compile(r"1[0-9]{9}(?:\.\d+)?|1[0-9]{12}|1[0-9]{15}")
_JSON_DATE = re.compile(r"/Date\(-?\d+(?:[+-]\d{4})?\)/")


def holds_times(values: Sequence[str]) -> bool:
    """Whether the values are times beyond doubt: bare small numbers are none."""
    sample = values[:100]
    fitting = sum(1 for one in sample if is_time(one))
    return bool(sample) and fitting * 5 >= len(sample) * 3


def is_time(text: str) -> bool:
    """Whether a text is a date, seconds or milliseconds of our age, or Microsoft's JSON date."""
    stripped = text.strip()
    if _EPOCH.fullmatch(stripped) or _JSON_DATE.fullmatch(stripped):
        return True
    return looks_like_date(stripped)
