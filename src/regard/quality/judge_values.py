"""Judges the values of a record, field by field. Pure; the same value gives the same verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from regard.events.record_events import FieldValue
from regard.identity.read_place_words import country_code
from regard.quality.judge_emails import judge_email
from regard.quality.judge_numbers import judge_domain, judge_government_id, judge_tax_id
from regard.quality.judge_people import judge_birth_date, judge_name, judge_text
from regard.quality.judge_phones import judge_phone
from regard.quality.judge_places import judge_country, judge_postcode
from regard.quality.value_verdict import Judged

NAMES = frozenset({"full_name", "given_name", "middle_name", "family_name"})
TEXTS = frozenset({"name", "street", "city", "job_title", "organisation"})
JUDGED = frozenset({
    "email", "phone", "birth_date", "country", "postcode", "tax_id", "government_id", "domain",
}) | NAMES | TEXTS  # fmt: skip
"""The fields that have rules; of all others only whether they are filled is counted."""


def judge_value(field: str, value: str, country: str, today: date) -> Judged:
    """The verdict on one value; `country` is ISO 3166, or empty when none is known."""
    return _judge(field, value, country, today)


def judge_fields(
    fields: Mapping[str, FieldValue | None], country: str, today: date
) -> list[Judged]:
    """The verdicts on all judged values of a record; its own country goes before that of its source."""
    stated = fields.get("country")
    home = (country_code(stated) if isinstance(stated, str) else "") or country
    found: list[Judged] = []
    for name in sorted(fields):
        if name in JUDGED:
            found += [_judge(name, text, issuer or home, today) for text, issuer in _texts(fields[name])]
    return found


def _texts(value: FieldValue | None) -> Sequence[tuple[str, str]]:
    if isinstance(value, str):
        return [(value, "")] if value.strip() else []
    if isinstance(value, list):
        return [(one, "") for one in value if one.strip()]
    if isinstance(value, dict) and value.get("value"):
        return [(value["value"], value.get("issuer", ""))]
    return []


def _judge(field: str, text: str, country: str, today: date) -> Judged:
    if field == "birth_date":
        return _judge_born(text, today, country)
    return _judge_any_day(field, text, country)


@lru_cache(maxsize=20_000)
def _judge_born(text: str, today: date, country: str) -> Judged:
    return judge_birth_date(text, today, country)


@lru_cache(maxsize=100_000)
def _judge_any_day(field: str, text: str, country: str) -> Judged:
    if field in NAMES:
        return judge_name(field, text)
    rule = _RULES.get(field)
    return rule(text, country) if rule else judge_text(field, text)


_RULES: dict[str, Callable[[str, str], Judged]] = {
    "email": lambda text, _: judge_email(text),
    "phone": judge_phone,
    "country": lambda text, _: judge_country(text),
    "postcode": judge_postcode,
    "tax_id": judge_tax_id,
    "government_id": judge_government_id,
    "domain": lambda text, _: judge_domain(text),
}
