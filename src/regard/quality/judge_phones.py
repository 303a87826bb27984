"""Judges telephone numbers by the numbering plans that `phonenumbers` knows."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberMatcher

from regard.quality.value_verdict import Judged, fixed, invalid, ok, suspect

_LOST_PLUS = re.compile(r"^ (?=[1-9]\d{7,14}$)")
_SCIENTIFIC = re.compile(r"\d[.,]\d+[eE]\+?\d+")
_LABEL = re.compile(r"^[^\d+(]{1,20}[:.]\s*")
_LETTER_O = re.compile(r"(?<=[\d ])[oO](?=[\d ])")
_LEAST_DIGITS = 6


def judge_phone(text: str, country: str = "") -> Judged:
    """The verdict on a number; the value is E.164 when the country is known."""
    if _SCIENTIFIC.fullmatch(text.strip()):
        return invalid("phone", text, "spreadsheet_number")
    lost = _LOST_PLUS.sub("+", text)
    bare = _LETTER_O.sub("0", _LABEL.sub("", unicodedata.normalize("NFKC", lost).strip()))
    digits = [c for c in bare if c.isdigit()]
    if len(digits) < _LEAST_DIGITS:
        return invalid("phone", text, "not_a_number")
    if len(set(digits)) <= 2 and len(set(digits[1:])) == 1:
        return suspect("phone", text, "", "placeholder")
    number = _parse(bare, country)
    if number is None:
        known = country or bare.startswith(("+", "00"))
        return invalid("phone", text, "not_a_number") if known else suspect("phone", text, "", "no_country")
    value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if not phonenumbers.is_valid_number(number):
        # A valid number is a possible one.
        if not phonenumbers.is_possible_number(number):
            return invalid("phone", text, "number_impossible")
        return suspect("phone", text, value, "number_unused")
    if lost != text:
        return fixed("phone", text, value, "plus_was_lost")
    repaired = bare != unicodedata.normalize("NFKC", text).strip()
    return fixed("phone", text, value, "number_repaired") if repaired else ok("phone", text, value)


def _parse(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country or None)
    except NumberParseException:
        if not country and "+" not in text:
            return None  # what the search would end with: a number that says no country has none
        found = next(iter(PhoneNumberMatcher(text, country or "ZZ")), None)
        return found.number if found else None
