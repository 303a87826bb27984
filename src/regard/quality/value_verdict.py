"""What is thought of one value: ok, fixed, suspect or invalid, and why."""

from __future__ import annotations

from typing import Literal, NamedTuple

Verdict = Literal["ok", "fixed", "suspect", "invalid"]

REASONS: dict[str, str] = {
    "not_an_address": "it is no e-mail address",
    "mail_repaired": "written oddly; the address in it is clear",
    "mail_typo": "the domain looks like a typing error",
    "disposable_mail": "a throw-away mailbox",
    "placeholder": "a value that people type to get past a form",
    "not_a_number": "it is no telephone number",
    "number_impossible": "no telephone number there has this form",
    "number_unused": "the number lies in a range that is not in use",
    "no_country": "a national number, and no country is known",
    "number_repaired": "written oddly; the number in it is clear",
    "plus_was_lost": "the plus sign had become a space",
    "spreadsheet_number": "a spreadsheet has rounded it",
    "not_a_date": "it is no date",
    "in_the_future": "it lies in the future",
    "too_old": "nobody is that old",
    "default_date": "a date that programs fill in by themselves",
    "too_young": "a customer of this age is rare",
    "name_has_digits": "there are digits in it",
    "name_of_firm": "it reads like the name of a company",
    "name_is_mail": "an e-mail address stands where the name should",
    "one_letter": "only one letter",
    "unknown_country": "it is no country",
    "country_repaired": "another way to write the country",
    "postcode_form": "postcodes of the country have another form",
    "wrong_check_digit": "its check digit is wrong",
    "registration_repaired": "written with other signs than the register does",
    "broken_characters": "characters were damaged on the way",
    "not_a_domain": "it is no domain",
}
"""Every reason there is, as the end of a sentence about a value."""


class Judged(NamedTuple):
    """A value as it came and as it is best written; `suggestion` is what a person is asked about.

    `reason` is a key of `REASONS`, empty when there is nothing to say.
    """

    field: str
    raw: str
    value: str
    verdict: Verdict
    reason: str = ""
    suggestion: str = ""


def ok(field: str, raw: str, value: str = "") -> Judged:
    """Nothing wrong with it."""
    return Judged(field, raw, value or raw, "ok")


def fixed(field: str, raw: str, value: str, reason: str) -> Judged:
    """Its meaning is clear, it was written oddly."""
    return Judged(field, raw, value, "fixed", reason)


def suspect(field: str, raw: str, value: str, reason: str, suggestion: str = "") -> Judged:
    """It can be kept, and may well be wrong."""
    return Judged(field, raw, value or raw, "suspect", reason, suggestion)


def invalid(field: str, raw: str, reason: str, suggestion: str = "") -> Judged:
    """It cannot be what its field says."""
    return Judged(field, raw, raw, "invalid", reason, suggestion)
