"""Judges countries and postcodes; offline one can say that a postcode is well formed, not that it exists."""

from __future__ import annotations

import re

from regard.identity.read_place_words import country_code
from regard.quality.value_verdict import Judged, fixed, invalid, ok

# The forms that the postal services of these countries publish (Universal Postal Union, addressing systems).
_FORMS: dict[str, str] = {
    "AT": r"\d{4}", "AU": r"\d{4}", "BE": r"\d{4}", "BG": r"\d{4}", "BR": r"\d{5}-?\d{3}",
    "CA": r"[A-CEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d", "CH": r"\d{4}", "CN": r"\d{6}", "CZ": r"\d{3} ?\d{2}",
    "DE": r"\d{5}", "DK": r"\d{4}", "EE": r"\d{5}", "ES": r"\d{5}", "FI": r"\d{5}", "FR": r"\d{5}",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|GIR ?0AA", "GR": r"\d{3} ?\d{2}", "HR": r"\d{5}", "HU": r"\d{4}",
    "IE": r"[A-Z]\d[\dW] ?[A-Z\d]{4}", "IN": r"\d{6}", "IT": r"\d{5}", "JP": r"\d{3}-?\d{4}", "KR": r"\d{5}",
    "LT": r"(?:LT-)?\d{5}", "LU": r"(?:L-)?\d{4}", "LV": r"(?:LV-)?\d{4}", "MX": r"\d{5}",
    "NL": r"[1-9]\d{3} ?[A-Z]{2}", "NO": r"\d{4}", "NZ": r"\d{4}", "PL": r"\d{2}-\d{3}",
    "PT": r"\d{4}-\d{3}", "RO": r"\d{6}", "RU": r"\d{6}", "SE": r"\d{3} ?\d{2}", "SI": r"\d{4}",
    "SK": r"\d{3} ?\d{2}", "TR": r"\d{5}", "UA": r"\d{5}", "US": r"\d{5}(?:-?\d{4})?", "ZA": r"\d{4}",
}  # fmt: skip
_COMPILED = {country: re.compile(form) for country, form in _FORMS.items()}


def judge_country(text: str) -> Judged:
    """The verdict on a country; the value is its ISO 3166 code."""
    code = country_code(text)
    if not code:
        return invalid("country", text, "unknown_country")
    if text.strip() == code:
        return ok("country", text, code)
    return fixed("country", text, code, "country_repaired")


def judge_postcode(text: str, country: str) -> Judged:
    """The verdict on a postcode, where the forms of its country are known."""
    form = _COMPILED.get(country)
    bare = text.strip().upper()
    if form is None or form.fullmatch(bare):
        return ok("postcode", text, bare)
    tidy = bare.removesuffix(".0").removeprefix(f"{country}-").removeprefix(f"{country} ")
    if country in ("DE", "ES", "FR", "IT", "US") and tidy.isdigit() and len(tidy) == 4:
        return fixed("postcode", text, f"0{tidy}", "spreadsheet_number")
    if country == "PL" and tidy.isdigit() and len(tidy) == 5:
        return fixed("postcode", text, f"{tidy[:2]}-{tidy[2:]}", "registration_repaired")
    return fixed("postcode", text, tidy, "registration_repaired") if form.fullmatch(tidy) else invalid(
        "postcode", text, "postcode_form"
    )  # fmt: skip
