"""Judges names and dates of birth."""

from __future__ import annotations

import re
from datetime import date

from regard.identity.normalise_dates import birth_date
from regard.quality.value_verdict import Judged, invalid, ok, suspect

_PLACEHOLDERS = frozenset({
    "test", "tester", "testing", "asdf", "qwerty", "xxx", "xx", "unknown", "unbekannt", "none", "n/a",
    "no name", "noname", "anonymous", "anonym", "dummy", "sample", "max mustermann", "john doe", "jane doe",
    "foo", "bar", "admin", "user", "customer", "kunde", "first name", "last name", "vorname", "nachname",
    "name", "-", "--", ".",
})  # fmt: skip
_FIRM = re.compile(
    r"\b(?:gmbh|ag|ltd|limited|inc|llc|corp|s\.?a\.?r\.?l|sp\.? z o\.?o|bv|plc|kg|ohg)\b\.?", re.IGNORECASE
)
_DAMAGED = re.compile("\ufffd|Ã[\u0080-\u00bf©¼¶¤Ÿ±³]|â€")
_DEFAULT_DAYS = frozenset({
    "1900-01-01", "1970-01-01", "1899-12-30", "1899-12-31", "1901-01-01", "01.01.1900", "01.01.1970",
    "01/01/1900", "01/01/1970", "01-01-1900", "01-01-1970",
})  # fmt: skip
_OLDEST, _YOUNGEST = 115, 12


def judge_name(field: str, text: str) -> Judged:
    """The verdict on a part of a person's name."""
    bare = " ".join(text.split())
    lowered = bare.lower()
    if lowered in _PLACEHOLDERS or (len(bare) > 2 and len(set(lowered)) == 1):
        return suspect(field, text, bare, "placeholder")
    if _DAMAGED.search(bare):
        return suspect(field, text, bare, "broken_characters")
    if "@" in bare and "." in bare.partition("@")[2]:
        return invalid(field, text, "name_is_mail")
    if not any(c.isalpha() for c in bare):
        return invalid(field, text, "name_has_digits" if any(c.isdigit() for c in bare) else "placeholder")
    if sum(c.isdigit() for c in bare) > 1:
        return suspect(field, text, bare, "name_has_digits")
    if _FIRM.search(bare):
        return suspect(field, text, bare, "name_of_firm")
    if len(bare.strip(".")) == 1 and field == "family_name":
        return suspect(field, text, bare, "one_letter")
    return ok(field, text, bare)


def judge_birth_date(text: str, today: date, country: str = "") -> Judged:
    """The verdict on a date of birth; the value is ISO 8601, without month and day where none is known."""
    if text.strip()[:10] in _DEFAULT_DAYS:
        return suspect("birth_date", text, text.strip()[:10], "default_date")
    digits = birth_date(text, country)
    if not digits:
        return invalid("birth_date", text, "not_a_date")
    value = "-".join(part for part in (digits[:4], digits[4:6], digits[6:]) if part.strip("0"))
    year = int(digits[:4])
    if digits > today.strftime("%Y%m%d"):
        return invalid("birth_date", text, "in_the_future")
    if year < today.year - _OLDEST:
        return invalid("birth_date", text, "too_old")
    if year > today.year - _YOUNGEST:
        return suspect("birth_date", text, value, "too_young")
    return ok("birth_date", text, value)


def judge_text(field: str, text: str) -> Judged:
    """The verdict on any other text: whether its characters survived the way."""
    if _DAMAGED.search(text):
        return suspect(field, text, text, "broken_characters")
    bare = " ".join(text.split())
    if bare.lower() in ("test", "asdf", "xxx", "n/a", "unknown"):
        return suspect(field, text, bare, "placeholder")
    return ok(field, text, bare)
